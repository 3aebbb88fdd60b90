"""Which column holds the texts, and what the columns are called that scoring adds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toxic_tweets.errors import BulkError, DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from toxic_tweets.bulk.places import Kind

# Rows at the head of the input by which columns, their types and the text column are told.
HEAD_ROWS = 1000

_USUAL = ("text", "comment_text", "tweet", "comment", "content", "message", "body", "post")
_REST = ("flagged", "verdict", "language", "language_supported")


@dataclass(frozen=True, slots=True)
class Head:
    """Hold what the first rows of an input tell.

    Attributes:
        schema: the columns with their types in Parquet.
        texts: what the first rows hold in each column that may hold texts.
    """

    schema: pa.Schema
    texts: Mapping[str, Sequence[str]]

    @property
    def names(self) -> list[str]:
        """Return the names of the columns, in order."""
        return list(self.schema.names)

    def check_same(self, names: Sequence[str], file: str) -> None:
        """Refuse a file whose columns are not those of the first one.

        Raises:
            DataError: they are others, or in another order.
        """
        if list(names) != self.names:
            raise DataError(
                f"its columns are {', '.join(map(repr, names))}, but those of the first file are "
                f"{', '.join(map(repr, self.names))}. Score them apart.",
                file=file,
            )


@dataclass(frozen=True, slots=True)
class Added:
    """Name the columns that scoring adds.

    Attributes:
        labels: one for the score of each label.
        rest: those after them: flagged, verdict, language, language_supported.
    """

    labels: tuple[str, ...]
    rest: tuple[str, ...]

    @classmethod
    def make(cls, labels: Sequence[str], prefix: str) -> Added:
        """Return the names, each with the prefix before it."""
        return cls(tuple(prefix + name for name in labels), tuple(prefix + one for one in _REST))

    @property
    def names(self) -> list[str]:
        """Return all names, in the order in which they are written."""
        return [*self.labels, *self.rest]

    def check_clashes(self, names: Collection[str], file: str) -> None:
        """Refuse names that the input has already.

        Raises:
            BulkError: it has one of them.
        """
        taken = [name for name in self.names if name in names]
        if taken:
            raise BulkError(
                f"{file} already has columns of the names that scoring adds: {', '.join(taken)}. "
                "Put something before the new ones, such as --prefix score_."
            )


@dataclass(frozen=True, slots=True)
class Target:
    """Say what becomes of the rows that are read.

    Attributes:
        text_column: where the text of each stands.
        added: what the columns are called that scoring adds.
        kind: the format in which they are written.
    """

    text_column: str
    added: Added
    kind: Kind


def choose_text_column(head: Head, wanted: str | None, file: str) -> tuple[str, str]:
    """Return the column that holds the texts, and why it was chosen.

    Args:
        head: the first rows of the input.
        wanted: what the user named, if anything.
        file: name of the file, for errors.

    Raises:
        DataError: there is no such column, or none that could hold texts.
    """
    listed = ", ".join(repr(name) for name in head.names)
    if wanted is not None:
        if wanted not in head.names:
            raise DataError(f"there is no column {wanted!r}, only {listed}.", file=file)
        if wanted not in head.texts:
            raise DataError(
                f"it holds {head.schema.field(wanted).type}, not texts.", file=file, column=wanted
            )
        return wanted, "as told"
    if not head.texts:
        raise DataError(f"no column holds texts; there are {listed}.", file=file)
    if len(head.texts) == 1:
        return next(iter(head.texts)), "guessed: the only one that may hold texts"
    lower = {name.strip().lower(): name for name in reversed(list(head.texts))}
    usual = next((lower[name] for name in _USUAL if name in lower), None)
    if usual is not None:
        return usual, "guessed by its name"
    return max(head.texts, key=lambda name: _mean_length(head.texts[name])), (
        "guessed: it holds the longest values"
    )


def _mean_length(values: Sequence[str]) -> float:
    return sum(map(len, values)) / max(1, len(values))
