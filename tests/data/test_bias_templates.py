from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import bias_templates
from toxic_tweets.data.bias_templates import IDENTITY_TERMS, find_terms, read, read_annotated
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
ROWS = [
    ("template", "toxicity", "phrase"),
    ("t1", "nontoxic", "hug an African American friend"),
    ("t2", "toxic", "old neighbours are stupid"),
    ("t1", "nontoxic", "Anna is a great baker"),
]


def test_sentences_and_the_identities_they_name(write_csv: WriteCsv) -> None:
    path = write_csv("madlibs.csv", ROWS)
    write_csv("words.csv", [("type", "word"), ("identity", "old")])
    for place in (path, path.parent):
        annotated = read_annotated(place)
        np.testing.assert_array_equal(annotated.dataset.column("toxic"), [0, 1, 0])
        assert list(annotated.identities) == ["african", "african american", "american", "old"]
        np.testing.assert_array_equal(annotated.identities["old"], [0, 1, 0])
        np.testing.assert_array_equal(annotated.identities["african"], [1, 0, 0])
        assert annotated.is_made_up


def test_the_older_format(write_csv: WriteCsv) -> None:
    path = write_csv("madlibs.csv", [("Text", "Label"), ("be kind", "NOT_BAD"), ("a fool", "BAD")])
    np.testing.assert_array_equal(read(path).column("toxic"), [0, 1])
    assert read_annotated(path).identities == {}


def test_terms_are_whole_words(write_csv: WriteCsv) -> None:
    texts = ["She told Goldie", "an OLD friend", "older people"]
    found = find_terms(texts, ("old", "older", "young"))
    np.testing.assert_array_equal(found["old"], [0, 1, 0])
    np.testing.assert_array_equal(found["older"], [0, 0, 1])
    assert "young" not in found
    path = write_csv("madlibs.csv", ROWS)
    assert list(read_annotated(path, terms=("neighbours",)).identities) == ["neighbours"]


def test_there_are_fifty_terms() -> None:
    assert len(set(IDENTITY_TERMS)) == 50
    assert bias_templates.MAPPING.measure_only


def test_malformed(write_csv: WriteCsv, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'toxicity'"):
        read(write_csv("a/m.csv", [ROWS[0], ("t", "maybe", "x")]))
    with pytest.raises(DataError, match="expected the columns phrase and toxicity, or Text"):
        read(write_csv("b/m.csv", [("text", "label"), ("x", "1")]))
    with pytest.raises(DataError, match="there are no template sentences here"):
        read(write_csv("c/words.csv", [("type", "word"), ("identity", "old")]).parent)
    with pytest.raises(DataError, match="expected the columns"):
        read(tmp_path / "none.csv")


def test_the_real_file(shared_data: Path) -> None:
    annotated = read_annotated(shared_data / "bias_templates")
    assert len(annotated.dataset) == 27_723
    assert set(annotated.identities) == set(IDENTITY_TERMS)
    assert min(marks.sum() for marks in annotated.identities.values()) >= 30
