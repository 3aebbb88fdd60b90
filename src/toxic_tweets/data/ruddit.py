"""Ruddit: Reddit comments with a degree of offensiveness from -1 to 1."""

from __future__ import annotations

from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="Ruddit (Hada et al., 2021)",
    url="https://github.com/hadarishav/Ruddit",
    licence="MIT",
    rules=(
        Rule(
            "`offensiveness_score` >= 0.4",
            "toxic 1, all others NaN",
            "clearly above most comments; the score is a rank by best-worst scaling, so it is no "
            "fraction of people and its ends alone are taken",
        ),
        Rule(
            "`offensiveness_score` <= 0",
            "toxic 0, all others NaN",
            "in the less offensive half of comments that were chosen for being emotional",
        ),
        Rule("`offensiveness_score` between", "the row is dropped", "no side can be told"),
        Rule(
            "text [deleted] or [removed]",
            "the row is dropped",
            "a placeholder of the site; the score belongs to a text that is gone",
        ),
    ),
)
TOXIC_FROM = 0.4
CLEAN_UP_TO = 0.0
_PLACEHOLDERS = ("[deleted]", "[removed]")


def read(path: Path) -> Dataset:
    """Read `ruddit.csv`.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("ruddit", TOXICITY_NAMES)
    columns = ("comment_id", "txt", "offensiveness_score")
    for row in read_rows(find_file(path, "ruddit.csv"), columns):
        text, score = row.text("txt"), row.number("offensiveness_score", -1, 1)
        if text.strip() in _PLACEHOLDERS:
            collector.drop("placeholders of deleted texts")
        elif CLEAN_UP_TO < score < TOXIC_FROM:
            collector.drop(f"offensiveness_score between {CLEAN_UP_TO:g} and {TOXIC_FROM:g}")
        else:
            targets = {"toxic": float(score >= TOXIC_FROM)}
            collector.add(text, targets, name=row.values["comment_id"])
    return collector.make_dataset()
