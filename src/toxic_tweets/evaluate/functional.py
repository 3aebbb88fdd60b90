"""HateCheck and its kin: which kinds of hate, and of what only looks like it, are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.evaluate.decisions import make_flags
from toxic_tweets.evaluate.figures import Measure, make_measure
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.statistics import mean
from toxic_tweets.evaluate.system import System

PART = "functional"
HATE = "identity_hate"
ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Published:
    """Accuracies of another system on HateCheck, as its paper gives them."""

    system: str
    source: str
    accuracy: Mapping[str, float]


_PAPER = "Röttger et al. (2021), HateCheck, ACL 2021"
# BERT is quoted from memory, for the paper could not be fetched; its two sides, weighted by their
# cases, give its totals.
PUBLISHED: tuple[Published, ...] = (
    Published(
        "Perspective (2020)",
        _PAPER,
        MappingProxyType(
            {
                "all": 0.766,
                "hateful": 0.895,
                "non-hateful": 0.482,
                "negate_neg_nh": 0.038,
                "counter_quote_nh": 0.156,
                "slur_reclaimed_nh": 0.284,
            }
        ),
    ),
    Published(
        "BERT, on Davidson",
        _PAPER,
        MappingProxyType({"all": 0.632, "hateful": 0.755, "non-hateful": 0.360}),
    ),
    Published(
        "BERT, on Founta",
        _PAPER,
        MappingProxyType({"all": 0.602, "hateful": 0.655, "non-hateful": 0.485}),
    ),
)


def measure_functional(scored: Scored, system: System) -> list[Measure]:
    """Measure accuracy in all, per side, per functionality and per target group.

    A case counts as called hateful by one of two rules, each with its own figures: `identity_hate`
    is flagged, or anything is. Report the better one of all cases, as the label.
    """
    functionalities = scored.groups.get("functionality")
    if functionalities is None:
        return []
    hateful = _find_truth(scored)
    measures: list[Measure] = []
    for rule, called in _rules(scored, system).items():
        right = called == hateful
        groups: dict[str, NDArray[np.bool_]] = {
            "all": np.ones(len(scored), dtype=np.bool_),
            "hateful": hateful,
            "non-hateful": ~hateful,
        }
        for kind in ("functionality", "target"):
            names = scored.groups.get(kind, np.array([""] * len(scored)))
            for name in dict.fromkeys(names.tolist()):
                if name:
                    groups[f"{kind} {name}"] = names == name
        measures += [
            make_measure(
                *(PART, scored.name, "accuracy", mean(right, rows), int(rows.sum())),
                label=rule,
                group=group,
            )
            for group, rows in groups.items()
        ]
    return measures


def _rules(scored: Scored, system: System) -> dict[str, NDArray[np.bool_]]:
    flags = make_flags(scored, system)
    rules = {ANYTHING: np.asarray(flags.any(axis=1))}
    if HATE in scored.labels:
        rules[HATE] = flags[:, scored.column(HATE)]
    return rules


def _find_truth(scored: Scored) -> NDArray[np.bool_]:
    """Return which cases are hateful; the reader says so by a group, whatever labels there are."""
    return np.asarray(scored.groups["gold"] == "hateful")
