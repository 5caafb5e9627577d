"""What was known of customers on a day, and what came next."""
