"""Which labels and words a community cares about, from which score on, and what verdict follows."""

import json
import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from toxic_tweets.errors import PolicyError
from toxic_tweets.labels import check_labels
from toxic_tweets.prediction import ByLabel, ListKind, Match, Verdict

Preset = Literal["lenient", "balanced", "strict"]
ListVerdict = Literal["block", "review"]
UnsupportedLanguage = Literal["score", "review"]

MAX_ITEM_CHARACTERS = 200
MAX_ITEMS = 50_000  # in all lists of a policy; 10,000 take 0.2 s to compile
_SEVERITY: tuple[Verdict, ...] = ("allow", "review", "block")


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
class WordList:
    """Hold words, phrases and patterns that decide without any score.

    Attributes:
        name: what people call the list; unique in a policy.
        items: words and phrases as people write them, or patterns between slashes, such as
            `/colou?r/`. `text/wordlists.py` says how they match.
        kind: `block` for what the community does not want, `allow` for what it excuses: a phrase
            that is allowed is masked before the text is scored, and nothing inside it is blocked.
        verdict: what a match of a block list makes of the text at least; means nothing for an
            allow list.
    """

    name: str
    items: tuple[str, ...]
    kind: ListKind = "block"
    verdict: ListVerdict = "block"

    def __post_init__(self) -> None:
        """Check every part and freeze it."""
        _check_list_name(self.name)
        where = f"lists: {self.name}"
        _check_choice(f"{where}: kind", self.kind, get_args(ListKind))
        _check_choice(f"{where}: verdict", self.verdict, get_args(ListVerdict))
        if self.kind == "allow" and self.verdict != "block":
            raise PolicyError(f"{where}: an allow list has no verdict. Leave verdict out.")
        object.__setattr__(self, "items", _make_items(where, self.items))


@dataclass(frozen=True, slots=True)
class Policy:
    """Decide what to do with a text from its scores, its words and its language.

    A label that counts is flagged at score >= its threshold. A flagged label blocks at score >= its
    block threshold and asks for a review below it; a text with nothing flagged is allowed. A match
    of a block list, or a language that the checkpoint was not trained on, can only make that
    verdict harder; `flagged` stays what the scores alone say.

    Attributes:
        name: what people call the policy.
        labels: the labels that count; None means all that the checkpoint has.
        preset: which fitted thresholds are used: `lenient` flags only what is sure (precision
            90 %), `balanced` has the best F1, `strict` finds nine in ten (recall 90 %).
        thresholds: own thresholds for some labels, in place of the preset's.
        block: own block thresholds for some labels, in place of the cut with a precision of 90 %.
        lists: words that are blocked or allowed whatever the scores say.
        unsupported_language: `review` asks for a review of each text that is known to be in a
            language the checkpoint was not trained on; `score` leaves it to the scores. A text
            whose language cannot be told is left to the scores by both.
    """

    name: str = "balanced"
    labels: tuple[str, ...] | None = None
    preset: Preset = "balanced"
    thresholds: Mapping[str, float] = field(default_factory=ByLabel)
    block: Mapping[str, float] = field(default_factory=ByLabel)
    lists: tuple[WordList, ...] = ()
    unsupported_language: UnsupportedLanguage = "score"

    def __post_init__(self) -> None:
        """Check every part and freeze it."""
        if not isinstance(self.name, str):  # what a TOML file says is checked here only
            raise PolicyError(f"name is {self.name!r}, but must be a string.")
        _check_choice("preset", self.preset, get_args(Preset))
        _check_choice(
            "unsupported_language", self.unsupported_language, get_args(UnsupportedLanguage)
        )
        if self.labels is not None:
            object.__setattr__(self, "labels", _make_names(self.labels))
        object.__setattr__(self, "thresholds", _make_numbers("thresholds", self.thresholds))
        object.__setattr__(self, "block", _make_numbers("block", self.block))
        object.__setattr__(self, "lists", _make_lists(self.lists))

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
        self,
        scores: Mapping[str, float],
        thresholds: Thresholds,
        matches: Sequence[Match] = (),
        language_supported: bool | None = None,
    ) -> tuple[tuple[str, ...], Verdict]:
        """Return the flagged labels, in label order, and the verdict.

        Args:
            scores: score per label.
            thresholds: the checkpoint's cuts.
            matches: where items of the lists stand in the text; those of allow lists change
                nothing here, for they were masked before the text was scored.
            language_supported: whether the checkpoint was trained on the language of the text;
                None where one cannot tell.
        """
        flagged = tuple(
            label
            for label, score in scores.items()
            if (self.labels is None or label in self.labels)
            and score >= self.flag_threshold(label, thresholds)
        )
        verdicts: list[Verdict] = ["allow"]
        if flagged:
            is_sure = any(
                scores[name] >= self.block_threshold(name, thresholds) for name in flagged
            )
            verdicts.append("block" if is_sure else "review")
        if self.unsupported_language == "review" and language_supported is False:
            verdicts.append("review")
        of_lists = {words.name: words.verdict for words in self.lists if words.kind == "block"}
        verdicts += (
            of_lists.get(match.list, "block") for match in matches if match.kind == "block"
        )
        return flagged, max(verdicts, key=_SEVERITY.index)

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
        _check_keys("A policy", values, tuple(part.name for part in fields(cls)))
        tables = values.get("lists", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise PolicyError("lists must be tables. Begin each list with a line [[lists]].")
        return cls(**{"name": "custom", **values, "lists": [_read_list(table) for table in tables]})

    def to_toml(self) -> str:
        """Return TOML text that `from_toml` reads back as the same policy."""
        lines = [f"name = {_quote(self.name)}", f"preset = {_quote(self.preset)}"]
        if self.labels is not None:
            lines.append(f"labels = [{', '.join(_quote(label) for label in self.labels)}]")
        if self.unsupported_language != "score":
            lines.append(f"unsupported_language = {_quote(self.unsupported_language)}")
        for table in ("thresholds", "block"):
            numbers: Mapping[str, float] = getattr(self, table)
            if numbers:
                lines += ["", f"[{table}]"]
                lines += [f"{_quote_key(label)} = {number!r}" for label, number in numbers.items()]
        for words in self.lists:
            lines += ["", "[[lists]]", f"name = {_quote(words.name)}"]
            lines.append(f"kind = {_quote(words.kind)}")
            if words.kind == "block":
                lines.append(f"verdict = {_quote(words.verdict)}")
            lines += ["items = [", *(f"  {_quote(item)}," for item in words.items), "]"]
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


def _make_lists(lists: object) -> tuple[WordList, ...]:
    """Return the lists as a tuple, refusing doubles and more than can be compiled."""
    if not isinstance(lists, Sequence) or not all(isinstance(words, WordList) for words in lists):
        raise PolicyError("lists must hold WordList(name, items, ...) only.")
    found: tuple[WordList, ...] = tuple(lists)
    names = [words.name for words in found]
    if len(set(names)) < len(names):
        raise PolicyError(f"lists: two are called {max(names, key=names.count)!r}. Rename one.")
    n_items = sum(len(words.items) for words in found)
    if n_items > MAX_ITEMS:
        raise PolicyError(f"lists: {n_items:,} items, but all lists may hold {MAX_ITEMS:,}.")
    return found


def _read_list(table: Mapping[str, Any]) -> WordList:
    """Return the list that a TOML table says."""
    name = table.get("name")
    _check_keys(f"lists: {name!r}: a list", table, tuple(part.name for part in fields(WordList)))
    missing = [key for key in ("name", "items") if key not in table]
    if missing:
        raise PolicyError(f"lists: {name!r} lacks {' and '.join(missing)}. Add the line.")
    return WordList(**table)


def _check_keys(what: str, values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a key that nothing would read."""
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise PolicyError(
            f"Unknown key {', '.join(unknown)}. {what} has the keys: {', '.join(known)}."
        )


def _check_choice(where: str, value: object, known: tuple[str, ...]) -> None:
    """Refuse what is not one of a few words."""
    if value not in known:
        raise PolicyError(f"{where} is {value!r}, but must be one of: {', '.join(known)}.")


def _check_list_name(name: object) -> None:
    """Refuse what people cannot call a list."""
    if not isinstance(name, str) or not name.strip():
        raise PolicyError(f"lists: name is {name!r}, but must be a string that is not blank.")


def _make_items(where: str, items: object) -> tuple[str, ...]:
    """Return the items of a list as a tuple, refusing a bare string and doubles."""
    if isinstance(items, (str, bytes)) or not isinstance(items, Sequence):
        raise PolicyError(f"{where}: items must be a list, such as ['spoiler', 'get rich'].")
    for place, item in enumerate(items, start=1):
        _check_item(f"{where}: item {place}", item)
    found: tuple[str, ...] = tuple(items)
    if not found or len(set(found)) < len(found):
        raise PolicyError(
            f"{where}: items must hold at least one item, each once. "
            "Remove the doubles, or the list."
        )
    return found


def _check_item(where: str, item: object) -> None:
    """Refuse an item that cannot be a word, a phrase or a pattern on one line."""
    if not isinstance(item, str):
        raise PolicyError(f"{where} is {item!r}, but must be a string.")
    if not item.strip() or item != item.strip():
        raise PolicyError(f"{where} is {item!r}, but must not be blank nor have a space at an end.")
    if len(item) > MAX_ITEM_CHARACTERS:
        raise PolicyError(
            f"{where} has {len(item)} characters, but may have {MAX_ITEM_CHARACTERS}."
        )
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in item):
        raise PolicyError(f"{where} is {item!r}, but must not hold control characters.")


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
