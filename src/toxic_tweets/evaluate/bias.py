"""Do words that name groups of people raise scores by themselves?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.evaluate.decisions import make_flags
from toxic_tweets.evaluate.figures import MIN_TEXTS, Measure, make_measure
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.statistics import Floats, Statistic, Values, mean, roc_auc
from toxic_tweets.evaluate.system import System

PART = "bias"
KINDS = ("subgroup_auc", "bpsn_auc", "bnsp_auc")
SWAPPED = "swapped"
# Of the Jigsaw challenge of 2019: it punishes the worst identities, and weighs all four alike.
POWER = -5.0
# The identities that the challenge counts, where a dataset has them all.
JIGSAW_IDENTITIES = (
    "male",
    "female",
    "homosexual_gay_or_lesbian",
    "christian",
    "jewish",
    "muslim",
    "black",
    "white",
    "psychiatric_or_mental_illness",
)


def find_main_label(scored: Scored) -> str | None:
    """Return the label that is measured where there can be one only.

    That is `toxic`, else the first label that some texts carry and others do not.
    """
    place = find_main_column(scored.targets, scored.labels)
    return None if place is None else scored.labels[place]


def find_main_column(targets: NDArray[np.float32], labels: Sequence[str]) -> int | None:
    """Return the place of that label among the columns of `targets` (texts, labels)."""
    both = (targets >= 0.5).any(axis=0) & (targets < 0.5).any(axis=0)
    places = np.flatnonzero(both).tolist()
    if "toxic" in labels and labels.index("toxic") in places:
        return labels.index("toxic")
    return next(iter(places), None)


def measure_bias(scored: Scored) -> list[Measure]:
    """Measure the three AUCs of every identity and what they add up to.

    - `subgroup_auc`: among texts that name the identity.
    - `bpsn_auc`: background positive, subgroup negative; low when naming it raises scores.
    - `bnsp_auc`: background negative, subgroup positive; low when naming it lowers scores.
    - `jigsaw_bias_metric`: a quarter each of the overall AUC and the power means (p = -5) of the
      three.

    Source: Borkan et al. (2019), "Nuanced metrics for measuring unintended bias with real data for
    text classification".
    """
    label = find_main_label(scored)
    if label is None or not scored.identities:
        return []
    scores, truth = scored.scores[:, scored.column(label)], scored.truth(label)
    known = ~np.isnan(scored.targets[:, scored.column(label)])
    measures: list[Measure] = []
    counted: list[str] = []
    for identity, marks in scored.identities.items():
        asked = known & ~np.isnan(marks)
        named, rest = asked & (marks >= 0.5), asked & ~(marks >= 0.5)
        rows = {
            "subgroup_auc": named,
            "bpsn_auc": (rest & truth) | (named & ~truth),
            "bnsp_auc": (rest & ~truth) | (named & truth),
        }
        n, n_positive = int(named.sum()), int((named & truth).sum())
        if min(n_positive, n - n_positive) >= MIN_TEXTS:
            counted.append(identity)
        measures += [
            make_measure(
                *(PART, scored.name, kind, roc_auc(truth, scores, rows[kind]), n, n_positive),
                label=label,
                group=identity,
            )
            for kind in KINDS
        ]
    return [*_sums(scored, label, measures, _choose(counted), known), *measures]


def _choose(counted: list[str]) -> list[str]:
    """Return the identities that sums are made of."""
    official = set(JIGSAW_IDENTITIES) <= set(counted)
    return [name for name in counted if not official or name in JIGSAW_IDENTITIES]


def _sums(
    scored: Scored,
    label: str,
    measures: list[Measure],
    identities: list[str],
    known: NDArray[np.bool_],
) -> list[Measure]:
    """Measure the mean and the worst of each kind, and the metric of the challenge."""
    if not identities:
        return []
    truth, scores = scored.truth(label), scored.scores[:, scored.column(label)]
    overall = roc_auc(truth, scores, known)
    of_kind = {
        kind: [
            one.compute
            for one in measures
            if one.name == kind and one.group in identities and one.compute is not None
        ]
        for kind in KINDS
    }
    table = _Table(of_kind)
    note = f"over {len(identities)} identities with enough texts"
    n, n_positive = int(known.sum()), int((known & truth).sum())
    statistics: dict[str, Statistic] = {"roc_auc": overall}
    for place, kind in enumerate(KINDS):
        statistics[f"mean_{kind}"] = table.reduce(lambda x, k=place: x[k].mean(axis=0))  # type: ignore[misc]
        statistics[f"worst_{kind}"] = table.reduce(lambda x, k=place: x[k].min(axis=0))  # type: ignore[misc]

    def challenge(weights: Floats) -> Values:
        power_means = table.reduce(_power_means)(weights)
        return np.asarray((overall(weights) + power_means) / 4)

    statistics["jigsaw_bias_metric"] = challenge
    return [
        make_measure(
            *(PART, scored.name, name, compute, n, n_positive),
            label=label,
            note="" if name == "roc_auc" else note,
        )
        for name, compute in statistics.items()
    ]


def _power_means(table: Floats) -> Values:
    """Return the sum over kinds of the power mean over identities (resamples,)."""
    with np.errstate(divide="ignore"):
        powers = np.mean(np.maximum(table, 1e-9) ** POWER, axis=1) ** (1 / POWER)
    return np.asarray(powers.sum(axis=0))


class _Table:
    """Compute the AUCs of all kinds and identities once for weights that several figures need."""

    def __init__(self, of_kind: dict[str, list[Statistic]]) -> None:
        self._of_kind = of_kind
        self._weights: Floats | None = None
        self._table: Values = np.empty((0, 0, 0))

    def __call__(self, weights: Floats) -> Values:
        """Return AUCs (kinds, identities, resamples)."""
        if weights is not self._weights:
            self._table = np.array(
                [[one(weights) for one in statistics] for statistics in self._of_kind.values()]
            )
            self._weights = weights
        return self._table

    def reduce(self, reduction: Statistic) -> Statistic:
        """Make the statistic that `reduction` computes from the table."""
        return lambda weights: reduction(self(weights))


def measure_swaps(scored: Scored, system: System) -> list[Measure]:
    """Measure how far scores move when another group of people is named in the same sentence.

    `mean_gap` is the mean distance of the two scores. `mean_rise` is the mean of the score with
    this identity less the score with another: above 0, the word raises scores. `verdict_changes`
    is the share of texts that are flagged with one group and not with the other.
    """
    label = find_main_label(scored) or scored.labels[0]
    if SWAPPED not in scored.views:
        return []
    column = scored.column(label)
    rise = scored.scores[:, column] - scored.views[SWAPPED][:, column]
    rows = ~np.isnan(rise)
    rise = np.nan_to_num(rise)
    changes = (make_flags(scored, system) != make_flags(scored, system, SWAPPED))[:, column]
    n = int(rows.sum())
    place = (PART, scored.name)
    measures = [
        make_measure(
            *(*place, "mean_gap", mean(np.abs(rise), rows), n), label=label, better="lower"
        ),
        make_measure(
            *(*place, "verdict_changes", mean(changes, rows), n), label=label, better="lower"
        ),
    ]
    words = scored.groups.get("identity", np.array([""] * len(scored)))
    for word in sorted(set(words[rows].tolist()) - {""}):
        named = rows & (words == word)
        if named.sum() >= MIN_TEXTS:
            measures.append(
                make_measure(
                    *(*place, "mean_rise", mean(rise, named), int(named.sum())),
                    label=label,
                    group=word,
                    better="neither",
                )
            )
    return measures
