"""Fine-tuning: from labelled texts to a checkpoint."""
