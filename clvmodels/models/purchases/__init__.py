"""Models of when customers buy."""
