"""A log becomes customers: recency, frequency and monetary value."""
