from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import perspective_scores
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")


def test_scores_in_columns_of_their_own(write_csv: WriteCsv) -> None:
    columns = tuple(perspective_scores.ATTRIBUTES)
    scores = (0.5, "", 0.1, 0.2, 0.3, 0.4, 0.9)
    path = write_csv("scores.csv", [("id", "comment_text", *columns), ("7", "bah", *scores)])
    dataset = perspective_scores.read(path.parent)
    assert np.isnan(dataset.targets[0, :6]).all()
    expected = [0.5, NAN, 0.1, 0.2, 0.3, 0.4, 0.9]
    np.testing.assert_allclose(dataset.targets[0, 6:], expected, rtol=1e-6)
    assert dataset.labels[6:8] == ("perspective:TOXICITY", "perspective:SEVERE_TOXICITY")


def test_malformed(write_csv: WriteCsv) -> None:
    columns = tuple(perspective_scores.ATTRIBUTES)
    rows = [("id", "comment_text", *columns), ("7", "bah", *["high"] * 7)]
    with pytest.raises(DataError, match=r"row 1, column 'TOXICITY@6'"):
        perspective_scores.read(write_csv("scores.csv", rows))
