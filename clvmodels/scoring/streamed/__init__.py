"""Scores of logs and bases that are larger than memory, part by part, into files that are complete or absent."""
