"""Customers in segments: tiers, scores, groups, and what is known of them."""
