"""Rows cut into blocks: what one worker scores at a time, and what could not be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa

Payload = TypeVar("Payload")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Say how much is held in memory, and how much is lost when a run is killed.

    Attributes:
        part_rows: rows of a part, the unit that a killed run need not score again.
        block_rows: most rows of a block, the unit that a worker scores: small enough to spread the
            last ones over all workers, large enough that handing over (some 0.3 ms) costs nothing.
        block_characters: a block that holds so many characters of text ends there.
    """

    part_rows: int = 50_000
    block_rows: int = 500
    block_characters: int = 500_000


@dataclass(frozen=True, slots=True)
class Row(Generic[Payload]):
    """Hold one row of a file on its way into a block.

    Attributes:
        payload: what the format needs to write the row again.
        text: what is scored; None if the row cannot be.
        reason: why it cannot be, without a word of the text.
        line: the line on which the row begins, from 1; None where a format has no lines.
    """

    payload: Payload
    text: str | None
    reason: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Say which row was not scored, and why; never what it holds.

    Attributes:
        file: the file that it stands in.
        row: its place there, from 1; a header is not counted.
        line: the line on which it begins, from 1; None where a format has no lines.
        reason: what is wrong with it.
    """

    file: str
    row: int
    line: int | None
    reason: str

    def to_json(self) -> str:
        """Return one line for the file of rejected rows."""
        place = {"file": self.file, "row": self.row}
        if self.line is not None:
            place["line"] = self.line
        return json.dumps({**place, "reason": self.reason}, ensure_ascii=False) + "\n"


class Records(Protocol):
    """Hold the rows of a block as their format has them, ready for any other."""

    def to_cells(self) -> Iterable[list[str]]:
        """Return the cells of each row as CSV holds them."""

    def to_json(self) -> Iterable[str]:
        """Return each row as one JSON object, on one line, with at least one member."""

    def to_arrow(self) -> pa.Table:
        """Return the rows as columns, typed as the head of the input says."""


@dataclass(frozen=True, slots=True)
class Block:
    """Hold some rows that stand one after another in one file, and never in two parts.

    Attributes:
        start: place of the first row among those of all files, from 0.
        n_rows: how many there are, the rejected ones included.
        texts: the text of each row that can be scored.
        records: these rows, in the same order.
        rejects: the others.
        n_bytes: how far the files were read by then, all together.
    """

    start: int
    n_rows: int
    texts: list[str]
    records: Records
    rejects: list[Reject]
    n_bytes: int


@dataclass(slots=True)
class Cut(Generic[Payload]):
    """Hold the rows of one block to be."""

    start: int
    n_rows: int
    texts: list[str]
    payloads: list[Payload]
    rejects: list[Reject]


def cut_rows(
    rows: Iterable[Row[Payload]], file: str, row: int, start: int, sizes: Sizes
) -> Iterator[Cut[Payload]]:
    """Yield the rows in pieces that are no larger than a block and that no part ends in.

    Args:
        rows: rows of one file.
        file: its name.
        row: how many of its rows came before.
        start: how many rows of all files came before.
        sizes: how much fits into a block, and where parts end.
    """
    cut: Cut[Payload] = Cut(start, 0, [], [], [])
    n_characters = 0
    for one in rows:
        row += 1
        cut.n_rows += 1
        if one.text is None:
            cut.rejects.append(Reject(file, row, one.line, one.reason))
        else:
            cut.texts.append(one.text)
            cut.payloads.append(one.payload)
            n_characters += len(one.text)
        after = cut.start + cut.n_rows
        is_full = cut.n_rows >= sizes.block_rows or n_characters >= sizes.block_characters
        if is_full or after % sizes.part_rows == 0:
            yield cut
            cut = Cut(after, 0, [], [], [])
            n_characters = 0
    if cut.n_rows:
        yield cut
