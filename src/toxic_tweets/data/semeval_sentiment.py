"""SemEval 2013-2016, sentiment of tweets: negative, neutral or positive."""

from __future__ import annotations

import html
import re
from pathlib import Path

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import find_file, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.labels import SENTIMENT_NAMES

MAPPING = SourceCard(
    title="SemEval 2013-2016, sentiment analysis in Twitter",
    url="https://alt.qcri.org/semeval2017/task4/",
    licence="SemEval / Twitter terms",
    rules=tuple(
        Rule(f"`label` {name}", f"{name} 1, the other two 0", "one choice of the same three")
        for name in SENTIMENT_NAMES
    ),
)
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


def read(path: Path) -> Dataset:
    r"""Read `train.csv`; its escapes such as `\u002c` and `&amp;` become what they stand for.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("semeval_sentiment", SENTIMENT_NAMES)
    for row in read_rows(find_file(path, "train.csv"), ("id", "label", "text")):
        label = row.choice("label", SENTIMENT_NAMES)
        targets = {name: float(name == label) for name in SENTIMENT_NAMES}
        collector.add(_unescape(row.text("text")), targets, name=row.values["id"])
    return collector.make_dataset()


def _unescape(text: str) -> str:
    return html.unescape(_ESCAPE.sub(_decode, text))


def _decode(escapes: re.Match[str]) -> str:
    units = bytes.fromhex(escapes.group().replace("\\u", ""))
    return units.decode("utf-16-be", "replace")  # two units may be one emoji
