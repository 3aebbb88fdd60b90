from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import ruddit
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("comment_id", "txt", "offensiveness_score")


def test_only_the_ends_are_kept(write_csv: WriteCsv) -> None:
    rows = [HEADER, (1, "bah", 0.4), (2, "kind", 0), (3, "who knows", 0.2), (4, "[deleted]", 0.9)]
    dataset = ruddit.read(write_csv("ruddit.csv", rows).parent)
    assert dataset.column("toxic").tolist() == [1, 0]
    assert np.isnan(dataset.targets[:, 1:]).all()
    assert dataset.report.n_dropped == {
        "placeholders of deleted texts": 1,
        "offensiveness_score between 0 and 0.4": 1,
    }


def test_malformed(write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'offensiveness_score'"):
        ruddit.read(write_csv("ruddit.csv", [HEADER, (1, "bah", 1.2)]))
