"""What the training of every model uses."""
