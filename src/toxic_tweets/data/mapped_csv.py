"""Any CSV file, with a mapping that says which column is the text and which values mean a label."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import Row, read_rows
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.errors import DataError


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """Where a label's target stands.

    Attributes:
        column: name of the column.
        positive: cells that mean 1; none: the cell is a number in [0, 1].
        negative: cells that mean 0; none: every other cell that is not empty.
    """

    column: str
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()

    @classmethod
    def from_toml(cls, label: str, value: Any) -> LabelColumn:
        """Read the name of a column, or a table with `column`, `positive` and `negative`.

        Raises:
            DataError: it is neither.
        """
        if isinstance(value, str):
            return cls(value)
        if not isinstance(value, Mapping) or not isinstance(value.get("column"), str):
            raise DataError(
                f"the mapping of {label} must be a column's name, or a table with column, positive "
                "and negative. Correct it."
            )
        unknown = set(value) - {"column", "positive", "negative"}
        if unknown:
            raise DataError(
                f"the mapping of {label} has {', '.join(sorted(unknown))}, expected column, "
                "positive and negative. Correct it."
            )
        sides = (_cells(value.get(side, ())) for side in ("positive", "negative"))
        return cls(value["column"], *sides)

    def target(self, row: Row) -> float:
        """Give the target of a row; NaN where the cell is empty.

        Raises:
            DataError: the cell means nothing.
        """
        cell = row.values[self.column].strip()
        if not cell:
            return math.nan
        if not self.positive:
            return row.number(self.column, 0.0, 1.0)
        if cell in self.positive:
            return 1.0
        if self.negative and cell not in self.negative:
            expected = ", ".join((*self.positive, *self.negative))
            raise row.error(self.column, f"expected one of {expected}. Correct it or the mapping.")
        return 0.0


def read(
    path: Path,
    labels: Mapping[str, LabelColumn],
    text: str = "text",
    id: str = "",  # noqa: A002
    name: str = "",
) -> Dataset:
    """Read a file by its mapping.

    Args:
        path: the CSV file.
        labels: where the target of each of our labels stands.
        text: the column with the texts.
        id: the column with ids, if there is one.
        name: what the dataset is called; default: the name of the file.

    Raises:
        DataError: the file is missing or malformed, or does not fit the mapping.
    """
    if not labels:
        raise DataError("the mapping names no label. Name at least one.", file=path)
    columns = dict.fromkeys([text, *([id] if id else []), *(one.column for one in labels.values())])
    collector = Collector(name or path.stem, tuple(labels))
    for row in read_rows(path, tuple(columns)):
        targets = {label: column.target(row) for label, column in labels.items()}
        collector.add(row.text(text), targets, name=row.values[id] if id else "")
    return collector.make_dataset()


def _cells(value: object) -> tuple[str, ...]:
    """Give cells as they stand in a file: TOML may have written 1 for "1"."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return (str(value),)
    return tuple(str(one) for one in value)
