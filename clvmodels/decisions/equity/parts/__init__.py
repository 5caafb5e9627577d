"""What equity is made of: conditions, today's customers, who is still to come, and what they bring."""
