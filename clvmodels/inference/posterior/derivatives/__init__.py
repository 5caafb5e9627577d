"""Exact derivatives of likelihoods: jets, and the chain rule from what they differentiate to coefficients."""
