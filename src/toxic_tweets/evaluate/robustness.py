"""What is left when texts are disguised, shouted, padded or long."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.data.disguise import KINDS, SEVERITIES, disguise
from toxic_tweets.evaluate.bias import find_main_label
from toxic_tweets.evaluate.decisions import make_flags
from toxic_tweets.evaluate.figures import Measure, make_measure
from toxic_tweets.evaluate.scored import Scored
from toxic_tweets.evaluate.statistics import mean, roc_auc
from toxic_tweets.evaluate.system import System
from toxic_tweets.text.lexicon import read_abusive_words

PART = "robustness"
PLAIN = "plain"
# The mean over all kinds of disguise in all severities.
DISGUISED = "all disguises"
LENGTH = "length"
# Below a tweet of old, a tweet of today, what fits most windows, what never does.
_LENGTHS = (("1-70", 70), ("71-280", 280), ("281-1000", 1000), ("1001+", None))

# Mild and about nothing, so that every change of a score is the padding's doing.
_FILLER = (
    "The library opens at nine and closes at six. Bring a cup if you want tea, the kitchen is on "
    "the second floor. We met by the river in the afternoon and walked until the lamps were lit."
)
_LONG_FILLER = " ".join([_FILLER] * 12)

_CHANGES: dict[str, Callable[[str], str]] = {
    "casing upper": str.upper,
    "casing lower": str.lower,
    "casing title": str.title,
    "whitespace doubled": lambda text: text.replace(" ", "  "),
    "whitespace lines": lambda text: text.replace(" ", "\n"),
    "whitespace around": lambda text: f" \t\n {text} \n\n ",
    "prefix short": lambda text: f"{_FILLER} {text}",
    "suffix short": lambda text: f"{text} {_FILLER}",
    "prefix long": lambda text: f"{_LONG_FILLER} {text}",
    "suffix long": lambda text: f"{text} {_LONG_FILLER}",
}
VIEWS: tuple[str, ...] = (
    *(f"{kind} {severity}" for kind in KINDS for severity in SEVERITIES),
    *_CHANGES,
)


def change(text: str, seed: int) -> Iterator[tuple[str, str]]:
    """Yield a text in every view, with the name of the view.

    What is drawn depends on the seed, the text and the view alone: two systems get the same.
    """
    targets = frozenset(read_abusive_words())
    mark = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    for place, kind in enumerate(KINDS):
        for severity in SEVERITIES:
            random = np.random.default_rng([seed, mark, place, severity])
            yield f"{kind} {severity}", disguise(text, kind, severity, random, targets)
    for name, make in _CHANGES.items():
        yield name, make(text)


def name_length(text: str) -> str:
    """Return the group of a text by its length in code points."""
    return next(name for name, most in _LENGTHS if most is None or len(text) <= most)


def measure_robustness(scored: Scored, system: System) -> list[Measure]:
    """Measure ranking, recall and false alarms in every view, and per length.

    All views are of the same texts; the group `plain` has their figures as they stand, the group
    `all disguises` the means over every kind and severity.
    """
    label = find_main_label(scored)
    if label is None:
        return []
    column = scored.column(label)
    known = np.zeros(len(scored), dtype=np.bool_)
    known[scored.known(label)] = True
    measures: list[Measure] = []
    views = [view for view in VIEWS if view in scored.views]
    if views:
        changed = known & ~np.isnan(scored.views[views[0]][:, column])
        for view in (PLAIN, *views):
            flags = make_flags(scored, system, "" if view == PLAIN else view)[:, column]
            scores = (scored.scores if view == PLAIN else scored.views[view])[:, column]
            measures += _measure(scored, label, view, scores, flags, changed)
        measures += _measure_disguised(scored, system, label, views, changed)
    lengths = scored.groups.get(LENGTH)
    if lengths is not None:
        flags, scores = make_flags(scored, system)[:, column], scored.scores[:, column]
        for name, _ in _LENGTHS:
            rows = known & (lengths == name)
            if rows.any():
                measures += _measure(scored, label, f"{LENGTH} {name}", scores, flags, rows)
    return measures


def _measure_disguised(
    scored: Scored,
    system: System,
    label: str,
    views: Sequence[str],
    rows: NDArray[np.bool_],
) -> list[Measure]:
    """Measure recall and false alarms as means over all disguises of each text."""
    disguises = [view for view in views if view not in _CHANGES]
    if not disguises:
        return []
    column, truth = scored.column(label), scored.truth(label)
    flags = np.mean([make_flags(scored, system, view)[:, column] for view in disguises], axis=0)
    sides = (("recall", rows & truth, "higher"), ("false_alarm_rate", rows & ~truth, "lower"))
    return [
        make_measure(
            *(PART, scored.name, name, mean(flags, side), int(side.sum())),
            label=label,
            group=DISGUISED,
            better=better,
        )
        for name, side, better in sides
    ]


def _measure(
    scored: Scored,
    label: str,
    group: str,
    scores: NDArray[np.float64],
    flags: NDArray[np.bool_],
    rows: NDArray[np.bool_],
) -> list[Measure]:
    truth = scored.truth(label)
    positive, innocent = rows & truth, rows & ~truth
    n, n_positive = int(rows.sum()), int(positive.sum())
    place = (PART, scored.name)
    return [
        make_measure(
            *(*place, "roc_auc", roc_auc(truth, scores, rows), n, n_positive),
            label=label,
            group=group,
        ),
        make_measure(
            *(*place, "recall", mean(flags, positive), n_positive), label=label, group=group
        ),
        make_measure(
            *(*place, "false_alarm_rate", mean(flags, innocent), n - n_positive),
            label=label,
            group=group,
            better="lower",
        ),
    ]
