"""Rules: which models forecast, what is spent, and how the same did at earlier dates."""
