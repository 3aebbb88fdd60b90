"""Copies of rows: how many, of which, and that they stay what they are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from toxic_tweets.data.dataset import Dataset, text_key
from toxic_tweets.train.augment import Learned, augment
from toxic_tweets.train.config import Recipe, Source

TEXTS = tuple(
    f"{who} {what} number {number}"
    for number in range(20)
    for who, what in (("a Muslim man", "who sings loudly"), ("somebody", "writes stupid things"))
)


def _learned(n_of_second: int = 4) -> Learned:
    n_texts = len(TEXTS)
    targets = (np.arange(n_texts)[:, None] / n_texts).astype(np.float32)
    rows = Dataset(
        "made", TEXTS, targets, ("toxic",), ("",) * n_texts, np.zeros(n_texts, dtype=np.bool_)
    )
    source = (np.arange(n_texts) >= n_texts - n_of_second).astype(np.int64)
    return Learned(rows, np.linspace(1, 2, n_texts).astype(np.float32), source)


def _recipe(**settings: float) -> Recipe:
    first = Source("first", "jigsaw", "a", **settings)  # type: ignore[arg-type]
    sources = (first, Source("second", "jigsaw", "b"))
    return Recipe(name="x", task="toxicity", labels=("toxic",), sources=sources)


def test_nothing_asked_nothing_changed() -> None:
    learned = _learned()
    joined, counts = augment(_recipe(), learned, frozenset())
    assert joined is learned
    assert counts == {"first": {}, "second": {}}


@pytest.mark.parametrize(("times", "expected"), [(1.5, 18), (2.0, 36), (2.25, 45)])
def test_rows_once_more_are_spread_evenly(times: float, expected: int) -> None:
    joined, counts = augment(_recipe(repeat=times), _learned(), frozenset())
    assert counts["first"] == {"repeated": expected}
    often = [joined.rows.texts.count(text) for text in TEXTS]
    assert set(often[:36]) <= {int(times), int(times) + 1}
    assert often[36:] == [1] * 4  # the other source asked for nothing


def test_disguised_copies_keep_target_and_weight() -> None:
    learned = _learned()
    joined, counts = augment(_recipe(disguise=0.5), learned, frozenset())
    n_copies = counts["first"]["disguised"]
    assert 12 <= n_copies <= 18
    assert len(joined.rows) == len(TEXTS) + n_copies
    assert joined.rows.texts[: len(TEXTS)] == TEXTS
    copies = joined.select(np.arange(len(TEXTS), len(joined.rows)))
    assert not set(copies.rows.texts) & set(TEXTS)
    originals = np.round(copies.rows.targets[:, 0] * len(TEXTS)).astype(int)
    np.testing.assert_array_equal(copies.weights, learned.weights[originals])
    assert (copies.source == 0).all()


def test_only_rows_that_name_a_group_are_swapped() -> None:
    joined, counts = augment(_recipe(identity_swap=0.5), _learned(), frozenset())
    assert counts["first"] == {"identity_swapped": 9}  # 18 of the 36 rows name one
    for text in joined.rows.texts[len(TEXTS) :]:
        assert "sings loudly" in text
        assert "Muslim" not in text


def test_the_seed_decides() -> None:
    recipe = _recipe(disguise=0.5, identity_swap=1.0, repeat=1.5)
    texts = [augment(recipe, _learned(), frozenset())[0].rows.texts for _ in range(2)]
    assert texts[0] == texts[1]
    other = replace(recipe, training=replace(recipe.training, seed=7))
    assert augment(other, _learned(), frozenset())[0].rows.texts != texts[0]


def test_no_copy_is_a_held_out_text() -> None:
    recipe = _recipe(identity_swap=1.0)
    joined, _ = augment(recipe, _learned(), frozenset())
    made = joined.rows.texts[len(TEXTS)]
    again, counts = augment(recipe, _learned(), frozenset({text_key(made)}))
    assert made not in again.rows.texts
    assert counts["first"]["identity_swapped"] == 17


def test_copies_have_no_places_and_rows_with_nothing_else_none_at_all() -> None:
    learned = _learned(0)
    spans = (((0, 1),),) * len(TEXTS)
    targets = learned.rows.targets.copy()
    targets[:20] = np.nan  # learned from for their places alone
    made = learned.rows
    rows = Dataset("made", TEXTS, targets, made.labels, made.ids, made.natural, made.report, spans)
    everything = Learned(rows, learned.weights, learned.source)
    joined, counts = augment(_recipe(disguise=1.0), everything, frozenset())
    assert 0 < counts["first"]["disguised"] <= 20
    assert joined.rows.spans == spans + (None,) * counts["first"]["disguised"]
