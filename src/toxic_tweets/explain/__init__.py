"""Which words did it."""
