"""Scores made where the summary is: on the workers of Spark, or batch by batch."""
