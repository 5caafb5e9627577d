"""A log, and how it is read."""
