"""Part what is learned from what is held out, so that both sides look alike.

Iterative stratification over label *combinations*: texts with the same state of every label
(carried, not carried, unknown) form a cell, and each cell gives its share. What remains of a share
is a fraction of a text; those are handed out label by label, the rarest first, where the side that
is held out still lacks texts with that label.

Source: Sechidis, Tsoumakas, Vlahavas, On the Stratification of Multi-Label Data, 2011. Here every
cell is dealt at once rather than text by text, which gives the same balance on 100,000 texts in a
moment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.dataset import Dataset, text_key
from toxic_tweets.errors import DataError

Indices = NDArray[np.int64]
_UNKNOWN, _ABSENT, _PRESENT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Split:
    """Indices into a dataset, sorted; every text is on one side."""

    train: Indices
    validation: Indices


def split(dataset: Dataset, fraction: float, seed: int) -> Split:
    """Hold out about `fraction` of the texts.

    Texts with the same `text_key` stay together, and every combination of labels has at least one
    text to learn from. The same dataset, fraction and seed give the same split.

    Args:
        dataset: what to part; a target of 0.5 and above counts as carried, NaN as unknown.
        fraction: share of the texts to hold out, from 0 up to but not including 1.
        seed: which of the many equally good splits.

    Raises:
        DataError: the fraction is out of range.
    """
    if not 0 <= fraction < 1:
        raise DataError(f"{fraction} found, expected a fraction to hold out: 0 <= fraction < 1.")
    if not len(dataset):
        empty = np.empty(0, dtype=np.int64)
        return Split(empty, empty)
    states = _states(dataset.targets)
    groups = _group_numbers(dataset.texts)
    group_states = _join_states(states, groups)
    held_groups = _deal(group_states, fraction, np.random.default_rng(seed))
    _return_last_of_combination(held_groups, states, groups)
    held = held_groups[groups]
    return Split(np.flatnonzero(~held), np.flatnonzero(held))


def _states(targets: NDArray[np.float32]) -> NDArray[np.int8]:
    """Give the state of each target, (texts, labels)."""
    known = np.where(targets >= 0.5, _PRESENT, _ABSENT)
    return np.where(np.isnan(targets), _UNKNOWN, known).astype(np.int8)


def _group_numbers(texts: tuple[str, ...]) -> Indices:
    numbers: dict[str, int] = {}
    keys = (numbers.setdefault(text_key(text), len(numbers)) for text in texts)
    return np.fromiter(keys, dtype=np.int64, count=len(texts))


def _join_states(states: NDArray[np.int8], groups: Indices) -> NDArray[np.int8]:
    """Give one state per group and label: carried if any of its texts carries it."""
    joined = np.zeros((int(groups.max()) + 1, states.shape[1]), dtype=np.int8)
    np.maximum.at(joined, groups, states)
    return joined


def _deal(
    states: NDArray[np.int8], fraction: float, random: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose which groups are held out, (groups,)."""
    combinations, cells = np.unique(states, axis=0, return_inverse=True)
    cells = cells.reshape(-1)
    sizes = np.bincount(cells, minlength=len(combinations))
    quota = np.floor(sizes * fraction + 1e-9).astype(np.int64)
    quota += _remainders(combinations, sizes, quota, fraction, random)
    order = random.permutation(len(states))
    order = order[np.argsort(cells[order], kind="stable")]
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    held = np.zeros(len(states), dtype=np.bool_)
    held[order] = rank < np.repeat(quota, sizes)
    return held


def _remainders(
    combinations: NDArray[np.int8],
    sizes: Indices,
    quota: Indices,
    fraction: float,
    random: np.random.Generator,
) -> Indices:
    """Give 1 for each cell that holds out one text more than its floor, (cells,)."""
    # (cells, labels, states) as one row of marks per cell, and a last mark for "any text".
    marks = (combinations[:, :, None] == np.arange(3)).reshape(len(combinations), -1)
    marks = np.column_stack((marks, np.ones(len(combinations), dtype=np.bool_)))
    totals = marks.T @ sizes
    lack = totals * fraction - marks.T @ quota
    share = sizes * fraction - quota
    extra = np.zeros(len(combinations), dtype=np.int64)
    # A cell of one text stays where something is learned from it.
    undecided = (share > 1e-9) & (sizes - quota > 1)
    shuffled = random.permutation(len(combinations))
    by_share = shuffled[np.argsort(-share[shuffled], kind="stable")]
    for mark in np.argsort(totals, kind="stable"):
        for cell in by_share:
            if lack[mark] < 0.5:
                break
            if undecided[cell] and marks[cell, mark] and _helps(lack, marks[cell], totals):
                extra[cell] = 1
                lack = lack - marks[cell]
                undecided[cell] = False
    return extra


def _helps(lack: NDArray[np.float64], marks: NDArray[np.bool_], totals: Indices) -> bool:
    """Tell whether one text more brings all its states nearer to their share, rare ones more."""
    weights = 1.0 / np.sqrt(totals[marks])
    before, after = np.abs(lack[marks]), np.abs(lack[marks] - 1)
    return bool(((before - after) * weights).sum() > -1e-12)


def _return_last_of_combination(
    held_groups: NDArray[np.bool_], states: NDArray[np.int8], groups: Indices
) -> None:
    """Take a group back into training for each combination that would be held out altogether."""
    _, cells = np.unique(states, axis=0, return_inverse=True)
    cells = cells.reshape(-1)
    learned = np.zeros(int(cells.max()) + 1, dtype=np.bool_)
    learned[cells[~held_groups[groups]]] = True
    for cell in np.flatnonzero(~learned):
        rows = np.flatnonzero(cells == cell)
        # An earlier group may have brought this combination along.
        if held_groups[groups[rows]].all():
            held_groups[groups[rows[0]]] = False
