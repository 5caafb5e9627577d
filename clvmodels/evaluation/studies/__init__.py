"""Tables of accuracy over the logs in data."""
