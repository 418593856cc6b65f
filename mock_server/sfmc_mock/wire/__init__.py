"""The schema of the service, and the reading and writing of its XML."""
