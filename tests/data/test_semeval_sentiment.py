from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import semeval_sentiment
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("id", "label", "text", "year")


def test_one_choice_of_three(write_csv: WriteCsv) -> None:
    rows = [HEADER, (1, "positive", "yes\\u002c \\ud83d\\ude00 &amp; yes", "2013dev")]
    rows.append((2, "neutral", "hm", "2014test"))
    dataset = semeval_sentiment.read(write_csv("train.csv", rows).parent)
    assert dataset.labels == ("negative", "neutral", "positive")
    assert dataset.texts == ("yes, 😀 & yes", "hm")
    np.testing.assert_array_equal(dataset.targets, [[0, 0, 1], [0, 1, 0]])


def test_malformed(write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'label'"):
        semeval_sentiment.read(write_csv("train.csv", [HEADER, (1, "good", "yes", "2013dev")]))
