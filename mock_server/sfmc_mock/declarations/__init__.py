"""What API objects are declared with: their properties, and everything generic that follows from them."""
