"""Which activity each customer gets."""
