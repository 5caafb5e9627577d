"""What a model sees of customers: histories, covariates, calendars."""
