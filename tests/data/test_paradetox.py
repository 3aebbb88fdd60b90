from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import paradetox
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("toxic", "neutral1", "neutral2", "neutral3")


def test_a_row_gives_a_toxic_text_and_its_neutral_ones(write_csv: WriteCsv) -> None:
    path = write_csv("paradetox.csv", [HEADER, ("bah", "kind", "", "kinder")])
    dataset = paradetox.read(path.parent)
    assert dataset.texts == ("bah", "kind", "kinder")
    expected = [[1, NAN, NAN, NAN, NAN, NAN], [0] * 6, [0] * 6]
    np.testing.assert_array_equal(dataset.targets, expected)
    assert dataset.ids == ("1:toxic", "1:neutral1", "1:neutral3")


def test_a_rewrite_that_changed_nothing_contradicts(write_csv: WriteCsv) -> None:
    dataset = paradetox.read(write_csv("paradetox.csv", [HEADER, ("bah", "Bah!", "", "")]))
    assert dataset.targets.tolist() == [[0.5, 0, 0, 0, 0, 0]]
    assert dataset.report.n_contradictory == 1


def test_malformed(write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'toxic'"):
        paradetox.read(write_csv("paradetox.csv", [HEADER, ("", "kind", "", "")]))
