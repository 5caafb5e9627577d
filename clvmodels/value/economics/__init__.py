"""What a new customer is worth beside what winning one costs."""
