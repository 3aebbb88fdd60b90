"""Scoring that goes on where it was: a visitor who touches the page while it runs loses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from toxic_tweets.policy import Policy
from toxic_tweets.prediction import Prediction
from toxic_tweets.web.judging import Scored
from toxic_tweets.web.scorers import Scorer

# How often a progress bar moves; often enough to look alive, rarely enough to cost nothing.
_STEP_S = 0.25


@dataclass
class Work:
    """Hold texts and their predictions as far as they are there.

    Attributes:
        texts: what is to be scored.
        key: names the model and the lists it is scored with; another key is other work.
        done: the predictions so far, in order.
        seconds: how long the scoring took so far.
    """

    texts: Sequence[str]
    key: tuple[object, ...]
    done: list[Prediction] = field(default_factory=list)
    seconds: float = 0.0
    _scored: Scored | None = None

    @property
    def is_done(self) -> bool:
        """Tell whether every text is scored."""
        return len(self.done) == len(self.texts)

    def advance(
        self, scorer: Scorer, policy: Policy, report: Callable[[int], None] = lambda n_done: None
    ) -> None:
        """Score what is left.

        Args:
            scorer: what scores.
            policy: its lists are looked for.
            report: is told how many texts are done, a few times a second. It may raise to stop: the
                next call goes on from there.
        """
        report(len(self.done))
        last = time.perf_counter()
        left = islice(self.texts, len(self.done), None)
        for prediction in scorer.predict_iter(left, policy):
            self.done.append(prediction)
            now = time.perf_counter()
            if now - last >= _STEP_S:
                self.seconds += now - last
                last = now
                report(len(self.done))
        self.seconds += time.perf_counter() - last

    def scored(self, scorer: Scorer) -> Scored:
        """Return all predictions side by side, made once."""
        if self._scored is None or len(self._scored.scores) < len(self.done):
            self._scored = Scored.from_predictions(self.done, scorer.facts.labels)
        return self._scored


def make_key(model: str, scorer: Scorer, policy: Policy) -> tuple[object, ...]:
    """Return what scores depend on beside the texts; thresholds are no part of it."""
    return (model, scorer.facts.id, policy.lists)
