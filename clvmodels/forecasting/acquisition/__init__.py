"""New customers still to come: how many a period, and what they bring."""
