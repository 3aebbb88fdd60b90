"""What a visitor takes along: texts with scores and verdicts, as CSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from toxic_tweets.web.judging import VERDICTS, Judged, Scored

# A spreadsheet takes a cell that begins so for a formula, and whoever wrote the text is not to be
# trusted with what it computes.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def make_columns(
    texts: Sequence[str], scored: Scored, judged: Judged, places: Sequence[int]
) -> dict[str, list[Any]]:
    """Return the columns of a file.

    Args:
        texts: all texts.
        scored: what the model found in them.
        judged: what the policy makes of that.
        places: which texts are wanted, in order.
    """
    labels = scored.labels
    columns: dict[str, list[Any]] = {
        "row": [place + 1 for place in places],
        "text": [texts[place] for place in places],
    }
    for name, highest in (("highest", judged.highest), ("highest_type", judged.highest_type)):
        columns[name] = [labels[highest[place]] for place in places]
        columns[f"{name}_score"] = [float(scored.scores[place, highest[place]]) for place in places]
    columns["verdict"] = [VERDICTS[judged.verdicts[place]] for place in places]
    columns["flagged"] = [
        " ".join(label for label, is_on in zip(labels, judged.flagged[place], strict=True) if is_on)
        for place in places
    ]
    for number, label in enumerate(labels):
        columns[label] = scored.scores[list(places), number].tolist()
    columns["language"] = [scored.languages[place] for place in places]
    columns["language_supported"] = [scored.supported[place] for place in places]
    columns["windows"] = [scored.windows[place] for place in places]
    columns["checkpoint"] = [scored.checkpoint] * len(places)
    return columns


def write_csv(columns: dict[str, list[Any]]) -> bytes:
    """Return CSV for a spreadsheet: an apostrophe goes before a text that would be a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(_rows(columns))
    return file.getvalue().encode("utf-8-sig")


def write_parquet(columns: dict[str, list[Any]]) -> bytes:
    """Return Parquet, with every text exactly as it came."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Columns that may hold no value at all have no type of their own.
    types = {"text": pa.string(), "language": pa.string(), "language_supported": pa.bool_()}
    table = pa.table({name: pa.array(cells, types.get(name)) for name, cells in columns.items()})
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def _rows(columns: dict[str, list[Any]]) -> Iterator[list[Any]]:
    for cells in zip(*columns.values(), strict=True):
        yield [_disarm(cell) if isinstance(cell, str) else cell for cell in cells]


def _disarm(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
