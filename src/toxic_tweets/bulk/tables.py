"""The formats by their names: which module reads what, which writer writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from toxic_tweets.bulk import csv_files, json_lines, parquet
from toxic_tweets.bulk.blocks import Block, Records, Sizes
from toxic_tweets.bulk.columns import Added, Head, Target
from toxic_tweets.bulk.places import InputFile, Kind
from toxic_tweets.bulk.scoring import Scored


class Format(Protocol):
    """Read files of one format."""

    def read_head(self, file: InputFile) -> Head:
        """Return what the first rows tell."""

    def read_blocks(
        self, file: InputFile, head: Head, target: Target, start: int, sizes: Sizes
    ) -> Iterator[Block]:
        """Yield the rows of a file in blocks."""


class Writer(Protocol):
    """Write rows with their scores into one file."""

    def write(self, records: Records, scored: Scored) -> None:
        """Write the rows of one block."""

    def close(self) -> None:
        """Write what waits, and close the file."""


_FORMATS: dict[Kind, Format] = {
    "csv": csv_files,
    "tsv": csv_files,
    "jsonl": json_lines,
    "parquet": parquet,
}


def read_head(file: InputFile) -> Head:
    """Return the columns of a file.

    Raises:
        DataError: it cannot be read, or is not what its name says.
    """
    return _FORMATS[file.ending.kind].read_head(file)


def read_blocks(
    files: Sequence[InputFile], head: Head, target: Target, sizes: Sizes
) -> Iterator[Block]:
    """Yield the rows of all files in blocks, in order, the same ones every time.

    Raises:
        DataError: a file cannot be read, or is not like the first one.
    """
    start = n_bytes = 0
    for file in files:
        blocks = _FORMATS[file.ending.kind].read_blocks(file, head, target, start, sizes)
        for block in blocks:
            start = block.start + block.n_rows
            yield Block(
                block.start,
                block.n_rows,
                block.texts,
                block.records,
                block.rejects,
                block.n_bytes + n_bytes,
            )
        n_bytes += file.size_bytes


def open_writer(kind: Kind, stream: Any, head: Head, added: Added, *, has_header: bool) -> Writer:
    """Return what writes a file of a format.

    Args:
        kind: the format.
        stream: where the bytes go; closing the writer closes it.
        head: the columns of the input.
        added: what scoring adds.
        has_header: False for a CSV file that will be appended to another.
    """
    if kind == "jsonl":
        return json_lines.JsonLinesWriter(stream, added)
    if kind == "parquet":
        return parquet.ParquetWriter(stream, head, added)
    delimiter = "\t" if kind == "tsv" else ","
    return csv_files.CsvWriter(stream, head, added, has_header, delimiter)
