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


_SOURCE = (
    "Röttger et al. (2021), HateCheck, ACL 2021; of target groups only cases from templates; as in "
    "github.com/paul-rottger/hatecheck-experiments, 4_eval_models_on_hatecheck.ipynb"
)
_SYSTEMS = ("Perspective (2020)", "BERT, on Davidson", "BERT, on Founta")
# Per group the accuracy of each system in percent.
_ACCURACY: Mapping[str, tuple[float, float, float]] = {
    "all": (76.6, 63.2, 60.2),
    "hateful": (89.5, 75.5, 65.5),
    "non-hateful": (48.2, 36.0, 48.5),
    "derog_neg_emote_h": (98.6, 88.6, 90.7),
    "derog_neg_attrib_h": (95.7, 88.6, 84.3),
    "derog_dehum_h": (98.6, 91.4, 80.7),
    "derog_impl_h": (85.0, 71.4, 61.4),
    "threat_dir_h": (100.0, 87.2, 75.9),
    "threat_norm_h": (100.0, 91.4, 83.6),
    "slur_h": (66.0, 60.4, 41.0),
    "slur_homonym_nh": (63.3, 66.7, 70.0),
    "slur_reclaimed_nh": (28.4, 39.5, 33.3),
    "profanity_h": (100.0, 82.9, 72.9),
    "profanity_nh": (98.0, 99.0, 100.0),
    "ref_subs_clause_h": (99.3, 87.1, 80.7),
    "ref_subs_sent_h": (100.0, 85.7, 70.7),
    "negate_pos_h": (96.4, 85.0, 60.7),
    "negate_neg_nh": (3.8, 12.8, 12.0),
    "phrase_question_h": (99.3, 80.7, 75.0),
    "phrase_opinion_h": (98.5, 85.7, 75.9),
    "ident_neutral_nh": (84.1, 20.6, 58.7),
    "ident_pos_nh": (54.0, 21.7, 52.9),
    "counter_quote_nh": (15.6, 26.6, 32.9),
    "counter_ref_nh": (18.4, 29.1, 29.8),
    "target_obj_nh": (95.4, 87.7, 84.6),
    "target_indiv_nh": (84.6, 27.7, 55.4),
    "target_group_nh": (62.9, 35.5, 59.7),
    "spell_char_swap_h": (88.7, 69.9, 58.6),
    "spell_char_del_h": (74.3, 59.3, 47.9),
    "spell_space_del_h": (80.1, 68.1, 51.1),
    "spell_space_add_h": (74.0, 43.9, 37.6),
    "spell_leet_h": (68.2, 48.0, 43.9),
    "women": (80.5, 34.9, 52.3),
    "trans people": (80.8, 69.1, 69.4),
    "gay people": (80.8, 73.9, 74.3),
    "black people": (80.5, 69.8, 72.2),
    "disabled people": (79.8, 71.0, 37.1),
    "Muslims": (79.6, 72.2, 73.6),
    "immigrants": (80.5, 70.5, 58.9),
}
PUBLISHED: tuple[Published, ...] = tuple(
    Published(
        system,
        _SOURCE,
        MappingProxyType({group: row[place] / 100 for group, row in _ACCURACY.items()}),
    )
    for place, system in enumerate(_SYSTEMS)
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
