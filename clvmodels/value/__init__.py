"""Predictions become money and risk."""
