"""What several commands do: read a log, fit or load models, score customers, each with what it prints."""
