"""The days of a log: its purchases as arrays, calendar periods, horizons, and when inner holdouts begin."""
