"""One table of scores: what each customer has done, will do, and is worth."""
