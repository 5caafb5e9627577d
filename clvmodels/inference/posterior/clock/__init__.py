"""The likelihood of purchase models on a clock, with exact derivatives."""
