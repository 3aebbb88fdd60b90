"""Frozen values: what the classifier says about one text, and a piece of a text."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

Verdict = Literal["allow", "review", "block"]


class ByLabel(dict[str, float]):
    """Hold one number per label, in label order, unchangeable.

    A dict, so that `json.dumps` and pandas take it as it is; it can be pickled and hashed, which a
    `MappingProxyType` cannot.
    """

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("These numbers cannot be changed. Copy them first: dict(numbers).")

    __setitem__ = __delitem__ = _refuse
    __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        """Return a hash, so that a prediction can stand in a set."""
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type["ByLabel"], tuple[dict[str, float]]]:
        """Pickle by building anew: the usual way would set item by item."""
        return ByLabel, (dict(self),)


@dataclass(frozen=True, slots=True)
class Span:
    """Point at a piece of the original text.

    Attributes:
        start: first code point of the piece.
        end: code point after its last.
        weight: how much the piece adds to the score.
    """

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class LabelScore:
    """Name one label with its score in [0, 1]."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Say all about one text.

    Attributes:
        scores: score in [0, 1] per label: of texts scored 0.8, 80 % carry the label.
        flagged: labels at or over their threshold, in label order; always empty for a single-choice
            checkpoint.
        verdict: what the policy would do with the text.
        windows: into how many overlapping pieces a long text was cut; 1 for most.
        checkpoint: id of the checkpoint that scored it, such as `small@0123456789ab`.
    """

    scores: Mapping[str, float]
    flagged: tuple[str, ...]
    verdict: Verdict
    windows: int
    checkpoint: str

    def __post_init__(self) -> None:
        """Freeze the scores."""
        if type(self.scores) is not ByLabel:
            object.__setattr__(self, "scores", ByLabel(self.scores))

    @property
    def top(self) -> LabelScore:
        """Return the label with the highest score, the first one on a tie."""
        label = max(self.scores, key=self.scores.__getitem__)
        return LabelScore(label, self.scores[label])

    def highest(self, without: Collection[str] = ("toxic",)) -> LabelScore | None:
        """Return the highest label other than these, or None if none is left.

        The default leaves out `toxic`, which is over nearly every other label and so says little
        about the type.
        """
        labels = [label for label in self.scores if label not in without]
        if not labels:
            return None
        label = max(labels, key=self.scores.__getitem__)
        return LabelScore(label, self.scores[label])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "scores": dict(self.scores),
            "flagged": list(self.flagged),
            "verdict": self.verdict,
            "windows": self.windows,
            "checkpoint": self.checkpoint,
        }
