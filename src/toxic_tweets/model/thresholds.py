"""Where to cut a score: the thresholds that ship with a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.policy import Thresholds

# F1 is flat around its best and noisy with few positives; of cuts that are as good, the highest
# raises the fewest false alarms.
F1_TOLERANCE = 0.005


def fit_thresholds(
    scores: NDArray[np.float64],
    targets: NDArray[np.float32],
    weights: NDArray[np.float64],
    labels: Sequence[str],
) -> Thresholds:
    """Find, for each label, the cut of best F1, of 90 % precision and of 90 % recall.

    Args:
        scores: calibrated scores (texts, labels).
        targets: 0, 1, a fraction (counted as 1 from 0.5) or NaN = left out (texts, labels).
        weights: how many texts of the stated mix a row stands for (texts,).
        labels: names of the columns.

    Returns:
        `best_f1`: the highest cut whose F1 is within `F1_TOLERANCE` of the best.
        `precision_90`: the lowest cut whose flagged texts carry the label in at least 90 of 100
        cases, 1.0 if there is none. `recall_90`: the highest cut that still finds 90 % of the
        positives. A label with no positive gets 0.5, 1.0 and 0.5.
    """
    columns = [
        _cuts(scores[known, column], targets[known, column] >= 0.5, weights[known])
        for column in range(len(labels))
        for known in [~np.isnan(targets[:, column])]
    ]
    return Thresholds(
        best_f1={label: cuts[0] for label, cuts in zip(labels, columns, strict=True)},
        precision_90={label: cuts[1] for label, cuts in zip(labels, columns, strict=True)},
        recall_90={label: cuts[2] for label, cuts in zip(labels, columns, strict=True)},
    )


def _cuts(
    scores: NDArray[np.float64], truth: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, float, float]:
    total = float(weights[truth].sum())
    if total == 0:
        return 0.5, 1.0, 0.5
    order = np.argsort(-scores, kind="stable")
    scores, truth, weights = scores[order], truth[order], weights[order]
    found = np.cumsum(weights * truth)
    flagged = np.cumsum(weights)
    # Only the last of equal scores is a place to cut.
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    scores, found, flagged = scores[ends], found[ends], flagged[ends]
    below = np.append(scores[1:], 0.0)
    cuts = (scores + below) / 2  # half way to the next score: a cut is not tuned to one text
    cuts = np.minimum(cuts, scores)
    precision, recall = found / flagged, found / total
    f1 = 2 * found / (flagged + total)
    best = float(cuts[int(np.argmax(f1 >= f1.max() - F1_TOLERANCE))])
    # Precision may dip by chance among the first few: the longest list that is at 0.9 as a whole.
    reaching = np.flatnonzero(precision >= 0.9)
    precision_90 = float(cuts[reaching[-1]]) if len(reaching) else 1.0
    recall_90 = float(cuts[int(np.argmax(recall >= 0.9))])
    return best, precision_90, recall_90
