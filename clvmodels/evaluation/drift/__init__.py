"""Does what was fitted still hold? What has come since the fit beside what the fit expected."""
