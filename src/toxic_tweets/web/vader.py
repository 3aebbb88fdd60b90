"""VADER: a list of words with rules, the baseline that any sentiment model has to beat."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from toxic_tweets.errors import MissingExtraError
from toxic_tweets.prediction import Prediction, Span

# Its authors' rule: a compound score from 0.05 on is positive, from -0.05 down negative.
# Source: Hutto and Gilbert, VADER, ICWSM 2014; README of vaderSentiment 3.3.2.
_CUT = 0.05
_WORD = re.compile(r"\S+")
_AROUND = ".,;:!?\"'()[]{}…"


class Vader:
    """Tell negative, neutral and positive texts apart without any weights."""

    def __init__(self) -> None:
        """Read the list of words, which comes with the package.

        Raises:
            MissingExtraError: the package is not installed.
        """
        try:
            from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
        except ModuleNotFoundError as error:
            raise MissingExtraError("web", error.name or "vaderSentiment") from error
        self._analyzer: Any = SentimentIntensityAnalyzer()
        self.id = f"vader@{version('vaderSentiment')}"

    def predict_iter(self, texts: Iterable[str]) -> Iterator[Prediction]:
        """Yield one prediction per text, in order."""
        for text in texts:
            compound = float(self._analyzer.polarity_scores(text)["compound"])
            yield Prediction(spread(compound), (), "allow", 1, self.id)

    def find_spans(self, text: str) -> tuple[Span, ...]:
        """Return the words of the text that are on the list, with the weight they have there."""
        spans = []
        for found in _WORD.finditer(text):
            word = found.group()
            kept = word.strip(_AROUND) or word
            start = found.start() + word.find(kept)
            weight = self._analyzer.lexicon.get(kept.lower())
            if weight:
                spans.append(Span(start, start + len(kept), float(weight)))
        return tuple(spans)


def spread(compound: float) -> dict[str, float]:
    """Return three numbers that sum to 1 and whose highest follows VADER's rule.

    They make a scale, not calibrated scores: 0.5 is where the rule changes its mind.

    Args:
        compound: VADER's sum of a text, in [-1, 1].
    """
    strength = min(abs(compound), 1.0)
    if strength < _CUT:
        side = 0.5 * strength / _CUT
    else:  # exactly at the cut the rule is for the side, so a little more than the half
        side = max(0.5 + 0.5 * (strength - _CUT) / (1 - _CUT), math.nextafter(0.5, 1))
    negative, positive = (side, 0.0) if compound < 0 else (0.0, side)
    return {"negative": negative, "neutral": 1 - side, "positive": positive}
