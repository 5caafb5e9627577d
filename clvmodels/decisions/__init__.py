"""Whom to invest in, how much, with what return: what follows from value, risk and forecasts."""
