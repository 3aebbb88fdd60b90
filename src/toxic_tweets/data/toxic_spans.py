"""Toxic Spans (SemEval-2021 Task 5): which characters of a toxic comment are toxic."""

from __future__ import annotations

import json
from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import Row, find_file, parse_split, read_rows
from toxic_tweets.data.dataset import Dataset, Places
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="SemEval-2021 Task 5: Toxic Spans Detection",
    url="https://github.com/ipavlopoulos/toxic_spans",
    licence="CC0",
    rules=(
        Rule(
            "`spans` with characters",
            "toxic 1, all others NaN; these places are toxic",
            "the texts were found toxic by people, and at least two saw where",
        ),
        Rule(
            "empty `spans`",
            "all NaN; no place is toxic",
            "found toxic, but no place of it: of the text as a whole neither sign can be trusted",
        ),
    ),
)
SPLITS = ("train", "trial", "test")


def read(path: Path, split: str = "train+trial") -> Dataset:
    """Read `tsd_train.csv` and its sisters.

    Args:
        path: the folder, or one of its files.
        split: which files of the folder, joined by `+`.

    Raises:
        DataError: a file is missing or malformed, or the split is unknown.
    """
    parts = parse_split(split, SPLITS)
    files = [path] if path.is_file() else [find_file(path, f"tsd_{part}.csv") for part in parts]
    collector = Collector("toxic_spans", TOXICITY_NAMES)
    for file in files:
        for row in read_rows(file, ("spans", "text")):
            text = row.text("text")
            spans = _join(_toxic_characters(row))
            collector.add(text, {"toxic": 1.0} if spans else {}, spans=spans)
    return collector.make_dataset()


def _toxic_characters(row: Row) -> list[int]:
    try:
        places = json.loads(row.values["spans"])
    except ValueError:
        places = None
    size = len(row.values["text"])
    if not isinstance(places, list) or not all(
        type(place) is int and 0 <= place < size for place in places
    ):
        raise row.error("spans", "expected a list of character offsets in the text. Correct it.")
    return places


def _join(places: list[int]) -> Places:
    """Join character offsets that follow each other into spans."""
    spans: list[tuple[int, int]] = []
    for place in sorted(set(places)):
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return tuple(spans)
