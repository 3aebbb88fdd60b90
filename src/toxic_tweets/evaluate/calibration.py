"""Does a score mean what it says: of texts scored 0.8, do 80 % carry the label?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.evaluate.figures import Better, Measure, make_measure
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.statistics import Statistic, calibration_error, mean

PART = "calibration"
N_BINS = 15


def measure_calibration(scored: Scored, base_rates: Mapping[str, float]) -> list[Measure]:
    """Measure per label how far scores are from fractions.

    Where a dataset marks natural texts, only they count: other texts were chosen for their labels,
    which no score can know. `ece_corrected` is the error after the scores were moved from the base
    rate they were calibrated at to that of the dataset.

    Args:
        scored: scores and targets.
        base_rates: how common each label was where scores were calibrated.
    """
    measures: list[Measure] = []
    for label in scored.labels:
        rows = natural_rows(scored, label)
        if not len(rows):
            continue
        column = scored.column(label)
        scores, targets = scored.scores[:, column], scored.targets[:, column]
        truth = scored.truth(label)
        statistics: dict[str, tuple[Statistic, Better]] = {
            "ece": (calibration_error(scores, targets, N_BINS, rows), "lower"),
            "brier": (mean((scores - targets) ** 2, rows), "lower"),
            "mean_score": (mean(scores, rows), "neither"),
            "base_rate": (mean(targets, rows), "neither"),
        }
        here = float(targets[rows].mean(dtype=np.float64))
        if label in base_rates and 0 < here < 1:
            moved = correct_base_rate(scores, base_rates[label], here)
            statistics["ece_corrected"] = (
                calibration_error(moved, targets, N_BINS, rows),
                "lower",
            )
        for name, (compute, better) in statistics.items():
            note = ""
            # A mean needs no two sides; an error against one side alone would flatter.
            n_positive = None if better == "neither" else int(truth[rows].sum())
            if name == "ece_corrected":
                note = f"scores moved from a base rate of {base_rates[label]:.1%} to {here:.1%}"
            measures.append(
                make_measure(
                    *(PART, scored.name, name, compute, len(rows), n_positive),
                    label=label,
                    better=better,
                    note=note,
                )
            )
    return measures


def natural_rows(scored: Scored, label: str) -> NDArray[np.int64]:
    """Return the texts whose target is known: the natural ones, or all where none is marked."""
    rows = scored.known(label)
    natural = rows[scored.natural[rows]]
    return natural if len(natural) else rows


def find_base_rates(datasets: Iterable[Scored]) -> dict[str, float]:
    """Return how common each label is in natural texts: what calibrated scores are meant for."""
    rates: dict[str, float] = {}
    for scored in datasets:
        if not scored.natural.any():
            continue
        for label in scored.labels:
            rows = natural_rows(scored, label)
            rate = float(scored.targets[rows, scored.column(label)].mean()) if len(rows) else 0.0
            if 0 < rate < 1:
                rates.setdefault(label, rate)
    return rates


def correct_base_rate(
    scores: NDArray[np.float64], assumed: float, actual: float
) -> NDArray[np.float64]:
    """Say what scores mean where the label is more or less common than where they were calibrated.

    Args:
        scores: calibrated scores.
        assumed: the fraction of texts with the label where they were calibrated.
        actual: the fraction where they are used.

    Returns:
        Scores whose odds are multiplied by the ratio of the two base rates' odds.

    Source: Saerens, Latinne and Decaestecker (2002), "Adjusting the outputs of a classifier to new
    a priori probabilities".
    """
    ratio = (actual / (1 - actual)) / (assumed / (1 - assumed))
    return np.asarray(scores * ratio / (scores * ratio + (1 - scores)))


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of a reliability picture."""

    mean_score: float
    mean_target: float
    n: int


def make_bins(scored: Scored, label: str) -> list[Bin]:
    """Return mean score and mean target of equally many texts each, lowest scores first."""
    rows = natural_rows(scored, label)
    column = scored.column(label)
    scores, targets = scored.scores[rows, column], scored.targets[rows, column]
    order = np.argsort(scores, kind="stable")
    return [
        Bin(float(scores[part].mean()), float(targets[part].mean()), len(part))
        for part in np.array_split(order, N_BINS)
        if len(part)
    ]
