"""Customers under contract: renewals made, and who has left."""
