"""Forecasts of the whole base: totals by period whose ranges come from how far earlier forecasts were off."""
