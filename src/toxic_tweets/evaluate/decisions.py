"""What the thresholds make of the scores: right, wrong, and wrong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.evaluate.figures import Better, Measure, make_measure
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.statistics import Statistic, count, f1, mean
from toxic_tweets.evaluate.system import System

PART = "decisions"


def make_flags(scored: Scored, system: System, view: str = "") -> NDArray[np.bool_]:
    """Tell which labels are flagged (texts, labels): over their threshold, or the highest score."""
    scores = scored.views[view] if view else scored.scores
    if system.activation == "softmax":
        highest = np.nan_to_num(scores).argmax(axis=1)
        return np.asarray(highest[:, None] == np.arange(len(scored.labels)))
    cuts = np.array([system.thresholds[label] for label in scored.labels])
    return np.asarray(scores >= cuts)


def measure_decisions(scored: Scored, system: System) -> list[Measure]:
    """Measure precision, recall and F1 per label, the counts, exact match and errors in common."""
    flags = make_flags(scored, system)
    measures = [
        one
        for label in scored.labels
        if len(scored.known(label))
        for one in _of_label(scored, flags, label)
    ]
    return [*measures, *_exact_match(scored, flags), *_errors_in_common(scored, flags)]


def _of_label(scored: Scored, flags: NDArray[np.bool_], label: str) -> list[Measure]:
    rows, truth, flag = scored.known(label), scored.truth(label), flags[:, scored.column(label)]
    known = np.zeros(len(scored), dtype=np.bool_)
    known[rows] = True
    positive, flagged = known & truth, known & flag
    n, n_positive, n_flagged = len(rows), int(positive.sum()), int(flagged.sum())
    place = (PART, scored.name)
    rates: list[Measure] = [
        make_measure(*place, "precision", mean(truth, flagged), n_flagged, label=label),
        make_measure(*place, "recall", mean(flag, positive), n_positive, label=label),
        make_measure(*place, "f1", f1(truth, flag, rows), n, n_positive, label=label),
    ]
    counts: dict[str, tuple[NDArray[np.bool_], Better]] = {
        "true_positives": (positive & flagged, "higher"),
        "false_positives": (~truth & flagged, "lower"),
        "false_negatives": (positive & ~flag, "lower"),
        "true_negatives": (known & ~truth & ~flag, "higher"),
    }
    return rates + [
        Measure(*place, name, count(cell), n, n_positive, label=label, better=better)
        for name, (cell, better) in counts.items()
    ]


def _exact_match(scored: Scored, flags: NDArray[np.bool_]) -> list[Measure]:
    """Measure how often all labels are right at once, where all are known."""
    columns = [scored.column(label) for label in scored.labels if len(scored.known(label))]
    known = np.flatnonzero(~np.isnan(scored.targets[:, columns]).any(axis=1))
    if not columns or not len(known):
        return []
    right = (flags[:, columns] == (scored.targets[:, columns] >= 0.5)).all(axis=1)
    names = ", ".join(scored.labels[column] for column in columns)
    compute = mean(right, known)
    return [
        make_measure(PART, scored.name, "exact_match", compute, len(known), note=f"all of {names}")
    ]


def _errors_in_common(scored: Scored, flags: NDArray[np.bool_]) -> list[Measure]:
    """Measure how often one label is wrong where another is."""
    known = ~np.isnan(scored.targets)
    wrong = known & (flags != (scored.targets >= 0.5))
    measures = []
    for one, label in enumerate(scored.labels):
        for other, partner in enumerate(scored.labels):
            rows = wrong[:, one] & known[:, other]
            if one == other or not known[:, other].any() or not rows.any():
                continue
            compute: Statistic = mean(wrong[:, other], rows)
            note = f"of texts that are wrong on {label}, the share that is wrong on {partner} too"
            measures.append(
                make_measure(
                    *(PART, scored.name, "also_wrong", compute, int(rows.sum())),
                    label=label,
                    group=partner,
                    better="neither",
                    note=note,
                )
            )
    return measures
