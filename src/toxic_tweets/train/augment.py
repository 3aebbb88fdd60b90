"""Rows that are learned from once more: as they are, in disguise, or about another group.

Only rows to learn from are ever copied, and every copy is counted: `run.json` and the card say how
many rows of which source were generated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.dataset import Dataset, concatenate, text_key
from toxic_tweets.train.config import Recipe, Source

# Changes a text, or gives None where there is nothing to change.
Change = Callable[[str, np.random.Generator], str | None]


@dataclass(frozen=True, slots=True)
class Learned:
    """Rows to learn from: `weights` and `source`, the index in the recipe, are (texts,)."""

    rows: Dataset
    weights: NDArray[np.float32]
    source: NDArray[np.int64]

    def select(self, rows: NDArray[np.integer]) -> Learned:
        """Take some rows, in this order."""
        return Learned(self.rows.select(rows), self.weights[rows], self.source[rows])


def join(parts: Sequence[Learned], labels: Sequence[str]) -> Learned:
    """Put rows one after the other, under one list of labels."""
    return Learned(
        rows=concatenate([part.rows for part in parts], labels),
        weights=np.concatenate([part.weights for part in parts]),
        source=np.concatenate([part.source for part in parts]),
    )


def augment(
    recipe: Recipe, learned: Learned, held_keys: frozenset[str]
) -> tuple[Learned, dict[str, dict[str, int]]]:
    """Append the copies that the sources of a recipe ask for.

    A copy has the targets and the weight of its row, but no spans: they would not fit its text.

    Args:
        recipe: its sources say how many copies of which kind.
        learned: the rows to learn from, without those that are held out.
        held_keys: `text_key` of every held-out text; no generated copy has one of these.

    Returns:
        The rows with the copies after them, and the number of copies by source and kind.
    """
    parts, counts = [learned], dict[str, dict[str, int]]()
    for index, source in enumerate(recipe.sources):
        rows = np.flatnonzero(learned.source == index)
        made = _copies(source, index, learned.select(rows), recipe.training.seed, held_keys)
        counts[source.name] = {kind: len(part.rows) for kind, part in made.items()}
        parts += made.values()
    parts = [part for part in parts if len(part.rows)]
    return (join(parts, learned.rows.labels) if len(parts) > 1 else learned), counts


def _copies(
    source: Source, index: int, rows: Learned, seed: int, held_keys: frozenset[str]
) -> dict[str, Learned]:
    made: dict[str, Learned] = {}
    if source.repeat != 1.0:
        random = np.random.default_rng([seed, index, 0])
        made["repeated"] = rows.select(_draw(len(rows.rows), source.repeat - 1.0, random))
    if source.disguise:
        random = np.random.default_rng([seed, index, 1])
        chosen = rows.select(_draw(len(rows.rows), source.disguise, random))
        made["disguised"] = _change(chosen, _disguiser(), random, held_keys)
    if source.identity_swap:
        from toxic_tweets.data.identities import swap_identities

        random = np.random.default_rng([seed, index, 2])
        swapped = _change(rows, swap_identities, random, held_keys)
        drawn = _draw(len(swapped.rows), source.identity_swap, random)
        made["identity_swapped"] = swapped.select(drawn)
    return made


def _draw(n_rows: int, times: float, random: np.random.Generator) -> NDArray[np.int64]:
    """Draw rows so that each occurs `times` times, a fraction of them once more."""
    whole, rest = divmod(max(times, 0.0), 1.0)
    some = random.choice(n_rows, round(rest * n_rows), replace=False)
    every = np.tile(np.arange(n_rows), int(whole))
    return np.sort(np.concatenate([every, some])).astype(np.int64)


def _change(
    rows: Learned, change: Change, random: np.random.Generator, held_keys: frozenset[str]
) -> Learned:
    """Give the rows whose text changed, and not into one that is held out."""
    texts: list[str] = []
    kept: list[int] = []
    for row, text in enumerate(rows.rows.texts):
        if np.isnan(rows.rows.targets[row]).all():
            continue  # learned from for its spans alone
        changed = change(text, random)
        if changed is not None and changed != text and text_key(changed) not in held_keys:
            texts.append(changed)
            kept.append(row)
    part = rows.select(np.array(kept, dtype=np.int64))
    return replace(part, rows=replace(part.rows, texts=tuple(texts), spans=None))


def _disguiser() -> Change:
    from toxic_tweets.data.disguise import disguise_any
    from toxic_tweets.text.lexicon import read_abusive_words

    abusive = read_abusive_words()
    return lambda text, random: disguise_any(text, random, abusive)
