"""Models of how many times customers renew."""
