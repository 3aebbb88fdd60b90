from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import stormfront
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("file_id", "text", "label")


def test_labels(write_csv: WriteCsv) -> None:
    rows = [HEADER, (1, "bah", "hate"), (2, "kind", "noHate"), (3, "x", "relation")]
    rows.append((4, "y", "idk/skip"))
    dataset = stormfront.read(write_csv("sentences.csv", rows).parent)
    expected = [[1, NAN, NAN, NAN, NAN, 1], [NAN, NAN, NAN, NAN, NAN, 0]]
    np.testing.assert_array_equal(dataset.targets, expected)
    assert dataset.report.n_dropped == {"label relation": 1, "label idk/skip": 1}


def test_malformed(write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'label'"):
        stormfront.read(write_csv("sentences.csv", [HEADER, (1, "bah", "maybe")]))
