"""When customers will buy next, who is overdue, and at what stage they are."""
