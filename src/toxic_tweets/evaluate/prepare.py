"""Which texts have to be scored, the changed ones included, so that each is scored once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.identities import find_identities, swap_identities
from toxic_tweets.evaluate.bias import SWAPPED, find_main_column
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.robustness import LENGTH, VIEWS, change, name_length
from toxic_tweets.evaluate.scored import Scored, align_targets, text_keys
from toxic_tweets.evaluate.system import System

_Look = Callable[[Sequence[str]], NDArray[np.float64]]


@dataclass(eq=False)
class Prepared:
    """A dataset with the changed texts that some parts need.

    Attributes:
        annotated: the texts.
        views: per view the changed text of each row that has one.
        words: per row the identity that was swapped.
    """

    annotated: Annotated
    views: dict[str, dict[int, str]] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)

    def texts(self) -> Iterator[str]:
        """Yield every text that has to be scored."""
        yield from self.annotated.dataset.texts
        for changed in self.views.values():
            yield from changed.values()


def prepare(datasets: Sequence[Annotated], system: System, options: Options) -> list[Prepared]:
    """Draw the texts that are changed, and change them.

    Args:
        datasets: the datasets.
        system: one that cannot score any text gets none that is changed.
        options: how many, and for which parts.
    """
    prepared = [Prepared(one) for one in datasets]
    if not system.scores_any_text:
        return prepared
    if "robustness" in options.parts and options.changed_texts:
        written = [
            (one, targets)
            for one in prepared
            if not one.annotated.is_made_up
            for targets in [_main_targets(one.annotated, system)]
            if targets is not None
        ]
        for one, targets in written:
            _change(one, targets, options, options.changed_texts // len(written))
    if "bias" in options.parts and options.swapped_texts:
        for one in prepared:
            _swap(one, options)
    return prepared


def make_scored(prepared: Prepared, system: System, look_up: _Look) -> Scored:
    """Put scores beside targets; texts that have no score are left out.

    Args:
        prepared: the texts.
        system: what scored them.
        look_up: texts → scores (texts, labels).
    """
    dataset = prepared.annotated.dataset
    scores = look_up(dataset.texts)
    rows = np.flatnonzero(~np.isnan(scores).any(axis=1))
    views = {}
    for name, changed in prepared.views.items():
        table = np.full(scores.shape, np.nan)
        if changed:
            table[list(changed)] = look_up(list(changed.values()))
        views[name] = table[rows]
    groups = {
        name: np.array(values, dtype=np.str_)[rows]
        for name, values in prepared.annotated.groups.items()
    }
    lengths = [name_length(dataset.texts[row]) for row in rows]
    groups[LENGTH] = np.array(lengths, dtype=np.str_)
    if prepared.words:
        words = [prepared.words.get(row, "") for row in rows.tolist()]
        groups["identity"] = np.array(words, dtype=np.str_)
    return Scored(
        name=dataset.name,
        sha256=dataset.sha256,
        labels=system.labels,
        keys=text_keys([dataset.texts[row] for row in rows]),
        scores=scores[rows],
        targets=align_targets(dataset.targets, dataset.labels, system.labels)[rows],
        natural=dataset.natural[rows],
        identities={name: marks[rows] for name, marks in prepared.annotated.identities.items()},
        groups=groups,
        views=views,
        is_made_up=prepared.annotated.is_made_up,
    )


def _main_targets(annotated: Annotated, system: System) -> NDArray[np.float32] | None:
    """Return the targets of the label that robustness is measured on; None where there is none."""
    targets = align_targets(annotated.dataset.targets, annotated.dataset.labels, system.labels)
    place = find_main_column(targets, system.labels)
    return None if place is None else np.asarray(targets[:, place])


def _change(one: Prepared, targets: NDArray[np.float32], options: Options, n_texts: int) -> None:
    """Change as many innocent texts as positive ones."""
    random = np.random.default_rng([options.seed, 1])
    sides: list[NDArray[Any]] = [np.flatnonzero(targets >= 0.5), np.flatnonzero(targets < 0.5)]
    half = min(len(sides[0]), len(sides[1]), n_texts // 2)
    rows = [row for side in sides for row in random.choice(side, half, replace=False).tolist()]
    if rows:
        one.views |= {view: {} for view in VIEWS}
    for row in rows:
        for view, text in change(one.annotated.dataset.texts[row], options.seed):
            one.views[view][row] = text


def _swap(one: Prepared, options: Options) -> None:
    """Swap the identities of texts drawn at random, until enough name some."""
    texts = one.annotated.dataset.texts
    random = np.random.default_rng([options.seed, 2])
    changed: dict[int, str] = {}
    for row in random.permutation(len(texts)).tolist():
        if len(changed) == options.swapped_texts:
            break
        mark = zlib.crc32(texts[row].encode("utf-8", "surrogatepass"))
        swapped = swap_identities(texts[row], np.random.default_rng([options.seed, mark]))
        if swapped is not None:
            changed[row] = swapped
            one.words[row] = find_identities(texts[row])[0].word
    if changed:
        one.views[SWAPPED] = dict(sorted(changed.items()))
