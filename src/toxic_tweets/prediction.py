"""Frozen values: what the classifier says about one text, and pieces of a text."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, Self, TypeVar

Verdict = Literal["allow", "review", "block"]
ListKind = Literal["block", "allow"]
Value = TypeVar("Value")


class _Frozen(dict[str, Value]):
    """Hold one value per label, in label order, unchangeable.

    A dict, so that `json.dumps` and pandas take it as it is; it can be pickled and hashed, which a
    `MappingProxyType` cannot.
    """

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("These values cannot be changed. Copy them first: dict(values).")

    __setitem__ = __delitem__ = _refuse
    __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        """Return a hash, so that a prediction can stand in a set."""
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, Value]]]:
        """Pickle by building anew: the usual way would set item by item."""
        return type(self), (dict(self),)


class ByLabel(_Frozen[float]):
    """Hold one number per label, in label order, unchangeable."""


@dataclass(frozen=True, slots=True)
class Span:
    """Point at a piece of the original text.

    Attributes:
        start: first code point of the piece.
        end: code point after its last.
        weight: how sure it is that the piece causes the label, in [0, 1].
    """

    start: int
    end: int
    weight: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"start": self.start, "end": self.end, "weight": self.weight}


class SpansByLabel(_Frozen[tuple[Span, ...]]):
    """Hold the spans of each label that was explained, in label order, unchangeable."""


@dataclass(frozen=True, slots=True)
class Match:
    """Say where an item of a policy's list stands in the original text.

    Attributes:
        list: name of the list.
        item: the word or pattern of the list, as the list has it.
        start: first code point of what matched.
        end: code point after its last.
        kind: `block` if the list forbids what it names, `allow` if it excuses it.
    """

    list: str
    item: str
    start: int
    end: int
    kind: ListKind

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "list": self.list,
            "item": self.item,
            "start": self.start,
            "end": self.end,
            "kind": self.kind,
        }


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
        language: code of the text's language, such as `en`; None if it cannot be told.
        language_supported: whether the checkpoint was trained on that language; None if that cannot
            be told.
        matches: what the lists of the policy found, apart from the scores.
        spans: which pieces caused each flagged label, or the top one where exactly one label fits;
            None if that was not asked for.
    """

    scores: Mapping[str, float]
    flagged: tuple[str, ...]
    verdict: Verdict
    windows: int
    checkpoint: str
    language: str | None = None
    language_supported: bool | None = None
    matches: tuple[Match, ...] = ()
    spans: Mapping[str, tuple[Span, ...]] | None = None

    def __post_init__(self) -> None:
        """Freeze the scores and the spans."""
        if type(self.scores) is not ByLabel:
            object.__setattr__(self, "scores", ByLabel(self.scores))
        if self.spans is not None and type(self.spans) is not SpansByLabel:
            object.__setattr__(self, "spans", SpansByLabel(self.spans))

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
        spans = None
        if self.spans is not None:
            spans = {
                label: [span.to_dict() for span in found] for label, found in self.spans.items()
            }
        return {
            "scores": dict(self.scores),
            "flagged": list(self.flagged),
            "verdict": self.verdict,
            "windows": self.windows,
            "checkpoint": self.checkpoint,
            "language": self.language,
            "language_supported": self.language_supported,
            "matches": [match.to_dict() for match in self.matches],
            "spans": spans,
        }
