"""Customers who stay where their log is: a summary that an engine holds, and what is pulled from it."""
