from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import toxigen
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("text", "toxicity_human")


def test_only_clear_judgements_are_kept(write_csv: WriteCsv) -> None:
    rows = [HEADER, ("bah", 4), ("kind", 2), ("who knows", 3.333333333)]
    dataset = toxigen.read(write_csv("annotated.csv", rows).parent)
    np.testing.assert_array_equal(dataset.targets, [[1, NAN, NAN, NAN, NAN, 1], [0] * 6])
    assert dataset.report.n_dropped == {"toxicity_human between 2 and 4": 1}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("b'you\\xe2\\x80\\x99re kind'", "you’re kind"),
        ('b"it\'s kind"', "it's kind"),
        ("b'it's not Python'", "b'it's not Python'"),
        ("bad 'quotes'", "bad 'quotes'"),
    ],
)
def test_wrapped_texts(write_csv: WriteCsv, text: str, clean: str) -> None:
    assert toxigen.read(write_csv("annotated.csv", [HEADER, (text, 1)])).texts == (clean,)


def test_malformed(write_csv: WriteCsv) -> None:
    path = write_csv("annotated.csv", [HEADER, ("bah", 6)])
    with pytest.raises(DataError, match=r"row 1, column 'toxicity_human'"):
        toxigen.read(path)
