"""The texts that a visitor finds there, all written for the purpose and mild."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

ONE = "Thanks for nothing, you clumsy fool. I hope your cat is well, though."
FEW = """\
Thank you so much for explaining this, you made my day 🌻
I disagree with your edit, but I can see why you made it.
This film killed me, I laughed until my face hurt 😂
The train was late again, third time this week.
That is a stupid idea and you know it.
Shut up, you fool. Nobody asked you."""

_HERE = Path(__file__).resolve()
# In a wheel the file lies beside this one (see pyproject.toml), in a clone it is an example.
_PLACES = (_HERE.with_name("tweets.csv"), _HERE.parents[3] / "examples" / "tweets.csv")


@cache
def read_sample_tweets() -> tuple[str, ...]:
    """Return the sample tweets; where the file is missing, a few lines instead."""
    for place in _PLACES:
        if place.is_file():
            with place.open(encoding="utf-8", newline="") as file:
                return tuple(row["text"] for row in csv.DictReader(file))
    return tuple(FEW.splitlines())
