"""HatemojiBuild: emoji-based hate, each text with a contrast that changes the label."""

from __future__ import annotations

from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, parse_split, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="HatemojiBuild (Kirk et al., 2022)",
    url="https://github.com/HannahKirk/Hatemoji",
    licence="CC BY 4.0",
    rules=(
        Rule(
            "`label_gold` 1",
            "toxic 1, identity_hate 1, others NaN",
            "hate against a protected group; hate is toxic",
        ),
        Rule(
            "`label_gold` 0",
            "identity_hate 0, all others NaN",
            "not hateful, though often rude: abuse of a person is labelled 0 there",
        ),
    ),
)
SPLITS = ("train", "validation", "test")


def read(path: Path, split: str = "train") -> Dataset:
    """Read `build_train.csv` and its sisters.

    Args:
        path: the folder, or one of its files.
        split: which files of the folder, joined by `+`.

    Raises:
        DataError: a file is missing or malformed, or the split is unknown.
    """
    parts = parse_split(split, SPLITS)
    files = [path] if path.is_file() else [find_file(path, f"build_{part}.csv") for part in parts]
    collector = Collector("hatemoji", TOXICITY_NAMES)
    for file in files:
        for row in read_rows(file, ("entry_id", "text", "label_gold")):
            hate = row.choice("label_gold", ("0", "1")) == "1"
            targets = {"toxic": 1.0, "identity_hate": 1.0} if hate else {"identity_hate": 0.0}
            collector.add(row.text("text"), targets, name=row.values["entry_id"])
    return collector.make_dataset()
