"""One reader per dataset, the label mapping of each, and the split."""
