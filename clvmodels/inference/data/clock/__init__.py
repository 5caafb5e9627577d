"""The clock of a calendar: its coefficients, its days, and what it shows."""
