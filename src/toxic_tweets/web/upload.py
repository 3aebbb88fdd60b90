"""Files that visitors bring: CSV, JSON lines, Parquet or plain lines, read from memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from toxic_tweets.errors import DataError, MissingExtraError

SUFFIXES = ("csv", "tsv", "jsonl", "ndjson", "parquet", "txt")
_USUAL = ("text", "comment_text", "tweet", "comment", "content", "message", "body", "post")
_SAMPLE_ROWS = 200
_LONGEST_CELL = 10_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """Hold the columns of a file that may be texts, each with one cell per row."""

    name: str
    columns: Mapping[str, tuple[str, ...]]

    @property
    def likely(self) -> str:
        """Return the column that most likely holds the texts."""
        lower = {column.strip().lower(): column for column in reversed(list(self.columns))}
        for usual in _USUAL:
            if usual in lower:
                return lower[usual]
        return max(self.columns, key=self._mean_length)

    def _mean_length(self, column: str) -> float:
        cells = self.columns[column][:_SAMPLE_ROWS]
        return sum(map(len, cells)) / max(1, len(cells))


def read_upload(name: str, content: bytes, max_rows: int) -> Upload:
    """Return the columns of a file.

    Args:
        name: its name, whose ending says what it is.
        content: its bytes.
        max_rows: most rows it may have.

    Raises:
        DataError: it is not what its name says, has no texts, or too many rows.
    """
    name = PurePath(name).name
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    if suffix == "parquet":
        columns = _read_parquet(name, content, max_rows)
    elif suffix in ("jsonl", "ndjson"):
        columns = _read_json_lines(name, _decode(name, content), max_rows)
    elif suffix == "txt":
        columns = {"text": tuple(split_lines(_decode(name, content)))}
    elif suffix in ("csv", "tsv"):
        columns = _read_csv(name, _decode(name, content), max_rows)
    else:
        raise DataError(f"the file must end in one of: {', '.join(SUFFIXES)}.", file=name)
    if not columns or not any(columns.values()):
        raise DataError("the file holds no texts. It needs a header and a row.", file=name)
    check_rows(name, len(next(iter(columns.values()))), max_rows)
    return Upload(name, columns)


def split_lines(text: str) -> list[str]:
    """Return the lines that are not blank."""
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]


def check_rows(name: str, n_rows: int, max_rows: int) -> None:
    """Refuse more rows than a page should hold.

    Raises:
        DataError: there are more.
    """
    if n_rows > max_rows:
        raise DataError(
            f"there are {n_rows:,} rows, but the page takes {max_rows:,}. Score larger files with "
            "the command: toxic-tweets score.",
            file=name,
        )


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start)
        raise DataError(
            "this is not UTF-8. Save the file as UTF-8 first (in Excel: «CSV UTF-8»).",
            file=name,
            row=row or None,
        ) from error


def _read_csv(name: str, text: str, max_rows: int) -> dict[str, tuple[str, ...]]:
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        names = next(reader, [])
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(names):
                raise DataError(
                    f"there are {len(cells)} cells, but the header names {len(names)} columns. "
                    "Put cells that hold the delimiter or a line break in quotes.",
                    file=name,
                    row=len(rows) + 1,
                )
            rows.append(cells)
            check_rows(name, len(rows), max_rows)
    except csv.Error as error:
        raise DataError(f"this is not CSV ({error}).", file=name, row=len(rows) + 1) from error
    if len(set(names)) < len(names):
        raise DataError("two columns of the header have the same name. Rename one.", file=name)
    return {column: tuple(row[place] for row in rows) for place, column in enumerate(names)}


def _read_json_lines(name: str, text: str, max_rows: int) -> dict[str, tuple[str, ...]]:
    rows: list[dict[str, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(
                "this line is not JSON. Every line must be one object.", file=name, row=number
            ) from error
        if isinstance(value, str):
            value = {"text": value}
        if not isinstance(value, dict):
            raise DataError("this line is no JSON object or string.", file=name, row=number)
        rows.append({str(key): cell for key, cell in value.items() if isinstance(cell, str)})
        check_rows(name, len(rows), max_rows)
    names = dict.fromkeys(key for row in rows for key in row)
    return {column: tuple(row.get(column, "") for row in rows) for column in names}


def _read_parquet(name: str, content: bytes, max_rows: int) -> dict[str, tuple[str, ...]]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise MissingExtraError("web", error.name or "pyarrow") from error
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        check_rows(name, file.metadata.num_rows, max_rows)  # before anything is unpacked
        kinds = zip(file.schema_arrow.names, file.schema_arrow.types, strict=True)
        names = [
            column for column, kind in kinds if pa.types.is_string(kind) or _is_large(pa, kind)
        ]
        table = file.read(columns=names)
        return {
            column: tuple(cell or "" for cell in table.column(column).to_pylist())
            for column in names
        }
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError("this is not a Parquet file that can be read.", file=name) from error


def _is_large(pa: object, kind: object) -> bool:
    """Tell the other type that strings have in Arrow."""
    return bool(pa.types.is_large_string(kind))  # type: ignore[attr-defined]
