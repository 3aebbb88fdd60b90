"""What a reader gives: texts with their targets, and what happened on the way."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import DataError, LabelError

_GAP = re.compile(r"[\W_]+")

# Places in one text: (start, end) in code points, end exclusive, sorted and disjoint.
Places = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What became of the texts of a source.

    `n_read` = kept + dropped + duplicates + contradictory, always.

    Attributes:
        n_read: texts found in the files.
        n_dropped: texts left out, by reason.
        n_duplicates: texts merged into an earlier one with the same key and agreeing targets.
        n_contradictory: texts merged into an earlier one with the same key while at least two
            rows of that key disagree on a target; the mean of the known targets is kept.
    """

    n_read: int = 0
    n_dropped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    n_duplicates: int = 0
    n_contradictory: int = 0

    @property
    def n_kept(self) -> int:
        """Count the texts that are left."""
        removed = sum(self.n_dropped.values()) + self.n_duplicates + self.n_contradictory
        return self.n_read - removed


@dataclass(frozen=True, eq=False)
class Dataset:
    """Texts and what people said about them.

    Attributes:
        name: where the texts come from.
        texts: the texts, in the order of the files.
        targets: (texts, labels) in [0, 1]; NaN = nobody annotated.
        labels: one name per column of `targets`.
        ids: one per text, empty where the source has none.
        natural: (texts,) true where a text is part of a natural random sample, so that counting
            such rows says how common a label is.
        report: what was left out or merged.
        spans: one per text, which places of it are toxic, or None where nobody said; None for a
            source that says so of no text.
    """

    name: str
    texts: tuple[str, ...]
    targets: NDArray[np.float32]
    labels: tuple[str, ...]
    ids: tuple[str, ...]
    natural: NDArray[np.bool_]
    report: ReadReport = field(default_factory=ReadReport)
    spans: tuple[Places | None, ...] | None = None

    def __post_init__(self) -> None:
        expected = (len(self.texts), len(self.labels))
        if self.targets.shape != expected:
            raise DataError(
                f"{self.name} has targets of shape {self.targets.shape}, expected {expected} "
                "(texts, labels). Give one row per text and one column per label."
            )
        if len(self.ids) != len(self.texts) or self.natural.shape != (len(self.texts),):
            raise DataError(
                f"{self.name} has {len(self.ids)} ids and {self.natural.shape} natural marks, "
                f"expected {len(self.texts)} of each. Give one per text."
            )
        if self.spans is not None and len(self.spans) != len(self.texts):
            raise DataError(
                f"{self.name} has spans for {len(self.spans)} texts, expected {len(self.texts)}. "
                "Give one per text, None where nobody said."
            )
        if len(set(self.labels)) != len(self.labels):
            raise LabelError(f"{self.name} names a label twice: {', '.join(self.labels)}.")

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def sha256(self) -> str:
        """Hash labels, texts, targets and spans, so that a run can say what it learned from."""
        digest = hashlib.sha256()
        for text in (*self.labels, *self.texts):
            content = text.encode("utf-8", "surrogatepass")
            digest.update(len(content).to_bytes(8, "little") + content)
        # One bit pattern for NaN, and one byte order, on every machine.
        targets = np.where(np.isnan(self.targets), np.float32(np.nan), self.targets)
        digest.update(np.ascontiguousarray(targets, dtype="<f4").tobytes())
        if self.spans is not None:
            digest.update(repr(self.spans).encode())
        return digest.hexdigest()

    def column(self, label: str) -> NDArray[np.float32]:
        """Give the targets of one label, (texts,).

        Raises:
            LabelError: the dataset has no such label.
        """
        if label not in self.labels:
            raise LabelError(
                f"{self.name} has no label {label!r}; its labels are {', '.join(self.labels)}."
            )
        return self.targets[:, self.labels.index(label)]

    def select(self, indices: Sequence[int] | NDArray[np.integer]) -> Dataset:
        """Take some texts, in the order of `indices`; the report stays that of the source."""
        rows = np.asarray(indices, dtype=np.int64).reshape(-1)
        return Dataset(
            name=self.name,
            texts=tuple(self.texts[row] for row in rows),
            targets=self.targets[rows],
            labels=self.labels,
            ids=tuple(self.ids[row] for row in rows),
            natural=self.natural[rows],
            report=self.report,
            spans=None if self.spans is None else tuple(self.spans[row] for row in rows),
        )


def concatenate(datasets: Sequence[Dataset], labels: Sequence[str]) -> Dataset:
    """Put datasets one after the other under one list of labels.

    A label that a dataset does not have becomes NaN there; one that is not asked for is left out.
    Texts that occur in several datasets are kept in each: see `text_key`.
    """
    blocks = [np.empty((0, len(labels)), dtype=np.float32)]
    dropped: dict[str, int] = {}
    for dataset in datasets:
        block = np.full((len(dataset), len(labels)), np.nan, dtype=np.float32)
        for column, label in enumerate(labels):
            if label in dataset.labels:
                block[:, column] = dataset.column(label)
        blocks.append(block)
        for reason, count in dataset.report.n_dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
    natural = [np.empty(0, dtype=np.bool_), *(dataset.natural for dataset in datasets)]
    spans: tuple[Places | None, ...] | None = None
    if any(dataset.spans is not None for dataset in datasets):
        spans = tuple(x for one in datasets for x in one.spans or (None,) * len(one))
    return Dataset(
        name="+".join(dataset.name for dataset in datasets),
        texts=tuple(text for dataset in datasets for text in dataset.texts),
        targets=np.concatenate(blocks),
        labels=tuple(labels),
        ids=tuple(name for dataset in datasets for name in dataset.ids),
        natural=np.concatenate(natural),
        report=ReadReport(
            n_read=sum(dataset.report.n_read for dataset in datasets),
            n_dropped=MappingProxyType(dropped),
            n_duplicates=sum(dataset.report.n_duplicates for dataset in datasets),
            n_contradictory=sum(dataset.report.n_contradictory for dataset in datasets),
        ),
        spans=spans,
    )


def text_key(text: str) -> str:
    """Give the same key to texts that differ only by case, spacing or punctuation.

    Emoji count (contrast sets differ by nothing else), their presentation selectors do not. A
    text with nothing but punctuation is its own key.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii():
        key = _GAP.sub(" ", plain).strip()
    else:
        spaced = _GAP.sub(_keep_signs, unicodedata.normalize("NFKC", plain))
        key = unicodedata.normalize("NFKC", " ".join(spaced.split()))
    return key or " ".join(plain.split())


def _keep_signs(gap: re.Match[str]) -> str:
    return "".join(_keep_sign(sign) for sign in gap.group())


def _keep_sign(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "So":  # emoji stand alone, whether or not a space is beside them
        return f" {sign} "
    if category in {"Mn", "Mc", "Me"}:  # vowel signs of many scripts, but no emoji selectors
        return "" if "\ufe00" <= sign <= "\ufe0f" else sign
    if category == "Cf":  # joiners and other invisible signs
        return ""
    return sign if "\U0001f3fb" <= sign <= "\U0001f3ff" else " "  # skin tones
