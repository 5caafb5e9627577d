"""What customers are worth for those whom they bring."""
