"""Fits as models of MLflow."""
