from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import hatemoji
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("entry_id", "text", "label_gold")


def test_contrasts_stay_two_texts(write_csv: WriteCsv) -> None:
    rows = [HEADER, (0, "I would 🔪 them", 1), (1, "I would 💐 them", 0)]
    dataset = hatemoji.read(write_csv("build_train.csv", rows).parent)
    expected = [[1, NAN, NAN, NAN, NAN, 1], [NAN, NAN, NAN, NAN, NAN, 0]]
    np.testing.assert_array_equal(dataset.targets, expected)


def test_splits(write_csv: WriteCsv) -> None:
    write_csv("build_train.csv", [HEADER, (0, "a", 1)])
    folder = write_csv("build_validation.csv", [HEADER, (1, "b", 1)]).parent
    assert hatemoji.read(folder, split="train+validation").texts == ("a", "b")
    with pytest.raises(DataError, match=r"build_test\.csv"):
        hatemoji.read(folder, split="test")


def test_malformed(write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'label_gold'"):
        hatemoji.read(write_csv("build_train.csv", [HEADER, (0, "a", -1)]))
