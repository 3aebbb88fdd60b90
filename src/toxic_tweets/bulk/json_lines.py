"""JSON lines: the members of every object stay as they were written, letter by letter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from toxic_tweets.bulk.blocks import Block, Records, Row, Sizes, cut_rows
from toxic_tweets.bulk.columns import HEAD_ROWS, Added, Head, Target
from toxic_tweets.bulk.lines import Lines
from toxic_tweets.bulk.places import InputFile
from toxic_tweets.bulk.scoring import Scored
from toxic_tweets.bulk.values import to_cell, to_json
from toxic_tweets.errors import DataError

Values = dict[str, Any]
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class JsonRecords:
    """Hold rows as lines, and as what they say."""

    schema: pa.Schema
    rows: list[tuple[str, Values]]

    def to_cells(self) -> Iterable[list[str]]:
        """Return strings as they are, and everything else as JSON."""
        for _, values in self.rows:
            yield [to_cell(values.get(name)) for name in self.schema.names]

    def to_json(self) -> Iterable[str]:
        """Return the lines as they came."""
        return (line for line, _ in self.rows)

    def to_arrow(self) -> pa.Table:
        """Return columns of the types that the first rows have."""
        columns = []
        for field in self.schema:
            cells = [values.get(field.name) for _, values in self.rows]
            if field.type == pa.string():
                cells = [None if cell is None else to_cell(cell) for cell in cells]
            columns.append(pa.array(cells, field.type))
        return pa.table(columns, schema=self.schema)


def read_head(file: InputFile) -> Head:
    """Return the keys of the first rows, with the types of their values.

    Raises:
        DataError: the file cannot be read, or holds no object.
    """
    with file.open() as (stream, _):
        lines = islice(_read_lines(Lines(stream, file.place.shown)), HEAD_ROWS)
        objects = [row.payload[1] for row in lines if not row.reason]
    if not objects:
        raise DataError(
            'no line is a JSON object. Every line must be one, such as {"text": "…"}.',
            file=file.place.shown,
        )
    names = list(dict.fromkeys(name for values in objects for name in values))
    columns = {name: [values.get(name) for values in objects] for name in names}
    schema = pa.schema([(name, _find_type(cells)) for name, cells in columns.items()])
    texts = {
        name: [cell for cell in cells if isinstance(cell, str)]
        for name, cells in columns.items()
        if any(isinstance(cell, str) for cell in cells)
    }
    return Head(schema, texts)


def read_blocks(
    file: InputFile, head: Head, target: Target, start: int, sizes: Sizes
) -> Iterator[Block]:
    """Yield the rows of a file in blocks; `start` rows of other files came before.

    Raises:
        DataError: the file cannot be read.
    """
    with file.open() as (stream, below):
        lines = Lines(stream, file.place.shown)  # as long as it lives, the stream is open
        rows = (_check(row, head.schema, target) for row in _read_lines(lines))
        for cut in cut_rows(rows, file.place.shown, 0, start, sizes):
            records = JsonRecords(head.schema, cut.payloads)
            yield Block(cut.start, cut.n_rows, cut.texts, records, cut.rejects, below.tell())


def _read_lines(lines: Lines) -> Iterator[Row[tuple[str, Values]]]:
    """Yield every line that is not blank, with its object or what is wrong with it."""
    for number, line in enumerate(lines, start=1):
        line = line.strip()
        if not line:
            continue
        bad, lines.bad_byte = lines.bad_byte, None
        if bad:
            yield Row((line, {}), None, f"the byte {bad} is not UTF-8", number)
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            yield Row((line, {}), None, "the line is not JSON", number)
            continue
        reason = "" if isinstance(values, dict) else "the line is no JSON object"
        yield Row((line, values), None, reason, number)


def _check(
    row: Row[tuple[str, Values]], schema: pa.Schema, target: Target
) -> Row[tuple[str, Values]]:
    """Return the row with its text, or with what is wrong."""
    if row.reason:
        return row
    line, values = row.payload
    text = values.get(target.text_column)
    if text is None or (isinstance(text, str) and not text.strip()):
        reason = "the text is missing"
    elif not isinstance(text, str):
        reason = "the text is no string"
    elif target.kind == "jsonl":
        taken = [name for name in target.added.names if name in values]
        reason = f"it already has {taken[0]!r}, a name that scoring adds" if taken else ""
    else:
        reason = _find_misfit(line, values, schema)
    return Row(row.payload, None if reason else text, reason, row.line)


def _find_misfit(line: str, values: Values, schema: pa.Schema) -> str:
    """Say why a row does not fit into the columns of a table; nothing if it does."""
    new = [name for name in values if name not in schema.names]
    if new:
        return f"it has a key that none of the first {HEAD_ROWS:,} rows has"
    for field in schema:
        value = values.get(field.name)
        if value is not None and not _fits(value, field.type):
            return f"{field.name!r} is no {field.type}, as it is in the first rows"
    if "\\ud" in line.lower():
        try:
            to_json(values).encode()
        except UnicodeEncodeError:
            return "it has half a surrogate pair, which only JSON can hold"
    return ""


def _find_type(cells: Sequence[Any]) -> pa.DataType:
    """Return the narrowest type that holds all; strings hold what has none in common, as JSON."""
    for kind in (pa.bool_(), pa.int64(), pa.float64()):
        found = [cell for cell in cells if cell is not None]
        if found and all(_fits(cell, kind) for cell in found):
            return kind
    return pa.string()


def _fits(value: Any, kind: pa.DataType) -> bool:
    if kind == pa.string():
        return True
    if kind == pa.bool_():
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == pa.int64():
        return isinstance(value, int) and value in _INT64
    # An integer that a float cannot hold would change.
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= 2**53)


class JsonLinesWriter:
    """Write rows with their scores: members that come after those that were there."""

    def __init__(self, stream: Any, added: Added) -> None:
        """Begin a file; JSON lines have no header."""
        self._stream = stream
        self._names = added.names

    def write(self, records: Records, scored: Scored) -> None:
        """Write the rows of one block."""
        lines = []
        for line, (scores, *rest) in zip(records.to_json(), scored.rows(), strict=True):
            added = json.dumps(dict(zip(self._names, (*scores, *rest), strict=True)))
            lines.append(f"{line[:-1].rstrip()}, {added[1:]}\n")
        self._stream.write("".join(lines).encode())

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
