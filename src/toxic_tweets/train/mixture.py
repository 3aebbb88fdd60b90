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
from toxic_tweets.train.augment import Learned, augment, join
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
    parts = [_read_part(recipe, index, root) for index in range(len(recipe.sources))]
    learned = [part.learned for part in parts if len(part.learned.rows)]
    held = [part.held_out for part in parts if len(part.held_out)]
    if not learned or not held:
        raise RecipeError(
            "The recipe holds out no row or learns from none. "
            "Give at least one source a weight above 0 and one a validation fraction above 0."
        )
    validation = concatenate(held, recipe.outputs)
    held_out_source = np.repeat(np.arange(len(parts)), [len(part.held_out) for part in parts])
    # Batches of texts of one length are scored about twice as fast as padded ones.
    by_length = np.argsort([len(text) for text in validation.texts], kind="stable")
    validation = validation.select(by_length)
    held_keys = frozenset(text_key(text) for text in validation.texts)
    everything = join(learned, recipe.outputs)
    usable = everything.select(_usable(recipe, everything.rows, held_keys))
    train, copies = usable, dict[str, dict[str, int]]()
    if not recipe.cascade.first:  # it learns nothing: copies would only cost minutes
        train, copies = augment(recipe, usable, held_keys)
    n_learned = np.bincount(usable.source, minlength=len(parts)).tolist()
    counts = [
        {**part.facts, "learned": n, **copies.get(source.name, {})}
        for source, part, n in zip(recipe.sources, parts, n_learned, strict=True)
    ]
    n_left_out = len(everything.rows) - len(usable.rows)
    counts.append({"name": "left out: held out elsewhere, or no known target", "texts": n_left_out})
    return Mixture(
        train=train.rows,
        weights=train.weights,
        validation=validation,
        held_out_source=held_out_source[by_length],
        held_out_natural=validation.natural,
        counts=tuple(counts),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one source, parted, and what `run.json` says about it."""

    learned: Learned
    held_out: Dataset
    facts: dict[str, object]


def _read_part(recipe: Recipe, index: int, root: Path) -> _Part:
    """Read the source at `index`; rows that weigh nothing teach nothing."""
    source, seed = recipe.sources[index], recipe.training.seed
    dataset = read_source(source.reader, root / source.path, **source.options)
    held_rows = _held_out(dataset, source, seed)
    rest = np.setdiff1d(np.arange(len(dataset.texts)), held_rows)
    if 0 < source.max_texts < len(rest):
        random = np.random.default_rng(seed)
        rest = np.sort(random.choice(rest, source.max_texts, replace=False))
    rows = dataset.select(rest if source.weight > 0 else [])
    return _Part(
        learned=Learned(
            rows=rows,
            weights=_row_weights(rows, source, recipe.labels),
            source=np.full(len(rows), index),
        ),
        held_out=dataset.select(held_rows),
        facts={
            "name": source.name,
            "reader": source.reader,
            "path": source.path,
            "texts": len(dataset.texts),
            "held_out": len(held_rows),
            "sha256": dataset.sha256,
        },
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
