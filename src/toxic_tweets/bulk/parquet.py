"""Parquet: columns pass through as they are, types included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from toxic_tweets.bulk.blocks import Block, Records, Row, Sizes, cut_rows
from toxic_tweets.bulk.columns import HEAD_ROWS, Added, Head, Target
from toxic_tweets.bulk.places import InputFile, Place
from toxic_tweets.bulk.scoring import Scored
from toxic_tweets.bulk.values import to_cell, to_json
from toxic_tweets.errors import DataError

# A row group is held in memory until it is whole.
_GROUP_ROWS = 20_000
_GROUP_BYTES = 32_000_000
_COMPRESSION = "zstd"
# Types of flagged, verdict, language and language_supported.
_REST = (pa.list_(pa.string()), pa.string(), pa.string(), pa.bool_())


@dataclass(frozen=True, slots=True)
class ArrowRecords:
    """Hold rows as columns."""

    batch: pa.RecordBatch

    def to_cells(self) -> Iterable[list[str]]:
        """Return nothing for null, strings as they are, times as ISO 8601, JSON for the rest."""
        columns = [column.to_pylist() for column in self.batch.columns]
        for row in zip(*columns, strict=True):
            yield [to_cell(value) for value in row]

    def to_json(self) -> Iterable[str]:
        """Return objects; what JSON does not have becomes a string."""
        return (to_json(values) for values in self.batch.to_pylist())

    def to_arrow(self) -> pa.Table:
        """Return the columns as they came."""
        return pa.Table.from_batches([self.batch])


def read_head(file: InputFile) -> Head:
    """Return the columns with their types.

    Raises:
        DataError: the file cannot be read, or two columns have one name.
    """
    with _open(file) as parquet:
        schema = parquet.schema_arrow
        twice = [name for name in schema.names if schema.names.count(name) > 1]
        if twice:
            raise DataError("two columns have one name.", file=file.place.shown, column=twice[0])
        names = [field.name for field in schema if _is_text(field.type)]
        texts: dict[str, list[str]] = {name: [] for name in names}
        for batch in islice(parquet.iter_batches(batch_size=HEAD_ROWS, columns=names), 1):
            for name in names:
                cells = _to_bytes(batch.column(name))
                texts[name] = [one.decode("utf-8", "replace") for one in cells if one is not None]
    return Head(schema, texts)


def read_blocks(
    file: InputFile, head: Head, target: Target, start: int, sizes: Sizes
) -> Iterator[Block]:
    """Yield the rows of a file in blocks; `start` rows of other files came before.

    Raises:
        DataError: the file cannot be read, or has other columns than the first one.
    """
    with _open(file) as parquet:
        head.check_same(parquet.schema_arrow.names, file.place.shown)
        if not parquet.schema_arrow.equals(head.schema):
            raise DataError(
                "its columns have other types than those of the first file. Score them apart.",
                file=file.place.shown,
            )
        n_rows = max(1, parquet.metadata.num_rows)
        row = 0
        for batch in parquet.iter_batches(batch_size=sizes.block_rows):
            rows = _read_rows(batch, target.text_column)
            for cut in cut_rows(rows, file.place.shown, row, start + row, sizes):
                kept = batch.take(pa.array(cut.payloads, pa.int64()))
                read = file.size_bytes * (cut.start - start + cut.n_rows) // n_rows
                records = ArrowRecords(kept)
                yield Block(cut.start, cut.n_rows, cut.texts, records, cut.rejects, read)
            row += batch.num_rows


@contextmanager
def _open(file: InputFile) -> Iterator[pq.ParquetFile]:
    """Open a file, and let errors say which it was."""
    place = file.place
    with file.naming_errors(), place.system.open_input_file(place.path) as source:
        # Without a buffer ahead of the reader a row group need not be in memory as a whole.
        yield pq.ParquetFile(source, pre_buffer=False)


def _read_rows(batch: pa.RecordBatch, column: str) -> Iterator[Row[int]]:
    broken = _find_broken(batch)
    for place, cell in enumerate(_to_bytes(batch.column(column))):
        if place in broken:
            yield Row(place, None, f"{broken[place]!r} is not UTF-8")
        elif cell is None or not (text := cell.decode()).strip():
            yield Row(place, None, "the text is missing")
        else:
            yield Row(place, text)


def _find_broken(batch: pa.RecordBatch) -> dict[int, str]:
    """Return which rows hold bytes that are no text in a column of texts, with its name."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:
        pass
    else:
        return {}
    broken = {}
    for field, column in zip(batch.schema, batch.columns, strict=True):
        cells = _to_bytes(column) if _is_text(field.type) else []
        for place, cell in enumerate(cells):
            try:
                (cell or b"").decode()
            except UnicodeDecodeError:
                broken[place] = field.name
    return broken


def _is_text(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def _to_bytes(column: pa.Array) -> list[bytes | None]:
    """Return the cells of a column of texts before they are decoded, which may fail."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return list(column.cast(pa.large_binary()).to_pylist())


class ParquetWriter:
    """Write rows with their scores in row groups of a bounded size."""

    def __init__(self, stream: Any, head: Head, added: Added) -> None:
        """Begin a file with the columns of the input and those that scoring adds."""
        self._stream = stream
        fields = [pa.field(name, pa.float64()) for name in added.labels]
        fields += [pa.field(name, kind) for name, kind in zip(added.rest, _REST, strict=True)]
        self._added = fields
        schema = pa.schema([*head.schema, *fields], metadata=head.schema.metadata)
        self._file = pq.ParquetWriter(stream, schema, compression=_COMPRESSION)
        self._waiting: list[pa.Table] = []

    def write(self, records: Records, scored: Scored) -> None:
        """Write the rows of one block, once there are enough for a row group."""
        table = records.to_arrow()
        columns: list[Sequence[Any]] = list(zip(*scored.scores, strict=True))
        columns = columns or [()] * (len(self._added) - len(_REST))
        columns += [scored.flagged, scored.verdicts, scored.languages, scored.supported]
        for field, cells in zip(self._added, columns, strict=True):
            table = table.append_column(field, pa.array(cells, field.type))
        self._waiting.append(table)
        n_rows = sum(one.num_rows for one in self._waiting)
        if n_rows >= _GROUP_ROWS or sum(one.nbytes for one in self._waiting) >= _GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._flush()
        self._file.close()
        self._stream.close()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.concat_tables(self._waiting))
            self._waiting.clear()


def join_parquet(parts: Sequence[Place], stream: Any) -> None:
    """Write the row groups of several files, all of one schema, into one.

    Args:
        parts: where they are.
        stream: where to; it is not closed.
    """
    writer: pq.ParquetWriter | None = None
    for part in parts:
        with part.system.open_input_file(part.path) as source:
            parquet = pq.ParquetFile(source, pre_buffer=False)
            if writer is None:
                writer = pq.ParquetWriter(stream, parquet.schema_arrow, compression=_COMPRESSION)
            for group in range(parquet.num_row_groups):
                writer.write_table(parquet.read_row_group(group))
    if writer is not None:
        writer.close()
