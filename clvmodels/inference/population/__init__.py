"""Whom to predict: rows, weights and each row's parameters."""
