"""ParaDetox: toxic sentences with up to three neutral rewrites, which are contrast pairs."""

from __future__ import annotations

from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="ParaDetox (Logacheva et al., 2022)",
    url="https://github.com/s-nlp/paradetox",
    licence="CC0",
    rules=(
        Rule(
            "`toxic`",
            "toxic 1, all others NaN",
            "chosen as toxic and confirmed by people; the kind is not said",
        ),
        Rule(
            "`neutral1` to `neutral3`, where not empty",
            "all six 0",
            "rewritten to hold no toxicity and checked for it by people",
        ),
    ),
)
_NEUTRAL = ("neutral1", "neutral2", "neutral3")


def read(path: Path) -> Dataset:
    """Read `paradetox.csv`; a row gives one toxic text and up to three neutral ones.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("paradetox", TOXICITY_NAMES)
    for row in read_rows(find_file(path, "paradetox.csv"), ("toxic", *_NEUTRAL)):
        collector.add(row.text("toxic"), {"toxic": 1.0}, name=f"{row.row}:toxic")
        for column in _NEUTRAL:
            if row.values[column].strip():
                targets = dict.fromkeys(TOXICITY_NAMES, 0.0)
                collector.add(row.values[column], targets, name=f"{row.row}:{column}")
    return collector.make_dataset()
