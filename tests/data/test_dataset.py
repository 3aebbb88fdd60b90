from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.data.dataset import Dataset, ReadReport, concatenate, text_key
from toxic_tweets.errors import DataError, LabelError


def make(texts: tuple[str, ...], labels: tuple[str, ...] = ("a", "b"), fill: float = 0) -> Dataset:
    return Dataset(
        name="made",
        texts=texts,
        targets=np.full((len(texts), len(labels)), fill, dtype=np.float32),
        labels=labels,
        ids=tuple(f"id {text}" for text in texts),
        natural=np.zeros(len(texts), dtype=np.bool_),
        report=ReadReport(n_read=len(texts) + 3, n_dropped={"why": 1}, n_duplicates=2),
    )


def test_select_takes_texts_in_the_order_asked_for() -> None:
    chosen = make(("x", "y", "z")).select([2, 0])
    assert chosen.texts == ("z", "x")
    assert chosen.ids == ("id z", "id x")
    assert chosen.targets.shape == (2, 2)
    assert len(make(("x",)).select([])) == 0


def test_concatenate_fills_labels_that_a_dataset_does_not_have_with_nan() -> None:
    both = concatenate([make(("x",), ("a",), 1), make(("y",), ("b", "c"))], ("a", "b"))
    np.testing.assert_array_equal(both.targets, [[1, np.nan], [np.nan, 0]])
    assert both.texts == ("x", "y")
    assert both.report == ReadReport(n_read=8, n_dropped={"why": 2}, n_duplicates=4)
    assert both.report.n_kept == len(both)
    assert len(concatenate([], ("a",))) == 0


def test_sha256_changes_with_texts_targets_and_labels_but_not_with_the_name() -> None:
    hashes = {
        make(("x", "y")).sha256,
        make(("xy", "")).sha256,
        make(("x", "y"), fill=1).sha256,
        make(("x", "y"), fill=float("nan")).sha256,
        make(("x", "y"), labels=("a", "c")).sha256,
    }
    assert len(hashes) == 5
    assert make(("x", "\ud800")).sha256 == make(("x", "\ud800")).sha256


def test_spans_stay_with_their_texts() -> None:
    plain = make(("x", "y"))
    marked = replace(plain, spans=(((0, 1),), None))
    assert plain.select([1, 0]).spans is None
    assert marked.select([1, 0]).spans == (None, ((0, 1),))
    assert concatenate([plain, marked], ("a",)).spans == (None, None, ((0, 1),), None)
    assert concatenate([plain], ("a",)).spans is None
    assert len({plain.sha256, marked.sha256, replace(plain, spans=((), None)).sha256}) == 3
    with pytest.raises(DataError, match="spans for 1 texts"):
        replace(plain, spans=((),))


def test_shapes_and_labels_are_checked() -> None:
    with pytest.raises(DataError, match=r"\(1, 2\).*expected \(2, 2\)"):
        Dataset(
            "made",
            ("x", "y"),
            np.zeros((1, 2), dtype=np.float32),
            ("a", "b"),
            ("", ""),
            np.zeros(2, dtype=np.bool_),
        )
    with pytest.raises(DataError, match="1 ids"):
        Dataset(
            "made",
            ("x", "y"),
            np.zeros((2, 1), dtype=np.float32),
            ("a",),
            ("",),
            np.zeros(2, dtype=np.bool_),
        )
    with pytest.raises(LabelError, match="twice"):
        make(("x",), labels=("a", "a"))
    with pytest.raises(LabelError, match="a, b"):
        make(("x",)).column("c")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("You are KIND!!", "you are kind"),
        ("you\n\n are   kind.", "You, are kind"),
        ("ｆｕｌｌ width", "full width"),
        ("straße", "STRASSE"),
        ("ki\u200bnd", "kind"),
        ("so kind💐", "so kind 💐!"),
        ("❤\ufe0f", "❤"),
        ("cafe\u0301", "café"),
        ("कि", "कि।"),
    ],
)
def test_text_key_is_the_same(one: str, other: str) -> None:
    assert text_key(one) == text_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I 💐 you", "I 🔪 you"),
        ("hi 👋🏻", "hi 👋🏿"),
        ("कि", "का"),
        ("?!", "..."),
        ("route 1", "route 2"),
        ("therapist", "the rapist"),
    ],
)
def test_text_key_differs(one: str, other: str) -> None:
    assert text_key(one) != text_key(other)


@given(st.text())
def test_text_key_ignores_spaces_around_and_is_never_empty_for_a_visible_text(text: str) -> None:
    assert text_key(f"  {text}\n") == text_key(text)
    if any(sign.isalnum() for sign in text):
        assert text_key(text)
