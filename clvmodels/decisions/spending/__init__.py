"""How much to spend on winning and on keeping customers."""
