"""Value per customer by calendar period: what came in, what it cost, and what is left."""
