"""EDOS (SemEval-2023 Task 10): sexism in posts from Gab and Reddit."""

from __future__ import annotations

from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, parse_split, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="SemEval-2023 Task 10: Explainable Detection of Online Sexism",
    url="https://github.com/rewire-online/edos",
    licence="CC0",
    rules=(
        Rule(
            "`label_sexist` sexist",
            "toxic 1, identity_hate 1, others NaN",
            "abuse or negative sentiment directed at women because they are women",
        ),
        Rule(
            "`label_category` 1. threats, plans to harm and incitement",
            "threat NaN",
            "holds incitement and support of harm too, which Jigsaw's threat does not",
        ),
        Rule(
            "`label_sexist` not sexist",
            "identity_hate 0, all others NaN",
            "the posts come from places of much abuse; only sexism was asked for",
        ),
    ),
)
SPLITS = ("train", "dev", "test")
_COLUMNS = ("rewire_id", "text", "label_sexist", "split")


def read(path: Path, split: str = "train+dev") -> Dataset:
    """Read `edos_labelled_aggregated.csv`; rows of other splits are left out.

    Raises:
        DataError: the file is missing or malformed, or the split is unknown.
    """
    parts = parse_split(split, SPLITS)
    collector = Collector("edos", TOXICITY_NAMES)
    for row in read_rows(find_file(path, "edos_labelled_aggregated.csv"), _COLUMNS):
        sexist = row.choice("label_sexist", ("sexist", "not sexist")) == "sexist"
        text = row.text("text")
        if row.choice("split", SPLITS) not in parts:
            collector.drop("rows of another split")
            continue
        targets = {"toxic": 1.0, "identity_hate": 1.0} if sexist else {"identity_hate": 0.0}
        collector.add(text, targets, name=row.values["rewire_id"])
    return collector.make_dataset()
