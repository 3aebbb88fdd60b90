from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data.civil_comments import IDENTITIES, read, read_annotated
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
HEADER = ("id", "target", "comment_text", "severe_toxicity", "identity_attack", "muslim", "female")
ROWS = [
    HEADER,
    (1, 0.8, "what a fool", 0.1, 0.0, "", ""),
    (2, 0.0, "my neighbour is muslim", 0.0, 0.0, 1.0, 0.0),
    (3, 0.0, "my neighbour is muslim", 0.0, 0.0, 0.75, 0.0),
    (4, 0.0, " ", 0.0, 0.0, 0.0, 0.0),
]


def test_fractions_and_identities(write_csv: WriteCsv) -> None:
    path = write_csv("train.csv", ROWS)
    annotated = read_annotated(path.parent)
    dataset = annotated.dataset
    assert dataset.ids == ("1", "2", "3")  # a text that repeats stays: its marks are its own
    np.testing.assert_allclose(dataset.column("toxic"), [0.8, 0, 0])
    np.testing.assert_allclose(dataset.column("severe_toxic"), [0.1, 0, 0])
    assert np.isnan(dataset.column("insult")).all()
    assert list(annotated.identities) == ["muslim"]  # nobody is marked as female
    np.testing.assert_array_equal(annotated.identities["muslim"], [np.nan, 1, 0.75])
    assert dataset.report.n_dropped == {"no text": 1}
    assert not annotated.is_made_up


def test_without_identities_repeats_become_one(write_csv: WriteCsv) -> None:
    dataset = read(write_csv("train.csv", ROWS))
    assert dataset.ids == ("1", "2")
    assert dataset.report.n_dropped == {"no text": 1}
    assert dataset.report.n_duplicates == 1


def test_the_test_files_call_it_toxicity(write_csv: WriteCsv) -> None:
    rows = [("id", "comment_text", "toxicity", "severe_toxicity"), (1, "what a day", 0.5, 0.0)]
    assert read(write_csv("test.csv", rows)).column("toxic")[0] == 0.5
    annotated = read_annotated(write_csv("test.csv", rows))
    assert annotated.identities == {}


def test_malformed(write_csv: WriteCsv) -> None:
    with pytest.raises(DataError, match="expected a column target or toxicity"):
        read(write_csv("a.csv", [("id", "comment_text"), (1, "a")]))
    with pytest.raises(DataError, match="row 1, column 'muslim'"):
        read(write_csv("b.csv", [HEADER, (1, 0.8, "a", 0.1, 0.0, 2.0, 0.0)]))
    empty = read_annotated(write_csv("c.csv", [HEADER]))
    assert len(empty.dataset) == 0


def test_all_identities_of_the_challenge() -> None:
    assert len(set(IDENTITIES)) == 24
