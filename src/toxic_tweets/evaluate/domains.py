"""How good it is where people write differently: one line per dataset."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.evaluate.bias import find_main_label
from toxic_tweets.evaluate.decisions import make_flags
from toxic_tweets.evaluate.figures import Measure, make_measure
from toxic_tweets.evaluate.functional import ANYTHING
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.statistics import macro_f1, roc_auc
from toxic_tweets.evaluate.system import System

PART = "domains"


def measure_domain(scored: Scored, system: System) -> list[Measure]:
    """Measure macro-F1 at the thresholds and ROC AUC per label, and macro-F1 of any flag.

    «Anything is flagged» and the highest score of all labels are judged against the main label,
    for most datasets of other people know one label only.
    """
    flags = make_flags(scored, system)
    measures: list[Measure] = []
    for label in scored.labels:
        rows, truth = scored.known(label), scored.truth(label)
        if not len(rows):
            continue
        column = scored.column(label)
        n, n_positive = len(rows), int(truth[rows].sum())
        place = (PART, scored.name)
        f1 = macro_f1(truth, flags[:, column], rows)
        auc = roc_auc(truth, scored.scores[:, column], rows)
        measures += [
            make_measure(*(*place, "macro_f1", f1, n, n_positive), label=label),
            make_measure(*(*place, "roc_auc", auc, n, n_positive), label=label),
        ]
    if system.activation == "sigmoid" and len(scored.labels) > 1:
        measures += _any_flag(scored, np.asarray(flags.any(axis=1)))
    return measures


def _any_flag(scored: Scored, any_flag: NDArray[np.bool_]) -> list[Measure]:
    label = find_main_label(scored)
    if label is None:
        return []
    rows, truth = scored.known(label), scored.truth(label)
    n, n_positive = len(rows), int(truth[rows].sum())
    compute = macro_f1(truth, any_flag, rows)
    note = f"against {label}"
    return [
        make_measure(
            PART, scored.name, "macro_f1", compute, n, n_positive, label=ANYTHING, note=note
        )
    ]
