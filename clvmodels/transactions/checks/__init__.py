"""What in a customer base doesn't fit the models: a finding for each thing that can be wrong."""
