"""CSV files read strictly: whatever is wrong is named by file, row and column."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from toxic_tweets.errors import DataError

# The csv module's limit for one field is a C long, which has 32 bits on some platforms; its default
# of 131,072 characters is less than one long text.
_FIELD_LIMIT = 2**31 - 1
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_NUMBER = re.compile(r"[-+]?[\d.]{1,12}(e[-+]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a CSV file, which can say where it stands.

    Attributes:
        file: name of the file.
        row: place of the record, from 1; the header is not counted.
        line: the line of the file on which it begins, from 1; a text may hold line breaks.
        values: the cells by the name of their column.
    """

    file: str
    row: int
    line: int
    values: dict[str, str]

    def error(self, column: str | None, message: str) -> DataError:
        """Make an error that names this row; `message` must not quote the text."""
        return _error(message, self.file, self.row, self.line, column)

    def is_blank(self, column: str) -> bool:
        """Tell whether the cell holds blanks and nothing else (an empty cell is missing)."""
        return self.values[column] != "" and not self.values[column].strip()

    def text(self, column: str) -> str:
        """Give a text.

        Raises:
            DataError: the cell is empty.
        """
        value = self.values[column]
        if not value.strip():
            raise self.error(column, "the text is missing. Fill the cell in or remove the row.")
        return value

    def number(self, column: str, low: float = -math.inf, high: float = math.inf) -> float:
        """Give a finite number between `low` and `high`, both included.

        Raises:
            DataError: the cell is empty, no number or out of range.
        """
        value = self.values[column]
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and low <= number <= high):
            span = "" if low == -math.inf else f" from {low:g} to {high:g}"
            raise self.error(column, f"{_shown(value)} found, expected a number{span}. Correct it.")
        return number

    def choice(self, column: str, known: Sequence[str]) -> str:
        """Give a value that must be one of `known`.

        Raises:
            DataError: it is another one.
        """
        value = self.values[column]
        if value not in known:
            raise self.error(
                column, f"{_shown(value)} found, expected one of {', '.join(known)}. Correct it."
            )
        return value

    def binary(self, column: str) -> float:
        """Give 0 or 1, or NaN for -1, by which a file says that nobody knows.

        Raises:
            DataError: the cell holds anything else.
        """
        value = self.values[column]
        known = _BINARY.get(value.strip())
        if known is None:
            raise self.error(
                column, f"{_shown(value)} found, expected 0, 1 or -1 (unknown). Correct it."
            )
        return known


_BINARY = {"0": 0.0, "1": 1.0, "-1": math.nan, "0.0": 0.0, "1.0": 1.0, "-1.0": math.nan}


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Read the records of a CSV file in order.

    Raises:
        DataError: the file cannot be read, is not UTF-8, lacks one of `columns`, or a record has
            another number of cells than the header.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}). Check the path.", file=path) from error
    with stream:
        yield from read_stream(stream, str(path), columns)


def read_stream(stream: IO[bytes], file: str, columns: Sequence[str]) -> Iterator[Row]:
    """Read the records of an open CSV file and close it; `file` is its name in errors.

    Raises:
        DataError: as for `read_rows`.
    """
    if csv.field_size_limit() < _FIELD_LIMIT:
        csv.field_size_limit(_FIELD_LIMIT)
    # Bytes that are not UTF-8 come through as lone surrogates, so that their cell can be named.
    with io.TextIOWrapper(
        stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
    ) as lines:
        reader = csv.reader(lines, strict=True)
        header = _next_cells(reader, file, 0, None)
        if header is None:
            expected = ", ".join(columns)
            raise DataError(f"the file is empty, expected the columns {expected}.", file=file)
        _check_header(header, columns, file)
        row = 0
        while True:
            line = reader.line_num + 1
            cells = _next_cells(reader, file, row + 1, line)
            if cells is None:
                break
            if cells:  # the csv module gives an empty list for an empty line
                row += 1
                yield _make_row(file, row, line, header, cells)


def read_header(path: Path) -> tuple[str, ...]:
    """Give the first record of a file, empty where there is none that can be read."""
    try:
        with path.open("rb") as stream:
            start = stream.read(65536).decode("utf-8-sig", "replace")
        return tuple(next(csv.reader(io.StringIO(start, newline="")), ()))
    except (OSError, csv.Error):
        return ()


def find_file(path: Path, name: str) -> Path:
    """Give `path` itself where it is a file, else the file `name` in it.

    Raises:
        DataError: there is no such file.
    """
    file = path if path.is_file() else path / name
    if not file.is_file():
        raise DataError("there is no such file. Check the path.", file=file)
    return file


def parse_split(split: str, known: Sequence[str]) -> tuple[str, ...]:
    """Take `"train+dev"` apart.

    Raises:
        DataError: a part is not known.
    """
    parts = tuple(part.strip() for part in split.split("+"))
    for part in parts:
        if part not in known:
            raise DataError(
                f"{part!r} is no split here, expected one of {', '.join(known)}, "
                "or several joined by +."
            )
    return parts


def _next_cells(
    reader: Iterator[list[str]], file: str, row: int, line: int | None
) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        message = f"no valid CSV ({error}). Check the quotes of this row"
        if line is None:
            raise DataError(f"{message}, the header.", file=file) from error
        raise _error(f"{message} and the one before.", file, row, line, None) from error


def _check_header(header: list[str], columns: Sequence[str], file: str) -> None:
    for place, name in enumerate(header, start=1):
        if _BAD_BYTE.search(name):
            raise DataError(
                f"the name of column {place} is not UTF-8. Save the file in UTF-8.", file=file
            )
    for column in columns:
        count = header.count(column)
        if count != 1:
            found = "is missing" if count == 0 else "is there twice"
            raise DataError(
                f"the column {found}; line 1 must name {', '.join(columns)}. Correct the header.",
                file=file,
                column=column,
            )


def _make_row(file: str, row: int, line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        column = header[len(cells)] if len(cells) < len(header) else header[-1]
        message = (
            f"the row has {len(cells)} cells, expected {len(header)} as in the header. "
            "Check commas and quotes."
        )
        raise _error(message, file, row, line, column)
    for name, cell in zip(header, cells, strict=True):
        if not cell.isascii() and (bad := _BAD_BYTE.search(cell)):
            message = (
                f"the byte 0x{ord(bad.group()) - 0xDC00:02x} is not UTF-8. Save the file in UTF-8."
            )
            raise _error(message, file, row, line, name)
    return Row(file, row, line, dict(zip(header, cells, strict=True)))


def _error(message: str, file: str, row: int, line: int, column: str | None) -> DataError:
    return DataError(f"line {line}: {message}", file=file, row=row, column=column)


def _shown(value: str) -> str:
    """Quote a number; anything else may be a text that slipped a column, so only its length."""
    if not value.strip():
        return "nothing"
    return value.strip() if _NUMBER.fullmatch(value.strip()) else f"{len(value)} characters"
