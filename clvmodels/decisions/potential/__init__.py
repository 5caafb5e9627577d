"""What customers are worth, and what they could be."""
