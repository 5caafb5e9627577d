"""What a report says, computed once: from a log, or from fits, to a `Study`."""
