"""`Forecast`: its numbers and ranges, in words, and as a file."""
