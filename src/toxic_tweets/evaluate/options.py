"""What an evaluation does, chosen once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from toxic_tweets.errors import DataError

PARTS: tuple[str, ...] = (
    "ranking",
    "decisions",
    "calibration",
    "bias",
    "functional",
    "robustness",
    "domains",
    "cost",
)


@dataclass(frozen=True, slots=True)
class Options:
    """Say what is measured and how thoroughly.

    Attributes:
        parts: the parts of the report.
        max_texts: at most so many texts of each dataset, drawn at random; 0 = all.
        changed_texts: texts of all datasets together that are disguised and changed otherwise.
        swapped_texts: texts of each dataset whose identity words are swapped.
        resamples: draws of the bootstrap; 0 = no intervals.
        base_rates: how common each label was where scores were calibrated; empty: as in the
            natural texts of the datasets.
        seed: draws texts, disguises and resamples.
    """

    parts: tuple[str, ...] = PARTS
    max_texts: int = 0
    changed_texts: int = 400
    swapped_texts: int = 500
    resamples: int = 1000
    base_rates: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    seed: int = 13

    def __post_init__(self) -> None:
        unknown = [part for part in self.parts if part not in PARTS]
        if unknown or not self.parts:
            raise DataError(
                f"{', '.join(unknown) or 'nothing'} is no part of a report, expected some of "
                f"{', '.join(PARTS)}."
            )
        for name in ("max_texts", "changed_texts", "swapped_texts", "resamples"):
            value = getattr(self, name)
            if value < 0:
                raise DataError(f"{name} is {value}, but must be 0 or more.")
        for label, rate in self.base_rates.items():
            if not 0 < rate < 1:
                raise DataError(f"the base rate of {label} is {rate:g}, but must lie in (0, 1).")
