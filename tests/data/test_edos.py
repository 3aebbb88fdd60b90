from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import edos
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("rewire_id", "text", "label_sexist", "label_category", "split")
ROWS = [
    HEADER,
    ("a", "bah", "sexist", "1. threats, plans to harm and incitement", "train"),
    ("b", "kind", "not sexist", "none", "dev"),
    ("c", "unseen", "not sexist", "none", "test"),
]


def test_splits_and_labels(write_csv: WriteCsv) -> None:
    path = write_csv("edos_labelled_aggregated.csv", ROWS)
    dataset = edos.read(path.parent)
    expected = [[1, NAN, NAN, NAN, NAN, 1], [NAN, NAN, NAN, NAN, NAN, 0]]
    np.testing.assert_array_equal(dataset.targets, expected)
    assert dataset.report.n_dropped == {"rows of another split": 1}
    assert edos.read(path, split="dev").texts == ("kind",)


@pytest.mark.parametrize("column", ["label_sexist", "split"])
def test_malformed(write_csv: WriteCsv, column: str) -> None:
    cells = ["b" if name == column else cell for name, cell in zip(HEADER, ROWS[1], strict=True)]
    path = write_csv("edos_labelled_aggregated.csv", [HEADER, cells])
    with pytest.raises(DataError, match=rf"row 1, column '{column}'"):
        edos.read(path)
