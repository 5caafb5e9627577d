"""What activities do: from tests, from models, and how well a rule did."""
