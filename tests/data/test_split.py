from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from toxic_tweets.data.dataset import Dataset, text_key
from toxic_tweets.data.split import split
from toxic_tweets.errors import DataError

NAN = float("nan")


def make(targets: NDArray[np.float32], texts: tuple[str, ...] | None = None) -> Dataset:
    n_texts, n_labels = targets.shape
    return Dataset(
        name="made",
        texts=texts or tuple(f"text {number}" for number in range(n_texts)),
        targets=targets.astype(np.float32),
        labels=tuple(f"label {number}" for number in range(n_labels)),
        ids=("",) * n_texts,
        natural=np.zeros(n_texts, dtype=np.bool_),
    )


def make_random(n_texts: int, seed: int = 0) -> Dataset:
    """Make labels as rare and as tied to each other as those of Jigsaw, some unknown."""
    random = np.random.default_rng(seed)
    toxic = random.random(n_texts) < 0.1
    rest = random.random((n_texts, 5)) < np.array([0.1, 0.5, 0.03, 0.5, 0.09])
    targets = np.column_stack((toxic, rest & toxic[:, None])).astype(np.float32)
    targets[random.random(n_texts) < 0.3, 1:] = np.nan
    return make(targets)


def states(dataset: Dataset, rows: NDArray[np.int64]) -> set[tuple[int, ...]]:
    known = np.where(dataset.targets[rows] >= 0.5, 1, 0)
    return set(map(tuple, np.where(np.isnan(dataset.targets[rows]), -1, known).tolist()))


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 30),
            st.lists(st.sampled_from([0.0, 1.0, 0.4, NAN]), min_size=3, max_size=3),
        ),
        min_size=1,
        max_size=60,
    ),
    fraction=st.floats(0, 0.9),
    seed=st.integers(0, 3),
)
def test_laws(rows: list[tuple[int, list[float]]], fraction: float, seed: int) -> None:
    texts = tuple(f"Text {number}{'!' * place}" for place, (number, _) in enumerate(rows))
    dataset = make(np.array([targets for _, targets in rows], dtype=np.float32), texts)
    parts = split(dataset, fraction, seed)
    both = np.concatenate((parts.train, parts.validation))
    assert sorted(both.tolist()) == list(range(len(rows)))
    keys = [{text_key(texts[row]) for row in side} for side in (parts.train, parts.validation)]
    assert not keys[0] & keys[1]
    assert states(dataset, parts.validation) <= states(dataset, parts.train)
    again = split(dataset, fraction, seed)
    np.testing.assert_array_equal(again.validation, parts.validation)


@pytest.mark.parametrize("fraction", [0.05, 0.1, 0.25, 0.5])
def test_labels_and_combinations_keep_their_share(fraction: float) -> None:
    dataset = make_random(5000)
    parts = split(dataset, fraction, seed=1)
    assert abs(len(parts.validation) - 5000 * fraction) <= 3
    held = dataset.targets[parts.validation]
    for marks, held_marks in (
        (dataset.targets >= 0.5, held >= 0.5),
        (np.isnan(dataset.targets), np.isnan(held)),
    ):
        np.testing.assert_allclose(held_marks.sum(axis=0), marks.sum(axis=0) * fraction, atol=3)
    names, counts = np.unique(np.nan_to_num(dataset.targets, nan=-1), axis=0, return_counts=True)
    for name, count in zip(names, counts, strict=True):
        n_held = (np.nan_to_num(held, nan=-1) == name).all(axis=1).sum()
        assert abs(n_held - count * fraction) <= 1


def test_a_rare_label_spread_over_many_combinations_is_held_out_too() -> None:
    """Twenty combinations of two texts: each share of 0.2 texts alone would round to none."""
    targets = np.zeros((1000, 6), dtype=np.float32)
    for place in range(20):
        targets[2 * place : 2 * place + 2] = [1, *(place >> bit & 1 for bit in range(5))]
    held = split(make(targets), 0.1, seed=0).validation
    assert targets[held, 0].sum() == 4
    assert abs(len(held) - 100) <= 2


def test_the_seed_decides_which_texts() -> None:
    dataset = make_random(500)
    one, two = (split(dataset, 0.2, seed).validation.tolist() for seed in (1, 2))
    assert one != two
    assert abs(len(one) - len(two)) <= 2


def test_single_texts_and_nothing_at_all() -> None:
    alone = split(make(np.ones((1, 2), dtype=np.float32)), 0.5, 0)
    assert (alone.train.tolist(), alone.validation.tolist()) == ([0], [])
    nothing = split(make(np.ones((0, 2), dtype=np.float32)), 0.5, 0)
    assert len(nothing.train) == len(nothing.validation) == 0


@pytest.mark.parametrize("fraction", [-0.1, 1, float("nan")])
def test_fraction_out_of_range(fraction: float) -> None:
    with pytest.raises(DataError, match="expected a fraction"):
        split(make(np.ones((2, 1), dtype=np.float32)), fraction, 0)
