"""From logits to another system's scale, for users whose thresholds were tuned on that system."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import CheckpointError
from toxic_tweets.model.checkpoint import Checkpoint

PART = "perspective_scale"
"""The part of `checkpoint.json` that holds scales, by the name that the other system uses."""

WORDS_PART = "perspective_words"
"""The part that holds the weights of words, where scales use them."""

WORDS = "words"
"""By this name a scale adds up what `Words.weigh` returns, as if it were an output."""

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Words:
    """Tell from single words where another system puts a text among those that it hardly scores.

    Our labels do not tell one harmless text from another, and half of all texts are harmless; the
    other system has an order among them, which hangs on single words and signs.

    Attributes:
        weights: by word in lower case, or by sign.
    """

    weights: Mapping[str, float]

    def weigh(self, text: str) -> float:
        """Return the sum of the weights of its different words, over the root of their number.

        Words that are not known do not count; of a text without a known one the sum is 0.
        """
        known = sorted({word for word in find_words(text) if word in self.weights})
        return sum(self.weights[word] for word in known) / math.sqrt(len(known) or 1)


def find_words(text: str) -> list[str]:
    """Return the words of a text in lower case, and the signs between them, in order."""
    return _WORD.findall(text.lower())


@dataclass(frozen=True, slots=True)
class Scale:
    """Map logits to a score on another system's scale.

    The logits of some outputs are added up, weighted; a line with bends maps the sum to a logit,
    and that is the logit of the score. The line rises everywhere, beyond its ends too, so that it
    keeps the order of the sum.

    Attributes:
        outputs: names of the outputs that are added up.
        weights: how much each counts, above 0.
        knots: places (sum, logit of the score) between which the line is straight; at least two,
            both numbers rising.
    """

    outputs: tuple[str, ...]
    weights: tuple[float, ...]
    knots: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        """Check that the map is strictly monotone."""
        numbers = (*self.weights, *(number for knot in self.knots for number in knot))
        if not all(math.isfinite(number) for number in numbers):
            raise CheckpointError("A scale has a number that is not finite. Fit it again.")
        if not self.outputs or len(self.outputs) != len(self.weights) or min(self.weights) <= 0:
            raise CheckpointError(
                f"A scale has outputs {self.outputs} with weights {self.weights}, but needs one "
                "weight above 0 for each. Fit it again."
            )
        pairs = zip(self.knots, self.knots[1:], strict=False)
        if len(self.knots) < 2 or any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairs):
            raise CheckpointError(
                f"A scale has the knots {self.knots}, but needs at least two, both numbers rising. "
                "Fit it again."
            )

    def add_up(self, logits: NDArray[np.floating[Any]], outputs: Sequence[str]) -> list[float]:
        """Return the weighted sum of each text.

        Args:
            logits: raw outputs (texts, outputs).
            outputs: names of the columns.

        Raises:
            CheckpointError: an output is not among the columns.
        """
        missing = [name for name in self.outputs if name not in outputs]
        if missing:
            raise CheckpointError(
                f"A scale reads the output {missing[0]!r}, but there are only {', '.join(outputs)}."
                " Re-export the checkpoint."
            )
        columns = [outputs.index(name) for name in self.outputs]
        # One text at a time, so that a score depends on its text alone to the last bit.
        return [
            sum(
                weight * float(row[column])
                for weight, column in zip(self.weights, columns, strict=True)
            )
            for row in np.asarray(logits)
        ]

    def apply(self, logits: NDArray[np.floating[Any]], outputs: Sequence[str]) -> list[float]:
        """Return the score in (0, 1) of each text; arguments as for `add_up`."""
        return [_sigmoid(self._bend(value)) for value in self.add_up(logits, outputs)]

    def _bend(self, value: float) -> float:
        places = [place for place, _ in self.knots]
        right = min(max(bisect_right(places, value), 1), len(places) - 1)
        (x0, y0), (x1, y1) = self.knots[right - 1 : right + 1]
        return y0 + (value - x0) * (y1 - y0) / (x1 - x0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "outputs": dict(zip(self.outputs, self.weights, strict=True)),
            "knots": [list(knot) for knot in self.knots],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Scale:
        """Read what `to_dict` wrote.

        Raises:
            CheckpointError: a key or a number is missing or impossible.
        """
        try:
            outputs = {str(name): float(weight) for name, weight in values["outputs"].items()}
            knots = tuple((float(x), float(y)) for x, y in values["knots"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(
                "A scale needs outputs with weights, and knots, pairs of numbers. Fit it again."
            ) from error
        return cls(tuple(outputs), tuple(outputs.values()), knots)


def read_scales(checkpoint: Checkpoint) -> dict[str, Scale]:
    """Return the scales that a checkpoint carries, by the other system's names; often none.

    Raises:
        CheckpointError: one of them is malformed, or reads an output that is not there.
    """
    parts = checkpoint.raw.get("parts")
    part = parts.get(PART) if isinstance(parts, Mapping) else None
    if part is None:
        return {}
    if not isinstance(part, Mapping):
        raise CheckpointError(
            f"{checkpoint.id}: parts.{PART} must be an object. Re-export the checkpoint."
        )
    scales = {name: Scale.from_dict(values) for name, values in part.items()}
    names = checkpoint.outputs if read_words(checkpoint) is None else (*checkpoint.outputs, WORDS)
    for scale in scales.values():
        scale.add_up(np.empty((0, len(names))), names)
    return scales


def read_words(checkpoint: Checkpoint) -> Words | None:
    """Return the weights of words that a checkpoint carries, None for one without.

    Raises:
        CheckpointError: they are malformed.
    """
    parts = checkpoint.raw.get("parts")
    part = parts.get(WORDS_PART) if isinstance(parts, Mapping) else None
    if part is None:
        return None
    if not isinstance(part, Mapping) or not all(
        isinstance(weight, (int, float)) and math.isfinite(weight) for weight in part.values()
    ):
        raise CheckpointError(
            f"{checkpoint.id}: parts.{WORDS_PART} must give each word a finite number. "
            "Re-export the checkpoint."
        )
    return Words(part)


def _sigmoid(value: float) -> float:
    power = math.exp(-abs(value))  # of what is never positive: cannot overflow
    return (1.0 if value >= 0 else power) / (1.0 + power)
