"""What weights are: checkpoints, the backends that run them, and where they come from."""
