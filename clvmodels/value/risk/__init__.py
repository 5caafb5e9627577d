"""Risks of customers beside what they are worth."""
