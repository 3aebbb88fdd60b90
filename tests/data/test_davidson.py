from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import davidson
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("", "count", "hate_speech", "offensive_language", "neither", "class", "tweet")


def test_votes_become_fractions(write_csv: WriteCsv) -> None:
    rows = [HEADER, (0, 4, 1, 2, 1, 1, "bah &amp; &#128514;"), (1, 3, 0, 1, 2, 2, "kind")]
    dataset = davidson.read(write_csv("labeled_data.csv", rows).parent)
    assert dataset.texts == ("bah & 😂", "kind")
    expected = [[0.75, NAN, NAN, NAN, NAN, 0.25], [1 / 3, 0, NAN, 0, NAN, 0]]
    np.testing.assert_allclose(dataset.targets, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ((3, 1, 1, 2, 1), "count"),
        ((0, 0, 0, 0, 1), "count"),
        ((3, -1, 4, 0, 1), "hate_speech"),
        ((3, 1, 2, 0, 3), "class"),
    ],
)
def test_malformed(write_csv: WriteCsv, cells: tuple[int, ...], column: str) -> None:
    path = write_csv("labeled_data.csv", [HEADER, (0, *cells, "bah")])
    with pytest.raises(DataError, match=rf"row 1, column '{column}'"):
        davidson.read(path)
