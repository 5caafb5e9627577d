"""Customers and a model become a fit, and a fit predicts."""
