"""Context toxicity: Wikipedia talk comments with and without their parent, labelled by a crowd."""

from __future__ import annotations

from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, parse_split, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="Toxicity Detection: Does Context Really Matter? (Pavlopoulos et al., 2020)",
    url="https://github.com/ipavlopoulos/context_toxicity",
    licence="Apache-2.0",
    rules=(
        Rule(
            "`label` 1",
            "toxic 1, all others NaN",
            "annotators were asked for toxicity alone; a toxic text may carry any other label",
        ),
        Rule(
            "`label` 0",
            "all six 0",
            "the other labels are kinds of toxicity: of Jigsaw's natural rows that are not toxic, "
            "0.6 % carry one",
        ),
        Rule(
            "`api`",
            "perspective:TOXICITY, as it is",
            "a score of the Perspective API, on its scale of rater fractions, not on ours",
        ),
    ),
)
SPLITS = ("gc", "gn")
LABELS = (*TOXICITY_NAMES, "perspective:TOXICITY")


def read(path: Path, split: str = "gc+gn") -> Dataset:
    """Read the comments shown to the crowd with parent (`gc`) and without (`gn`).

    Args:
        path: the folder, or one of its files.
        split: which files of the folder.

    Raises:
        DataError: a file is missing or malformed.
    """
    collector = Collector("context_toxicity", LABELS)
    parts = parse_split(split, SPLITS)
    files = [path] if path.is_file() else [find_file(path, f"{part}.csv") for part in parts]
    for file in files:
        for row in read_rows(file, ("id", "text", "label", "api")):
            targets = {"perspective:TOXICITY": row.number("api", 0, 1)}
            if row.choice("label", ("0", "1")) == "1":
                targets["toxic"] = 1.0
            else:
                targets |= dict.fromkeys(TOXICITY_NAMES, 0.0)
            collector.add(row.text("text"), targets, name=row.values["id"])
    return collector.make_dataset()
