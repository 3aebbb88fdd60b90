"""Social Bias Frames: posts with the share of annotators who found them offensive."""

from __future__ import annotations

import html
from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="Social Bias Frames (Sap et al., 2020), aggregated",
    url="https://maartensap.com/social-bias-frames/",
    licence="CC BY 4.0",
    rules=(
        Rule(
            "`offensiveYN`, mean over the rows of a post",
            "toxic, as a fraction",
            "'could be considered offensive to anyone' is close to what makes people leave",
        ),
        Rule("an empty `offensiveYN`", "the row is dropped", "nobody answered"),
        Rule(
            "`intentYN`, `sexYN`, `targetCategory`",
            "not read: all others NaN",
            "intent, lewdness and implied stereotypes are none of the other five labels",
        ),
    ),
)


def read(path: Path) -> Dataset:
    """Read `dev.csv` or another of the aggregated files.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("social_bias_frames", TOXICITY_NAMES)
    fractions: dict[str, list[float]] = {}
    for row in read_rows(find_file(path, "dev.csv"), ("post", "offensiveYN")):
        text = html.unescape(row.text("post")).strip()
        if row.values["offensiveYN"].strip():
            fractions.setdefault(text, []).append(row.number("offensiveYN", 0, 1))
        else:
            collector.drop("offensiveYN is empty")
    for text, answers in fractions.items():
        collector.add(text, {"toxic": sum(answers) / len(answers)})
        if len(answers) > 1:
            collector.drop("further rows of a post, taken into its mean", len(answers) - 1)
    return collector.make_dataset()
