"""How good a checkpoint is, and for whom: measured, with intervals, in one report."""
