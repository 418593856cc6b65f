"""The declarations of API objects: their properties, and all generic behaviour that follows from them."""
