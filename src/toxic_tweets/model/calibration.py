"""From logits to scores that mean a fraction: strictly monotone, so it costs no ranking."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import CheckpointError

Activation = Literal["sigmoid", "softmax"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Map logits to scores in [0, 1].

    With `sigmoid` every label has a line of its own: score = sigmoid(slope * logit + intercept).
    With `softmax` all share one slope, 1 / temperature: scores = softmax(slope * logits).

    Source: Platt, "Probabilistic outputs for support vector machines" (1999); temperature: Guo et
    al., "On calibration of modern neural networks" (2017).

    Attributes:
        slopes: one per label, above 0, so that order is kept.
        intercepts: one per label; all 0 with `softmax`.
        activation: `sigmoid` when labels are independent, `softmax` when exactly one fits.
    """

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    activation: Activation

    def __post_init__(self) -> None:
        """Check that the map is strictly monotone."""
        if self.activation not in get_args(Activation):
            raise CheckpointError(
                f"The activation is {self.activation!r}, but must be sigmoid or softmax. "
                "Re-export the checkpoint."
            )
        numbers = (*self.slopes, *self.intercepts)
        if not all(math.isfinite(number) for number in numbers) or min(self.slopes, default=1) <= 0:
            raise CheckpointError(
                f"The calibration has slopes {self.slopes} and intercepts {self.intercepts}, but "
                "slopes must be above 0 and all numbers finite. Calibrate the checkpoint again."
            )
        if len(self.slopes) != len(self.intercepts):
            raise CheckpointError(
                f"The calibration has {len(self.slopes)} slopes but {len(self.intercepts)} "
                "intercepts. Calibrate the checkpoint again."
            )

    @classmethod
    def identity(cls, n_labels: int, activation: Activation) -> Calibration:
        """Return the plain sigmoid or softmax, for weights that were never calibrated."""
        return cls((1.0,) * n_labels, (0.0,) * n_labels, activation)

    def apply(self, logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return scores for logits, both (texts, labels), in float64: they do not plateau."""
        z = np.asarray(logits, dtype=np.float64) * self.slopes + self.intercepts
        if self.activation == "softmax":
            z -= z.max(axis=-1, keepdims=True)
            powers = np.exp(z)
            return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
        # exp of what is never positive cannot overflow.
        power = np.exp(-np.abs(z))
        return np.asarray(np.where(z >= 0, 1.0, power) / (1.0 + power))

    def apply_one(self, logits: Sequence[float]) -> list[float]:
        """Return the scores (labels,) of one text.

        A text alone takes a tenth of the time of `apply`, and its score cannot hang on what stands
        beside it: vector instructions may round the rows of a block in several ways.

        Args:
            logits: one per label; more are passed over.
        """
        z = [a * x + b for x, a, b in zip(logits, self.slopes, self.intercepts, strict=False)]
        if self.activation == "softmax":
            highest = max(z)
            powers = [math.exp(x - highest) for x in z]
            total = sum(powers)
            return [power / total for power in powers]
        powers = [math.exp(-abs(x)) for x in z]
        return [
            (1.0 if x >= 0 else power) / (1.0 + power) for x, power in zip(z, powers, strict=True)
        ]

    def to_logits(self, scores: Sequence[float]) -> NDArray[np.float64]:
        """Return the logits (labels,) that have these scores, for cuts on logits.

        Args:
            scores: one per label, each in (0, 1); labels must be independent (`sigmoid`).
        """
        p = np.asarray(scores, dtype=np.float64)
        return np.asarray((np.log(p / (1.0 - p)) - self.intercepts) / self.slopes)

    def to_dict(self, labels: Sequence[str]) -> dict[str, Any]:
        """Return the value that `checkpoint.json` holds."""
        if self.activation == "softmax":
            return {"temperature": 1.0 / self.slopes[0]}
        return {
            label: {"slope": slope, "intercept": intercept}
            for label, slope, intercept in zip(labels, self.slopes, self.intercepts, strict=True)
        }

    @classmethod
    def from_dict(
        cls, values: Mapping[str, Any], labels: Sequence[str], activation: Activation
    ) -> Calibration:
        """Read what `to_dict` wrote.

        Raises:
            CheckpointError: a label has no calibration, or a number is missing or impossible.
        """
        try:
            if activation == "softmax":
                slope = 1.0 / float(values["temperature"])
                return cls((slope,) * len(labels), (0.0,) * len(labels), activation)
            return cls(
                tuple(float(values[label]["slope"]) for label in labels),
                tuple(float(values[label]["intercept"]) for label in labels),
                activation,
            )
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            wanted = "a temperature" if activation == "softmax" else "a slope and an intercept"
            raise CheckpointError(
                f"The calibration lacks {wanted} for some of {', '.join(labels)}. "
                "Calibrate the checkpoint again."
            ) from error


def fit_calibration(
    logits: NDArray[np.floating[Any]],
    targets: NDArray[np.floating[Any]],
    activation: Activation,
) -> Calibration:
    """Fit the map on rows whose label frequencies are those that scores shall mean.

    Args:
        logits: raw outputs (texts, labels).
        targets: 0, 1, a fraction or NaN = left out (texts, labels).
        activation: `sigmoid` fits a line per label, `softmax` one temperature.

    Returns:
        The calibration; a label without both a positive and a negative row keeps the plain sigmoid.

    Source: Platt (1999), with the smoothed targets of Lin, Lin and Weng, "A note on Platt's
    probabilistic outputs for support vector machines" (2007), fitted by Nelder-Mead.
    """
    z = np.asarray(logits, dtype=np.float64)
    t = np.asarray(targets, dtype=np.float64)
    if activation == "softmax":
        slope = _fit_temperature(z, t)
        return Calibration((slope,) * z.shape[1], (0.0,) * z.shape[1], activation)
    lines = [
        _fit_line(z[known, c], t[known, c])
        for c in range(z.shape[1])
        for known in [~np.isnan(t[:, c])]
    ]
    return Calibration(
        tuple(slope for slope, _ in lines), tuple(intercept for _, intercept in lines), activation
    )


def expected_calibration_error(
    scores: NDArray[np.float64], targets: NDArray[np.floating[Any]], n_bins: int = 15
) -> float:
    """Measure how far scores are from fractions, in bins of equally many texts.

    Args:
        scores: scores of one label (texts,).
        targets: 0, 1 or a fraction (texts,).
        n_bins: how many bins; equal counts, for most scores of a rare label are near 0.

    Returns:
        The mean over texts of |mean score - mean target| of their bin, in [0, 1].

    Source: Nguyen and O'Connor (2015), "Posterior calibration and exploratory analysis for natural
    language processing models" (adaptive bins).
    """
    order = np.argsort(scores, kind="stable")
    gaps = [
        len(rows) * abs(float(scores[rows].mean()) - float(targets[rows].mean()))
        for rows in np.array_split(order, n_bins)
        if len(rows)
    ]
    return float(sum(gaps) / len(scores)) if len(scores) else math.nan


def _fit_line(z: NDArray[np.float64], t: NDArray[np.float64]) -> tuple[float, float]:
    from scipy.optimize import minimize

    n_positive = float(t.sum())
    n_negative = float(len(t) - n_positive)
    if n_positive <= 0 or n_negative <= 0:
        return 1.0, 0.0
    # Smoothed targets keep the line finite where the two sides do not overlap.
    high, low = (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2)
    t = low + t * (high - low)

    def loss(parameters: NDArray[np.float64]) -> float:
        line = math.exp(parameters[0]) * z + parameters[1]
        return float((np.logaddexp(0, line) - t * line).mean())

    # The slope is fitted as its logarithm and bounded: above 0 and no plateau, whatever rows say.
    bounds = [(-5.0, 5.0), (None, None)]
    options = {"xatol": 1e-6, "fatol": 1e-12}
    found = minimize(loss, np.zeros(2), method="Nelder-Mead", bounds=bounds, options=options)
    return math.exp(found.x[0]), float(found.x[1])


def _fit_temperature(z: NDArray[np.float64], t: NDArray[np.float64]) -> float:
    from scipy.optimize import minimize_scalar

    known = ~np.isnan(t).any(axis=1)
    if not known.any():
        return 1.0
    z, t = z[known], t[known]

    def loss(log_slope: float) -> float:
        scaled = math.exp(log_slope) * z
        scaled -= scaled.max(axis=1, keepdims=True)
        return float((np.log(np.exp(scaled).sum(axis=1)) - (t * scaled).sum(axis=1)).mean())

    return math.exp(minimize_scalar(loss, bounds=(-4, 4), method="bounded").x)
