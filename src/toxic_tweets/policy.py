"""Which labels a community cares about, the threshold of each, and the verdict that follows."""

import json
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from toxic_tweets.errors import PolicyError
from toxic_tweets.labels import check_labels
from toxic_tweets.prediction import ByLabel, Verdict

Preset = Literal["lenient", "balanced", "strict"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Hold the cuts that were fitted for a checkpoint, per label.

    Attributes:
        best_f1: the cut with the best F1 on validation rows.
        precision_90: the lowest cut over which 90 % of the texts carry the label; 1.0 where none
            reaches that.
        recall_90: the highest cut that still finds 90 % of the texts that carry the label.
    """

    best_f1: Mapping[str, float]
    precision_90: Mapping[str, float]
    recall_90: Mapping[str, float]

    def __post_init__(self) -> None:
        """Check and freeze the numbers."""
        for name in ("best_f1", "precision_90", "recall_90"):
            object.__setattr__(self, name, _make_numbers(f"thresholds.{name}", getattr(self, name)))

    @classmethod
    def make_untuned(cls, labels: Sequence[str]) -> "Thresholds":
        """Return cuts for a checkpoint that came without any.

        Were its scores calibrated, 0.5 would be where a label becomes likelier than not and 0.9
        would give a precision of at least 90 %; 0.2 for recall is a convention.
        """
        cuts = (dict.fromkeys(labels, cut) for cut in (0.5, 0.9, 0.2))
        return cls(*cuts)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Thresholds":
        """Read what `to_dict` wrote.

        Raises:
            PolicyError: a set of cuts is missing, or one is not a number in [0, 1].
        """
        missing = {"best_f1", "precision_90", "recall_90"} - set(values)
        if missing:
            raise PolicyError(f"Thresholds lack {', '.join(sorted(missing))}. Fit them again.")
        return cls(values["best_f1"], values["precision_90"], values["recall_90"])

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Return plain values for JSON."""
        return {
            "best_f1": dict(self.best_f1),
            "precision_90": dict(self.precision_90),
            "recall_90": dict(self.recall_90),
        }


@dataclass(frozen=True, slots=True)
class Policy:
    """Decide what to do with a text from its scores.

    A label that counts is flagged at score >= its threshold. A flagged label blocks at score >= its
    block threshold and asks for a review below it; a text with nothing flagged is allowed.

    Attributes:
        name: what people call the policy.
        labels: the labels that count; None means all that the checkpoint has.
        preset: which fitted thresholds are used: `lenient` flags only what is sure (precision
            90 %), `balanced` has the best F1, `strict` finds nine in ten (recall 90 %).
        thresholds: own thresholds for some labels, in place of the preset's.
        block: own block thresholds for some labels, in place of the cut with a precision of 90 %.
    """

    name: str = "balanced"
    labels: tuple[str, ...] | None = None
    preset: Preset = "balanced"
    thresholds: Mapping[str, float] = field(default_factory=ByLabel)
    block: Mapping[str, float] = field(default_factory=ByLabel)

    def __post_init__(self) -> None:
        """Check every part and freeze it."""
        if not isinstance(self.name, str):  # what a TOML file says is checked here only
            raise PolicyError(f"name is {self.name!r}, but must be a string.")
        if self.preset not in get_args(Preset):
            known = ", ".join(get_args(Preset))
            raise PolicyError(f"preset is {self.preset!r}, but must be one of: {known}.")
        if self.labels is not None:
            object.__setattr__(self, "labels", _make_names(self.labels))
        object.__setattr__(self, "thresholds", _make_numbers("thresholds", self.thresholds))
        object.__setattr__(self, "block", _make_numbers("block", self.block))

    def check_labels(self, known: Sequence[str]) -> None:
        """Refuse the policy for a checkpoint that lacks a label it names.

        Raises:
            LabelError: the message lists the labels of the checkpoint.
        """
        check_labels((*(self.labels or ()), *self.thresholds, *self.block), known)

    def flag_threshold(self, label: str, thresholds: Thresholds) -> float:
        """Return the score from which a label is flagged.

        `lenient` is never under `balanced` and `strict` never over it, whatever the fit gave.
        """
        if label in self.thresholds:
            return self.thresholds[label]
        best_f1 = thresholds.best_f1[label]
        if self.preset == "lenient":
            return max(thresholds.precision_90[label], best_f1)
        if self.preset == "strict":
            return min(thresholds.recall_90[label], best_f1)
        return best_f1

    def block_threshold(self, label: str, thresholds: Thresholds) -> float:
        """Return the score from which a flagged label blocks the text."""
        return self.block[label] if label in self.block else thresholds.precision_90[label]

    def judge(
        self, scores: Mapping[str, float], thresholds: Thresholds
    ) -> tuple[tuple[str, ...], Verdict]:
        """Return the flagged labels, in label order, and the verdict."""
        flagged = tuple(
            label
            for label, score in scores.items()
            if (self.labels is None or label in self.labels)
            and score >= self.flag_threshold(label, thresholds)
        )
        if not flagged:
            return (), "allow"
        is_sure = any(scores[label] >= self.block_threshold(label, thresholds) for label in flagged)
        return flagged, "block" if is_sure else "review"

    @classmethod
    def from_toml(cls, text: str) -> "Policy":
        """Read a policy from the text of a TOML file.

        Raises:
            PolicyError: the text is not TOML, or has a key or a value that a policy cannot have.
        """
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"The policy is not valid TOML: {error}.") from error
        known = ("name", "preset", "labels", "thresholds", "block")
        unknown = sorted(set(values) - set(known))
        if unknown:
            keys = ", ".join(known)
            raise PolicyError(f"Unknown key {', '.join(unknown)}. A policy has the keys: {keys}.")
        return cls(**{"name": "custom", **values})

    def to_toml(self) -> str:
        """Return TOML text that `from_toml` reads back as the same policy."""
        lines = [f"name = {_quote(self.name)}", f"preset = {_quote(self.preset)}"]
        if self.labels is not None:
            lines.append(f"labels = [{', '.join(_quote(label) for label in self.labels)}]")
        for table in ("thresholds", "block"):
            numbers: Mapping[str, float] = getattr(self, table)
            if numbers:
                lines += ["", f"[{table}]"]
                lines += [f"{_quote_key(label)} = {number!r}" for label, number in numbers.items()]
        return "\n".join(lines) + "\n"


def find_policy(policy: "Policy | str | None") -> Policy:
    """Return the policy that is meant: itself, a preset by name, or the default.

    Raises:
        PolicyError: no preset has that name; the message lists them.
    """
    if policy is None:
        return PRESETS["balanced"]
    if isinstance(policy, Policy):
        return policy
    if policy not in PRESETS:
        names = ", ".join(PRESETS)
        raise PolicyError(
            f"Unknown policy {policy!r}. The presets are: {names}. "
            "Any other policy is made with Policy(...) or read with Policy.from_toml(text)."
        )
    return PRESETS[policy]


def _make_names(labels: object) -> tuple[str, ...]:
    """Return the labels as a tuple, refusing a bare string and doubles."""
    if isinstance(labels, (str, bytes)) or not isinstance(labels, Sequence):
        raise PolicyError("labels must be a list of label names, such as ['toxic', 'threat'].")
    names: tuple[str, ...] = tuple(labels)
    if not all(isinstance(name, str) for name in names):
        raise PolicyError("labels must hold label names only, such as ['toxic', 'threat'].")
    if not names or len(set(names)) < len(names):
        raise PolicyError(
            "labels must name at least one label, each once. Leave labels out to count all of them."
        )
    return names


def _make_numbers(where: str, numbers: object) -> ByLabel:
    """Return numbers in [0, 1] by label, frozen."""
    if not isinstance(numbers, Mapping):
        raise PolicyError(f"{where} must hold one number per label, such as insult = 0.7.")
    for label, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise PolicyError(f"{where}: {label} is {number!r}, but must be a number in [0, 1].")
        if math.isnan(number) or not 0 <= number <= 1:
            raise PolicyError(f"{where}: {label} is {number}, but must be a number in [0, 1].")
    return ByLabel({str(label): float(number) for label, number in numbers.items()})


def _quote(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are a part of TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _quote_key(key: str) -> str:
    """Return a TOML key, bare where that is allowed."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quote(key)


# Made last: a policy checks itself with the functions above.
PRESETS: Mapping[str, Policy] = {
    "lenient": Policy("lenient", preset="lenient"),
    "balanced": Policy("balanced"),
    "strict": Policy("strict", preset="strict"),
    # Swearing among friends is fine there; attacks on people are not.
    "profanity-ok": Policy(
        "profanity-ok", labels=("severe_toxic", "threat", "insult", "identity_hate")
    ),
}
"""The policies that can be asked for by name."""
