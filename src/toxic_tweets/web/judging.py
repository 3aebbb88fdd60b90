"""Flags, verdicts and highest types of many texts at once, from scores that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.policy import Policy, Thresholds
from toxic_tweets.prediction import Match, Prediction, Verdict

VERDICTS: tuple[Verdict, ...] = ("allow", "review", "block")
"""The verdicts, the milder first; arrays hold their places here."""


@dataclass(frozen=True, eq=False, slots=True)
class Scored:
    """Hold what a model found in some texts, whatever the thresholds.

    Attributes:
        labels: names of the scores, in order.
        scores: (texts, labels).
        languages: code of each text's language, None where it cannot be told.
        supported: whether the model was trained on that language.
        matches: what lists found in each text.
        windows: into how many pieces each text was cut.
        checkpoint: id of what scored.
    """

    labels: tuple[str, ...]
    scores: NDArray[np.float64]
    languages: tuple[str | None, ...]
    supported: tuple[bool | None, ...]
    matches: tuple[tuple[Match, ...], ...]
    windows: tuple[int, ...]
    checkpoint: str

    @classmethod
    def from_predictions(cls, predictions: Sequence[Prediction], labels: Sequence[str]) -> Scored:
        """Put predictions side by side."""
        rows = [[one.scores[label] for label in labels] for one in predictions]
        return cls(
            labels=tuple(labels),
            scores=np.array(rows, dtype=np.float64).reshape(len(rows), len(labels)),
            languages=tuple(one.language for one in predictions),
            supported=tuple(one.language_supported for one in predictions),
            matches=tuple(one.matches for one in predictions),
            windows=tuple(one.windows for one in predictions),
            checkpoint=predictions[0].checkpoint if predictions else "",
        )


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """Hold what a policy makes of scored texts.

    Attributes:
        flagged: (texts, labels), whether the label is flagged.
        verdicts: place in `VERDICTS`, per text.
        highest: place of the label with the highest score that counts, per text.
        highest_type: the same without `toxic`, which is over nearly every other label; where
            nothing else counts it is the same.
    """

    flagged: NDArray[np.bool_]
    verdicts: NDArray[np.int8]
    highest: NDArray[np.int64]
    highest_type: NDArray[np.int64]


def judge_all(scored: Scored, policy: Policy, thresholds: Thresholds) -> Judged:
    """Return the flags and verdicts that `Policy.judge` gives, for all texts at once."""
    labels = scored.labels
    counted = np.array([policy.labels is None or label in policy.labels for label in labels])
    flag_from = np.array([policy.flag_threshold(label, thresholds) for label in labels])
    block_from = np.array([policy.block_threshold(label, thresholds) for label in labels])
    flagged = (scored.scores >= flag_from) & counted
    is_sure = (flagged & (scored.scores >= block_from)).any(axis=1)
    verdicts = (flagged.any(axis=1).astype(np.int8) + is_sure).astype(np.int8)
    for place in _find_special(scored, policy):  # few, or none: lists and languages
        row = dict(zip(labels, scored.scores[place].tolist(), strict=True))
        matches, supported = scored.matches[place], scored.supported[place]
        verdicts[place] = VERDICTS.index(policy.judge(row, thresholds, matches, supported)[1])
    return Judged(flagged, verdicts, *_find_highest(scored, counted))


def choose_only(scored: Scored) -> Judged:
    """Return what there is where exactly one label fits: nothing to flag, only the highest."""
    n_texts = len(scored.scores)
    highest = _argmax(scored.scores, np.ones(len(scored.labels), dtype=bool))
    flagged = np.zeros(scored.scores.shape, dtype=bool)
    return Judged(flagged, np.zeros(n_texts, dtype=np.int8), highest, highest)


def fit_policy(policy: Policy, labels: Sequence[str]) -> Policy:
    """Return the policy without labels that a model lacks; all count where none is left."""
    kept = None
    if policy.labels is not None:
        kept = tuple(label for label in policy.labels if label in labels) or None
    return Policy(
        name=policy.name,
        labels=kept,
        preset=policy.preset,
        thresholds={key: cut for key, cut in policy.thresholds.items() if key in labels},
        block={key: cut for key, cut in policy.block.items() if key in labels},
        lists=policy.lists,
        unsupported_language=policy.unsupported_language,
    )


def _find_special(scored: Scored, policy: Policy) -> list[int]:
    """Return the texts whose verdict depends on more than scores."""
    by_language = policy.unsupported_language == "review"
    return [
        place
        for place, (matches, supported) in enumerate(
            zip(scored.matches, scored.supported, strict=True)
        )
        if matches or (by_language and supported is False)
    ]


def _find_highest(
    scored: Scored, counted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    highest = _argmax(scored.scores, counted)
    types = counted & np.array([label != "toxic" for label in scored.labels])
    return highest, _argmax(scored.scores, types) if types.any() else highest


def _argmax(scores: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the place of the highest score that counts, the first one on a tie."""
    places = np.where(counted, scores, -1.0).argmax(axis=1)
    return np.asarray(places, dtype=np.int64)
