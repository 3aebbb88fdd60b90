from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toxic_tweets.data.mapped_csv import LabelColumn, read
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
ROWS = [
    ("key", "post", "class", "share"),
    ("a", "you fool", "abusive", 0.75),
    ("b", "you are kind", "fine", ""),
    ("c", "what a day", "", 0.0),
]


def test_words_and_numbers(write_csv: WriteCsv) -> None:
    labels = {"toxic": LabelColumn("class", ("abusive",)), "insult": LabelColumn("share")}
    dataset = read(write_csv("forum.csv", ROWS), labels, text="post", id="key")
    assert (dataset.name, dataset.labels, dataset.ids) == (
        "forum",
        ("toxic", "insult"),
        ("a", "b", "c"),
    )
    np.testing.assert_array_equal(dataset.targets, [[1, 0.75], [0, np.nan], [np.nan, 0]])


def test_other_cells_are_refused_where_both_sides_are_named(write_csv: WriteCsv) -> None:
    labels = {"toxic": LabelColumn("class", ("abusive",), ("harmless",))}
    with pytest.raises(DataError, match=r"row 2, column 'class': .* one of abusive, harmless"):
        read(write_csv("forum.csv", ROWS), labels, text="post")


def test_a_mapping_needs_a_label(write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match="the mapping names no label"):
        read(write_csv("forum.csv", ROWS), {})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("class", LabelColumn("class")),
        ({"column": "class", "positive": 1}, LabelColumn("class", ("1",))),
        (
            {"column": "class", "positive": ["yes", 1], "negative": "no"},
            LabelColumn("class", ("yes", "1"), ("no",)),
        ),
    ],
)
def test_from_toml(value: Any, expected: LabelColumn) -> None:
    assert LabelColumn.from_toml("toxic", value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "the mapping of toxic must be a column's name"),
        ({"positive": "yes"}, "the mapping of toxic must be a column's name"),
        ({"column": "class", "yes": 1}, "the mapping of toxic has yes, expected column"),
    ],
)
def test_wrong_mappings_are_named(value: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        LabelColumn.from_toml("toxic", value)
