"""Whom to choose for which activity under a budget, and how sure the profit is."""
