"""Models of how much customers spend a purchase."""
