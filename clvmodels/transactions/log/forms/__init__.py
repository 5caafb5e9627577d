"""Forms in which logs write dates and amounts: told apart by all lines, read by one definition, or refused in words."""
