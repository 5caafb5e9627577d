"""A summary that goes on: the state of each customer, to which new lines are added."""
