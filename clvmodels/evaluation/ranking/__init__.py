"""The order of customers, learned on inner holdouts."""
