"""The summary as one SELECT, made from the chain that `summarize` runs."""
