from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import social_bias_frames
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("post", "offensiveYN")


def test_rows_of_a_post_become_their_mean(write_csv: WriteCsv) -> None:
    rows = [HEADER, ("a &amp; b", 1.0), ("kind", ""), ("a &amp; b", 0.5), ("c", 0.0)]
    dataset = social_bias_frames.read(write_csv("dev.csv", rows).parent)
    assert dataset.texts == ("a & b", "c")
    assert dataset.column("toxic").tolist() == [0.75, 0]
    assert np.isnan(dataset.targets[:, 1:]).all()
    assert dataset.report.n_dropped == {
        "offensiveYN is empty": 1,
        "further rows of a post, taken into its mean": 1,
    }


def test_malformed(write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'offensiveYN'"):
        social_bias_frames.read(write_csv("dev.csv", [HEADER, ("a", 2)]))
