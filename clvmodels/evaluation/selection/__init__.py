"""Which of several models of the same customers to use."""
