"""Which column of a log is what: as given, or guessed from its name, and what the values say of the guess."""
