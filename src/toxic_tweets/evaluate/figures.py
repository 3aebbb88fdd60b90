"""One number with all that makes it honest: how many texts, which interval, which data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.evaluate.statistics import Statistic

Better = Literal["higher", "lower", "neither"]
# With fewer texts on a side a rate moves by tens of points for one text: no number is better.
MIN_TEXTS = 10
# Cells of one block of weights, so that memory stays near 100 MB however many texts there are.
_BLOCK_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class Measure:
    """Something to be measured on the texts of one dataset.

    Attributes:
        part: the part of the report, such as `ranking`.
        dataset: name of the dataset.
        name: what is measured, such as `roc_auc`.
        compute: the statistic; None where there are too few texts, and `note` says so.
        n: texts that count.
        n_positive: those of them that carry the label; None where that means nothing.
        label: the label it is about, or empty.
        group: identity, functionality, kind of disguise, ..., or empty.
        better: which direction is good.
        note: what to know before trusting it.
    """

    part: str
    dataset: str
    name: str
    compute: Statistic | None
    n: int
    n_positive: int | None = None
    label: str = ""
    group: str = ""
    better: Better = "higher"
    note: str = ""

    @property
    def path(self) -> str:
        """Return the name that no other figure of a report has."""
        return "/".join(
            x for x in (self.part, self.dataset, self.group, self.label, self.name) if x
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value, as `metrics.json` holds it.

    Attributes:
        path: part, dataset, group, label and name, joined by slashes; no other figure has it.
        part: see `Measure`.
        dataset: see `Measure`.
        name: see `Measure`.
        label: see `Measure`.
        group: see `Measure`.
        value: the value, None where `note` says why there is none.
        low: lower end of the 95 % interval, None where there is none.
        high: upper end of the 95 % interval.
        n: see `Measure`.
        n_positive: see `Measure`.
        better: see `Measure`.
        note: see `Measure`.
        data_sha256: hash of texts and targets it was measured on; empty where it is none of them.
        command: what was typed to measure it.
    """

    path: str
    part: str
    dataset: str
    name: str
    label: str
    group: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    n_positive: int | None
    better: Better
    note: str = ""
    data_sha256: str = ""
    command: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the value that `metrics.json` holds."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Figure:
        """Read what `to_dict` wrote."""
        return cls(**{key: values[key] for key in cls.__slots__})

    def signed(self, data_sha256: str, command: str) -> Figure:
        """Return the figure with where it comes from."""
        return replace(self, data_sha256=data_sha256, command=command)


def make_measure(
    part: str,
    dataset: str,
    name: str,
    compute: Statistic,
    n: int,
    n_positive: int | None = None,
    *,
    has_two_sides: bool = True,
    **more: Any,
) -> Measure:
    """Make a measure, without its statistic where there are too few texts to mean anything.

    Args:
        part: see `Measure`.
        dataset: see `Measure`.
        name: see `Measure`.
        compute: the statistic.
        n: texts that count.
        n_positive: those that carry the label; None where there are no sides.
        has_two_sides: whether texts without the label must be enough too.
        more: the other attributes of `Measure`.
    """
    note = str(more.pop("note", ""))
    sides = [("texts", n)]
    if n_positive is not None:
        sides = [("positives", n_positive)]
        sides += [("negatives", n - n_positive)] if has_two_sides else []
    few = [f"{count} {side}" for side, count in sides if count < MIN_TEXTS]
    if few:
        note = f"{' and '.join(few)}, at least {MIN_TEXTS} are needed"
    return Measure(part, dataset, name, None if few else compute, n, n_positive, note=note, **more)


def make_figure(measure: Measure, value: float, low: float, high: float) -> Figure:
    """Make the figure of a measure; NaN becomes None."""
    return Figure(
        path=measure.path,
        part=measure.part,
        dataset=measure.dataset,
        name=measure.name,
        label=measure.label,
        group=measure.group,
        value=_known(value),
        low=_known(low),
        high=_known(high),
        n=measure.n,
        n_positive=measure.n_positive,
        better=measure.better,
        note=measure.note or ("these texts give no value" if math.isnan(value) else ""),
    )


def measure_all(
    measures: Sequence[Measure], n_texts: int, n_resamples: int, seed: int
) -> list[Figure]:
    """Measure everything on one dataset, with 95 % intervals by the bootstrap over its texts.

    Args:
        measures: what to measure; their statistics take weights (resamples, n_texts).
        n_texts: texts of the dataset.
        n_resamples: how often the texts are drawn anew; 0 gives no intervals.
        seed: draws the texts.

    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap" (percentile interval).
    """
    plain = np.ones((1, n_texts))
    values = [np.nan if m.compute is None else float(m.compute(plain)[0]) for m in measures]
    drawn = resample(measures, n_texts, n_resamples, seed)
    figures = []
    for place, measure in enumerate(measures):
        low, high = interval(drawn[place])
        figures.append(make_figure(measure, values[place], low, high))
    return figures


def resample(
    measures: Sequence[Measure], n_texts: int, n_resamples: int, seed: int
) -> NDArray[np.float64]:
    """Give each measure's value in each resample (measures, resamples).

    The same seed draws the same texts, so that two systems can be compared pair by pair.
    """
    random = np.random.default_rng(seed)
    drawn = np.full((len(measures), n_resamples), np.nan)
    size = max(1, min(n_resamples, _BLOCK_CELLS // max(n_texts, 1)))
    for start in range(0, n_resamples, size):
        count = min(size, n_resamples - start)
        weights = draw_weights(random, count, n_texts)
        for place, measure in enumerate(measures):
            if measure.compute is not None:
                drawn[place, start : start + count] = measure.compute(weights)
    return drawn


def draw_weights(random: np.random.Generator, count: int, n_texts: int) -> NDArray[np.float64]:
    """Draw how often each text stands in each resample (count, texts)."""
    picks = random.integers(n_texts, size=(count, n_texts))
    picks += np.arange(count)[:, None] * n_texts
    flat = np.bincount(picks.ravel(), minlength=count * n_texts)
    return flat.reshape(count, n_texts).astype(np.float64)


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Give the middle 95 % of resampled values; NaN where hardly one has a value."""
    known = values[~np.isnan(values)]
    if len(known) < max(20, len(values) // 2):
        return math.nan, math.nan
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
