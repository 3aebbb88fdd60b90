from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import toxic_spans
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("spans", "text")


def test_texts_without_toxic_characters_say_nothing_of_the_whole(write_csv: WriteCsv) -> None:
    write_csv("tsd_train.csv", [HEADER, ("[0, 1, 2]", "bah"), ("[]", "who knows")])
    folder = write_csv("tsd_trial.csv", [HEADER, ("[1]", "boo")]).parent
    dataset = toxic_spans.read(folder)
    assert dataset.texts == ("bah", "who knows", "boo")
    np.testing.assert_array_equal(dataset.column("toxic"), [1, NAN, 1])
    assert np.isnan(dataset.targets[:, 1:]).all()
    assert dataset.spans == (((0, 3),), (), ((1, 2),))
    assert toxic_spans.read(folder, split="trial").texts == ("boo",)


@pytest.mark.parametrize("spans", ["", "[3]", "[-1]", "[true]", "3", "[1,"])
def test_malformed(write_csv: WriteCsv, spans: str) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'spans'"):
        toxic_spans.read(write_csv("tsd_train.csv", [HEADER, (spans, "bah")]))


def test_offsets_become_spans_in_order(write_csv: WriteCsv) -> None:
    file = write_csv("tsd_train.csv", [HEADER, ("[7, 8, 0, 1, 1, 5]", "  x is bah")])
    assert toxic_spans.read(file).spans == (((0, 2), (5, 6), (7, 9)),)
