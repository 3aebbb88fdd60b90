"""Perspective scores: Wikipedia comments with what the Perspective API said of them in 2018."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

# Of two models behind one attribute the later one is taken.
ATTRIBUTES = MappingProxyType(
    {
        "TOXICITY@6": "perspective:TOXICITY",
        "SEVERE_TOXICITY@2": "perspective:SEVERE_TOXICITY",
        "IDENTITY_ATTACK": "perspective:IDENTITY_ATTACK",
        "INSULT": "perspective:INSULT",
        "PROFANITY": "perspective:PROFANITY",
        "THREAT": "perspective:THREAT",
        "SEXUALLY_EXPLICIT": "perspective:SEXUALLY_EXPLICIT",
    }
)
MAPPING = SourceCard(
    title="Wikipedia comments with scores of the Perspective API (2018)",
    url="https://github.com/conversationai/perspectiveapi",
    licence="Apache-2.0",
    rules=(
        *(
            Rule(f"`{column}`", f"{label}, as it is", "a score on the scale of that API")
            for column, label in ATTRIBUTES.items()
        ),
        Rule("an empty cell", "NaN", "no score was recorded"),
        Rule("other attributes", "not read", "no part of the API that is served here"),
        Rule(
            "(nothing)",
            "all six NaN",
            "nobody annotated these texts; a model's score is not a person's judgement",
        ),
    ),
)
LABELS = (*TOXICITY_NAMES, *ATTRIBUTES.values())


def read(path: Path) -> Dataset:
    """Read `scores.csv`, given by its own path or that of its folder.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("perspective_scores", LABELS)
    columns = ("id", "comment_text", *ATTRIBUTES)
    for row in read_rows(find_file(path, "scores.csv"), columns):
        targets = {
            label: row.number(column, 0, 1)
            for column, label in ATTRIBUTES.items()
            if row.values[column].strip()
        }
        collector.add(row.text("comment_text"), targets, name=row.values["id"])
    return collector.make_dataset()
