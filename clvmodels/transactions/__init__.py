"""A transaction log becomes customers."""
