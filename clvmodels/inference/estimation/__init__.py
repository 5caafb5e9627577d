"""Ways to fit a model."""
