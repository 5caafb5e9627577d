"""Options of the commands and what they mean: their values, groups that commands share, and columns of the log."""
