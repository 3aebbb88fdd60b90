"""Davidson et al. (2017): tweets with the votes of three and more annotators."""

from __future__ import annotations

import html
from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import Row, find_file, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="Automated Hate Speech Detection and the Problem of Offensive Language",
    url="https://github.com/t-davidson/hate-speech-and-offensive-language",
    licence="MIT",
    rules=(
        Rule(
            "votes `hate_speech` + `offensive_language`",
            "toxic = their fraction of all votes",
            "both kinds make people leave a discussion; a fraction keeps how sure they were",
        ),
        Rule(
            "votes `hate_speech`",
            "identity_hate = their fraction of all votes",
            "hate speech was defined as hate against a group",
        ),
        Rule(
            "`class` 2 (neither)",
            "severe_toxic 0, threat 0, the two fractions as above",
            "what most found neither hateful nor offensive is no severe abuse and no threat",
        ),
        Rule(
            "(nothing)",
            "obscene, insult NaN; severe_toxic, threat NaN but for class 2",
            "an offensive tweet may be obscene, an insult or neither: nobody was asked",
        ),
    ),
)
_VOTES = ("hate_speech", "offensive_language", "neither")


def read(path: Path) -> Dataset:
    """Read `labeled_data.csv`; HTML entities in the tweets become what they stand for.

    Raises:
        DataError: the file is missing or malformed, or the votes do not add up.
    """
    collector = Collector("davidson", TOXICITY_NAMES)
    for row in read_rows(find_file(path, "labeled_data.csv"), ("count", *_VOTES, "class", "tweet")):
        collector.add(html.unescape(row.text("tweet")), _make_targets(row))
    return collector.make_dataset()


def _make_targets(row: Row) -> dict[str, float]:
    n_votes = row.number("count", 1)
    hate, offensive, neither = (row.number(column, 0) for column in _VOTES)
    if hate + offensive + neither != n_votes:
        raise row.error(
            "count",
            f"{n_votes:g} found, but the votes add up to {hate + offensive + neither:g}. "
            "Correct one of them.",
        )
    targets = {"toxic": (hate + offensive) / n_votes, "identity_hate": hate / n_votes}
    if row.choice("class", ("0", "1", "2")) == "2":
        targets |= {"severe_toxic": 0.0, "threat": 0.0}
    return targets
