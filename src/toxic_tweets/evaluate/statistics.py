"""Measures of scores against targets, each for many weightings of the texts at once.

Every function here makes a statistic: it takes weights (resamples, texts) and gives one value per
resample. Weights of 1 give the plain value; how often each text was drawn gives a bootstrap value,
without copying a row. NaN says that a resample has no value, such as an AUC without a positive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Values = NDArray[np.float64]
Statistic = Callable[[Floats], Values]
Rows = NDArray[Any] | None  # indices or marks of the texts that count; None = all


def roc_auc(truth: NDArray[np.bool_], scores: Floats, rows: Rows = None) -> Statistic:
    """Make the area under the ROC curve: how often a positive outscores a negative.

    Ties count half.

    Args:
        truth: which texts are positive (texts,).
        scores: scores (texts,).
        rows: indices or marks of the texts that count; None means all.

    Source: Hanley and McNeil (1982), "The meaning and use of the area under a ROC curve".
    """
    chosen = _indices(len(truth), rows)
    order = chosen[np.argsort(scores[chosen], kind="stable")]
    ranked, positive = scores[order], truth[order]
    at = np.flatnonzero(positive)
    below = np.searchsorted(ranked, ranked[at], side="left")
    not_above = np.searchsorted(ranked, ranked[at], side="right")
    has_ties = bool((not_above - below > 1).any())

    def compute(weights: Floats) -> Values:
        drawn = weights[:, order]
        won = drawn[:, at].astype(np.float64)
        negatives = np.where(positive, 0.0, drawn)
        before = np.zeros((len(drawn), len(order) + 1))
        np.cumsum(negatives, axis=1, out=before[:, 1:])
        outscored = before[:, below]
        if has_ties:
            outscored = (outscored + before[:, not_above]) / 2
        return _divide((won * outscored).sum(axis=1), won.sum(axis=1) * before[:, -1])

    return compute


def average_precision(truth: NDArray[np.bool_], scores: Floats, rows: Rows = None) -> Statistic:
    """Make the mean precision over the positives, each at the threshold that just flags it.

    Source: the definition of scikit-learn's `average_precision_score`: no interpolation.
    """
    curve, _ = _make_curve(truth, scores, rows)

    def compute(weights: Floats) -> Values:
        won, found, flagged = curve(weights)
        return _divide((won * _divide(found, flagged, empty=0.0)).sum(axis=1), won.sum(axis=1))

    return compute


def recall_at_precision(
    truth: NDArray[np.bool_], scores: Floats, precision: float, rows: Rows = None
) -> Statistic:
    """Make the highest recall that some threshold reaches at this precision or above."""
    curve, _ = _make_curve(truth, scores, rows)

    def compute(weights: Floats) -> Values:
        won, found, flagged = curve(weights)
        reaches = _divide(found, flagged, empty=0.0) >= precision
        best: Values = np.where(reaches, found, 0.0).max(axis=1, initial=0.0)
        return _divide(best, won.sum(axis=1))

    return compute


def threshold_at_precision(
    truth: NDArray[np.bool_], scores: Floats, precision: float, rows: Rows = None
) -> Statistic:
    """Make the threshold of that recall; NaN where none reaches the precision."""
    curve, thresholds = _make_curve(truth, scores, rows)

    def compute(weights: Floats) -> Values:
        _, found, flagged = curve(weights)
        reaches = _divide(found, flagged, empty=0.0) >= precision
        lowest: Values = np.where(reaches, thresholds, np.inf).min(axis=1, initial=np.inf)
        return np.where(np.isinf(lowest), np.nan, lowest)

    return compute


def count(rows: NDArray[np.bool_]) -> Statistic:
    """Make how many texts count."""
    marks = rows.astype(np.float64)
    return lambda weights: np.asarray(weights @ marks, dtype=np.float64)


def mean(values: Floats | NDArray[np.bool_], rows: Rows = None) -> Statistic:
    """Make the mean of `values` (texts,) over the texts that count."""
    chosen = _indices(len(values), rows)
    kept = values[chosen].astype(np.float64)

    def compute(weights: Floats) -> Values:
        drawn = weights[:, chosen]
        return _divide(drawn @ kept, drawn.sum(axis=1, dtype=np.float64))

    return compute


def f1(truth: NDArray[np.bool_], flags: NDArray[np.bool_], rows: Rows = None) -> Statistic:
    """Make the harmonic mean of precision and recall."""
    counts = np.zeros(len(truth))
    counts[_indices(len(truth), rows)] = 1.0
    both, either = counts * (truth & flags), counts * truth + counts * flags

    def compute(weights: Floats) -> Values:
        return _divide(2 * (weights @ both), weights @ either)

    return compute


def macro_f1(truth: NDArray[np.bool_], flags: NDArray[np.bool_], rows: Rows = None) -> Statistic:
    """Make the mean of the F1 of the flagged and the F1 of the unflagged side."""
    return average([f1(truth, flags, rows), f1(~truth, ~flags, rows)])


def calibration_error(scores: Floats, targets: Floats, n_bins: int, rows: Rows = None) -> Statistic:
    """Make the expected calibration error over bins of equally many texts.

    The bins are those of all texts, in every resample.

    Source: Nguyen and O'Connor (2015), as `model.calibration.expected_calibration_error`.
    """
    chosen = _indices(len(scores), rows)
    order = chosen[np.argsort(scores[chosen], kind="stable")]
    gaps = (scores[order] - targets[order]).astype(np.float64)
    parts = [part for part in np.array_split(np.arange(len(order)), n_bins) if len(part)]
    starts = np.array([part[0] for part in parts], dtype=np.int64)

    def compute(weights: Floats) -> Values:
        drawn = weights[:, order]
        in_bins = np.add.reduceat(drawn * gaps, starts, axis=1)
        return _divide(np.abs(in_bins).sum(axis=1), drawn.sum(axis=1, dtype=np.float64))

    return compute


def average(statistics: list[Statistic]) -> Statistic:
    """Make the mean of several statistics, of those that have a value."""

    def compute(weights: Floats) -> Values:
        values = np.stack([statistic(weights) for statistic in statistics])
        known = ~np.isnan(values)
        return _divide(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0))

    return compute


def roc_points(truth: NDArray[np.bool_], scores: Floats) -> tuple[Values, Values]:
    """Give false-alarm rates and recalls at all thresholds, from none flagged to all flagged."""
    found, flagged = _count_from_top(truth, scores)
    n_positive = max(float(truth.sum()), 1.0)
    n_negative = max(len(truth) - float(truth.sum()), 1.0)
    return np.append(0.0, (flagged - found) / n_negative), np.append(0.0, found / n_positive)


def precision_points(truth: NDArray[np.bool_], scores: Floats) -> tuple[Values, Values]:
    """Give recalls and precisions at all thresholds, the highest first."""
    found, flagged = _count_from_top(truth, scores)
    return found / max(float(truth.sum()), 1.0), found / flagged


def _count_from_top(truth: NDArray[np.bool_], scores: Floats) -> tuple[Values, Values]:
    """Count positives and all that each threshold flags, the highest threshold first."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    return np.cumsum(truth[order])[ends].astype(np.float64), (ends + 1).astype(np.float64)


_Curve = Callable[[Floats], tuple[Values, Values, Values]]


def _make_curve(truth: NDArray[np.bool_], scores: Floats, rows: Rows) -> tuple[_Curve, Values]:
    """Make what is flagged at the score of each positive, the highest first.

    Other thresholds flag more negatives for no more positives. The curve gives (resamples,
    positives): the positive's weight, the positives flagged, and all that is flagged.
    """
    chosen = _indices(len(truth), rows)
    order = chosen[np.argsort(-scores[chosen], kind="stable")]
    falling = -scores[order]
    at = np.flatnonzero(truth[order])
    # Texts with the same score are flagged together.
    last = np.searchsorted(falling, falling[at], side="right") - 1
    last_positive = np.searchsorted(falling[at], falling[at], side="right") - 1

    def compute(weights: Floats) -> tuple[Values, Values, Values]:
        drawn = weights[:, order]
        won = drawn[:, at].astype(np.float64)
        flagged = np.cumsum(drawn, axis=1, dtype=np.float64)[:, last]
        return won, np.cumsum(won, axis=1)[:, last_positive], flagged

    return compute, np.asarray(-falling[at], dtype=np.float64)


def _indices(n_texts: int, rows: Rows) -> NDArray[np.int64]:
    if rows is None:
        return np.arange(n_texts)
    return np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)


def _divide(numerator: Any, denominator: Any, empty: float = np.nan) -> Values:
    """Divide, with `empty` where there is nothing to divide by."""
    top, below = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    )
    quotient: Values = np.divide(top, below, out=np.full(top.shape, empty), where=below > 0)
    return quotient
