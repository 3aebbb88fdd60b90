"""What the page shows: one file per view, each with a function `show`."""
