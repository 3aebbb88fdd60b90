"""Scoring whole files: in blocks, on all cores or on a Ray cluster, stoppable at any point."""
