"""Customers whose purchases follow a clock."""
