"""From arguments and options to customers and models."""
