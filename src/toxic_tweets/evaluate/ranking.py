"""Do texts with a label score higher than texts without it? No threshold is involved."""

from __future__ import annotations

from toxic_tweets.evaluate.figures import Better, Measure, make_measure
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.statistics import (
    Statistic,
    average,
    average_precision,
    recall_at_precision,
    roc_auc,
    threshold_at_precision,
)

PART = "ranking"
PRECISION = 0.9


def measure_ranking(scored: Scored) -> list[Measure]:
    """Measure ROC AUC and average precision per label, and their means over labels.

    `mean_roc_auc` is the metric of the Jigsaw challenge. `recall_at_precision_90` is the highest
    recall that a threshold reaches while 90 % of what it flags is right.
    """
    measures: list[Measure] = []
    for label in scored.labels:
        rows, truth = scored.known(label), scored.truth(label)
        n_positive = int(truth[rows].sum())
        if not len(rows):
            continue
        scores = scored.scores[:, scored.column(label)]
        statistics: dict[str, tuple[Statistic, Better]] = {
            "roc_auc": (roc_auc(truth, scores, rows), "higher"),
            "average_precision": (average_precision(truth, scores, rows), "higher"),
            "recall_at_precision_90": (
                recall_at_precision(truth, scores, PRECISION, rows),
                "higher",
            ),
            "threshold_at_precision_90": (
                threshold_at_precision(truth, scores, PRECISION, rows),
                "neither",
            ),
        }
        measures += [
            make_measure(
                *(PART, scored.name, name, compute, len(rows), n_positive),
                label=label,
                better=better,
            )
            for name, (compute, better) in statistics.items()
        ]
    return [*measures, *_means(scored, measures)]


def _means(scored: Scored, measures: list[Measure]) -> list[Measure]:
    means = []
    for name in ("roc_auc", "average_precision"):
        found = [one for one in measures if one.name == name and one.compute is not None]
        if len(found) > 1:
            statistics = [one.compute for one in found if one.compute is not None]
            means.append(
                Measure(
                    *(PART, scored.name, f"mean_{name}", average(statistics)),
                    n=max(one.n for one in found),
                    note=f"mean over {', '.join(one.label for one in found)}",
                )
            )
    return means
