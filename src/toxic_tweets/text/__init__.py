"""What a text is: made fit for a model, and cut into windows."""
