"""From a recipe and a data folder to rows to learn from and rows held out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.dataset import Dataset, concatenate, text_key
from toxic_tweets.data.registry import read_source
from toxic_tweets.data.split import split
from toxic_tweets.errors import RecipeError
from toxic_tweets.train.augment import Learned, augment
from toxic_tweets.train.config import Recipe, Source


@dataclass(frozen=True, slots=True)
class Mixture:
    """The rows of one run.

    `weights` is (training texts,); `held_out_source` gives for every validation text the index of
    its source in the recipe; `held_out_natural` marks those of a natural random sample: only they
    say how common a label is.
    """

    train: Dataset
    weights: NDArray[np.float32]
    validation: Dataset
    held_out_source: NDArray[np.int64]
    held_out_natural: NDArray[np.bool_]
    counts: tuple[dict[str, object], ...]


def make_mixture(recipe: Recipe, root: Path) -> Mixture:
    """Read every source of a recipe and part what is learned from what is held out.

    A text that is held out by one source is learned from in none (compared by normalised key).
    Copies that sources ask for are made last, of rows that are learned from.

    Args:
        recipe: what to read; its paths are relative to `root`.
        root: the data folder.

    Raises:
        DataError: a source is missing or malformed.
        RecipeError: the recipe leaves nothing to learn from or nothing to validate on.
    """
    learned: list[Dataset] = []
    learned_source: list[int] = []
    weights: list[NDArray[np.float32]] = []
    held: list[Dataset] = []
    held_source: list[int] = []
    counts: list[dict[str, object]] = []
    for index, source in enumerate(recipe.sources):
        dataset = read_source(source.reader, root / source.path, **source.options)
        held_rows = _held_out(dataset, source, recipe.training.seed)
        rest = np.setdiff1d(np.arange(len(dataset.texts)), held_rows)
        if 0 < source.max_texts < len(rest):
            random = np.random.default_rng(recipe.training.seed)
            rest = np.sort(random.choice(rest, source.max_texts, replace=False))
        part = dataset.select(rest)
        if source.weight > 0 and len(rest):
            learned.append(part)
            learned_source += [index] * len(part)
            weights.append(_row_weights(part, source, recipe.labels))
        if len(held_rows):
            held.append(dataset.select(held_rows))
            held_source += [index] * len(held_rows)
        counts.append(
            {
                "name": source.name,
                "reader": source.reader,
                "path": source.path,
                "texts": len(dataset.texts),
                "held_out": len(held_rows),
                "sha256": dataset.sha256,
            }
        )
    if not learned or not held:
        raise RecipeError(
            "The recipe holds out no row or learns from none. "
            "Give at least one source a weight above 0 and one a validation fraction above 0."
        )
    validation = concatenate(held, recipe.outputs)
    # Batches of texts of one length are scored about twice as fast as padded ones.
    by_length = np.argsort([len(text) for text in validation.texts], kind="stable")
    validation = validation.select(by_length)
    held_keys = frozenset(text_key(text) for text in validation.texts)
    everything = Learned(
        rows=concatenate(learned, recipe.outputs),
        weights=np.concatenate(weights),
        source=np.array(learned_source),
    )
    keep = _usable(recipe, everything.rows, held_keys)
    learned_from = everything.select(keep)
    copies: dict[str, dict[str, int]]
    if recipe.cascade.first:  # nothing is learned: copies would only cost minutes
        train, copies = learned_from, {source.name: {} for source in recipe.sources}
    else:
        train, copies = augment(recipe, learned_from, held_keys)
    kept_source = everything.source[keep]
    for index, source in enumerate(recipe.sources):
        counts[index] |= {"learned": int((kept_source == index).sum()), **copies[source.name]}
    counts.append(
        {
            "name": "left out: held out elsewhere, or no known target",
            "texts": len(everything.rows) - len(keep),
        }
    )
    return Mixture(
        train=train.rows,
        weights=train.weights,
        validation=validation,
        held_out_source=np.array(held_source)[by_length],
        held_out_natural=validation.natural,
        counts=tuple(counts),
    )


def _usable(recipe: Recipe, rows: Dataset, held_keys: frozenset[str]) -> NDArray[np.int64]:
    """Find the rows that are held out nowhere and can teach something."""
    teaches: NDArray[np.bool_] = np.asarray((~np.isnan(rows.targets)).any(axis=1))
    if recipe.token_head.weight > 0 and rows.spans is not None:
        teaches |= np.array([spans is not None for spans in rows.spans], dtype=np.bool_)
    if recipe.teacher.checkpoint:
        teaches[:] = True
    apart = np.array([text_key(text) not in held_keys for text in rows.texts], dtype=np.bool_)
    return np.flatnonzero(apart & teaches)


def _held_out(dataset: Dataset, source: Source, seed: int) -> NDArray[np.int64]:
    rows: list[NDArray[np.int64]] = []
    groups = [
        (np.flatnonzero(dataset.natural), max(source.validation, source.validation_natural)),
        (np.flatnonzero(~dataset.natural), source.validation),
    ]
    for members, fraction in groups:
        if len(members) and fraction > 0:
            if fraction < 1.0:
                members = members[split(dataset.select(members), fraction, seed).validation]
            rows.append(members)
    return np.sort(np.concatenate(rows)) if rows else np.array([], dtype=np.int64)


def _row_weights(dataset: Dataset, source: Source, labels: tuple[str, ...]) -> NDArray[np.float32]:
    columns = [dataset.labels.index(name) for name in labels if name in dataset.labels]
    targets = dataset.targets[:, columns]
    zero = ~np.isnan(targets).all(axis=1) & (np.nan_to_num(targets).sum(axis=1) == 0)
    return np.where(zero, source.weight * source.zero_weight, source.weight).astype(np.float32)
