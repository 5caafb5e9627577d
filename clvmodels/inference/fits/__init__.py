"""Fits and what can be asked of them."""
