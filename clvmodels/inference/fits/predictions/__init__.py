"""What can be asked of each kind of fitted model."""
