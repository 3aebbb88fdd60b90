"""CSV and TSV: every cell stays the very string it was."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from toxic_tweets.bulk.blocks import Block, Records, Row, Sizes, cut_rows
from toxic_tweets.bulk.columns import HEAD_ROWS, Added, Head, Target
from toxic_tweets.bulk.lines import Lines
from toxic_tweets.bulk.places import InputFile
from toxic_tweets.bulk.scoring import Scored
from toxic_tweets.errors import DataError

_MAX_CELL_CHARACTERS = 10_000_000
# How a cell says whether a language is supported.
_SUPPORTED = {True: "true", False: "false", None: ""}


@dataclass(frozen=True, slots=True)
class CsvRecords:
    """Hold rows as lists of cells."""

    names: list[str]
    rows: list[list[str]]

    def to_cells(self) -> Iterable[list[str]]:
        """Return the cells as they came."""
        return self.rows

    def to_json(self) -> Iterable[str]:
        """Return objects whose values are all strings."""
        for row in self.rows:
            yield json.dumps(dict(zip(self.names, row, strict=True)), ensure_ascii=False)

    def to_arrow(self) -> pa.Table:
        """Return columns of strings."""
        columns = zip(*self.rows, strict=True) if self.rows else [[] for _ in self.names]
        return pa.table([pa.array(column, pa.string()) for column in columns], self.names)


def read_head(file: InputFile) -> Head:
    """Return the columns, which are all strings.

    Raises:
        DataError: the file cannot be read, is empty, or its header is malformed.
    """
    with file.open() as (stream, _):
        table = _Table(stream, file)
        rows = [row.payload for row in islice(table.read_rows(0), HEAD_ROWS)]
    rows = [cells for cells in rows if len(cells) == len(table.names)]
    schema = pa.schema([(name, pa.string()) for name in table.names])
    columns = zip(*rows, strict=True) if rows else [()] * len(table.names)
    return Head(schema, dict(zip(table.names, columns, strict=True)))


def read_blocks(
    file: InputFile, head: Head, target: Target, start: int, sizes: Sizes
) -> Iterator[Block]:
    """Yield the rows of a file in blocks; `start` rows of other files came before.

    Raises:
        DataError: the file cannot be read, or has other columns than the first one.
    """
    with file.open() as (stream, below):
        table = _Table(stream, file)
        head.check_same(table.names, file.place.shown)
        rows = table.read_rows(head.names.index(target.text_column))
        for cut in cut_rows(rows, file.place.shown, 0, start, sizes):
            records = CsvRecords(table.names, cut.payloads)
            yield Block(cut.start, cut.n_rows, cut.texts, records, cut.rejects, below.tell())


class _Table:
    """Read one file; what is wrong with a row is said in its place."""

    def __init__(self, stream: Any, file: InputFile) -> None:
        self._lines = Lines(stream, file.place.shown)
        header = next(self._lines, "")
        tabs = file.ending.kind == "tsv"
        self._delimiter = "\t" if tabs else max(",;\t", key=header.count)
        csv.field_size_limit(_MAX_CELL_CHARACTERS)
        self._reader = csv.reader(
            _prepend(header, self._lines), delimiter=self._delimiter, strict=True
        )
        self.names = self._read_names(file.place.shown)

    def _read_names(self, file: str) -> list[str]:
        try:
            names = next(self._reader, [])
        except csv.Error as error:
            raise DataError(f"the header is no valid CSV ({error}).", file=file) from error
        if not any(names):
            raise DataError("the file is empty, but must begin with a header.", file=file)
        if self._lines.bad_byte:
            raise DataError("the header is not UTF-8. Save the file in UTF-8.", file=file)
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            raise DataError(f"the header names {twice[0]!r} twice. Rename one.", file=file)
        return names

    def read_rows(self, place: int) -> Iterator[Row[list[str]]]:
        """Yield the rows; `place` is where their text stands. Empty lines are no rows."""
        reader = self._reader
        while True:
            line = reader.line_num + 1
            self._lines.bad_byte = None
            try:
                cells = next(reader, None)
            except csv.Error as error:
                # Only what the csv module says itself: it names no text.
                why = str(error).partition(" - ")[0]
                last = reader.line_num
                lines = f"lines {line} to {last} are" if last > line else "the line is"
                yield Row([], None, f"{lines} no valid CSV ({why}); check the quotes", line)
                continue
            if cells is None:
                return
            if cells:
                yield self._make_row(cells, place, line)

    def _make_row(self, cells: list[str], place: int, line: int) -> Row[list[str]]:
        if len(cells) != len(self.names):
            reason = f"the row has {len(cells)} cells, but the header {len(self.names)}"
        elif self._lines.bad_byte:
            reason = f"the byte {self._lines.bad_byte} is not UTF-8"
        elif not cells[place].strip():
            reason = "the text is missing"
        else:
            return Row(cells, cells[place], line=line)
        return Row(cells, None, reason, line)


def _prepend(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


class CsvWriter:
    """Write rows with their scores; scores in full, flagged labels joined by a blank."""

    def __init__(
        self, stream: Any, head: Head, added: Added, has_header: bool, delimiter: str = ","
    ) -> None:
        """Write the header, unless the file will stand behind another one."""
        self._stream = stream
        self._lines = _Lines()
        self._writer = csv.writer(self._lines, delimiter=delimiter, lineterminator="\r\n")
        if has_header:
            self._writer.writerow([*head.names, *added.names])

    def write(self, records: Records, scored: Scored) -> None:
        """Write the rows of one block."""
        self._writer.writerows(
            [*cells, *scores, " ".join(flagged), verdict, language, _SUPPORTED[supported]]
            for cells, (scores, flagged, verdict, language, supported) in zip(
                records.to_cells(), scored.rows(), strict=True
            )
        )
        self._flush()

    def close(self) -> None:
        """Close the file."""
        self._flush()
        self._stream.close()

    def _flush(self) -> None:
        self._stream.write("".join(self._lines).encode())
        self._lines.clear()


class _Lines(list[str]):
    """Take lines that end in CR LF, and end them in LF.

    A `csv.writer` that itself ends them in LF would leave cells with a lone CR unquoted.
    """

    def write(self, line: str) -> None:
        """Take one line, as a `csv.writer` gives it."""
        self.append(line[:-2] + "\n")
