"""An emulator of the Marketing Cloud SOAP API."""
