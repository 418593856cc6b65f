"""A client for the Marketing Cloud SOAP API."""
