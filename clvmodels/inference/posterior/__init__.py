"""Likelihood, priors, the search for the mode, and draws around it."""
