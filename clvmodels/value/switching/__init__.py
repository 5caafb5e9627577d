"""Which brand or plan customers choose next, and what that is worth."""
