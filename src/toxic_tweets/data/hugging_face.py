"""Any dataset of the Hugging Face Hub or a local dataset folder, through `datasets`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.errors import DataError, MissingExtraError
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="Hugging Face datasets",
    url="https://huggingface.co/docs/datasets",
    licence="as the dataset's card says",
    rules=(
        Rule(
            "the columns that `columns` maps",
            "the labels it maps them to: 0, 1 or a fraction",
            "only the user knows what a column of any dataset means",
        ),
        Rule("an empty cell, NaN or -1", "NaN", "nobody annotated"),
        Rule("any other column", "not read: its label is NaN", "nothing is guessed"),
    ),
)
_LOCAL_MARKS = ("dataset_dict.json", "state.json", "dataset_info.json")


def read(
    path: Path | str,
    split: str = "train",
    text_column: str = "text",
    columns: Mapping[str, str] | None = None,
    revision: str | None = None,
) -> Dataset:
    """Read a dataset by its name on the Hub or from a local folder.

    Args:
        path: a name such as `owner/name`, or a folder that `save_to_disk` wrote or that holds
            CSV, JSON or Parquet files.
        split: which split, in the syntax of `datasets`.
        text_column: the column that holds the texts.
        columns: our label → column that holds its targets (0, 1, a fraction, or -1 and empty for
            unknown); by default every toxicity label that is a column's name.
        revision: branch, tag or commit on the Hub; pin one for a run that can be repeated.

    Raises:
        DataError: there is no such dataset, split or column, or a cell is malformed.
        MissingExtraError: `datasets` is not installed.
    """
    table = _open(path, split, revision)
    name = str(path)
    found = list(table.column_names)
    mapped = columns
    if mapped is None:
        mapped = {label: label for label in TOXICITY_NAMES if label in found}
    if not mapped:
        raise DataError(
            f"no column is named as a label of ours; the columns are {', '.join(found)}. "
            "Give columns={our label: column}.",
            file=name,
        )
    for column in (text_column, *mapped.values()):
        if column not in found:
            raise DataError(
                f"the column is missing; the columns are {', '.join(found)}.",
                file=name,
                column=column,
            )
    collector = Collector(Path(name).name, tuple(mapped))
    for number, record in enumerate(table, start=1):
        text = record[text_column]
        if not isinstance(text, str) or not text.strip():
            raise DataError("the text is missing.", file=name, row=number, column=text_column)
        targets = {
            label: _target(record[column], name, number, column) for label, column in mapped.items()
        }
        collector.add(text, targets)
    return collector.make_dataset()


def _open(path: Path | str, split: str, revision: str | None) -> Any:
    try:
        import datasets
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", "datasets") from error
    folder = Path(path)
    try:
        if any((folder / mark).is_file() for mark in _LOCAL_MARKS):
            opened = datasets.load_from_disk(str(folder))
            if not isinstance(opened, datasets.DatasetDict):
                return opened
            if split not in opened:
                raise DataError(
                    f"{split!r} is no split, expected one of {', '.join(opened)}.", file=folder
                )
            return opened[split]
        return datasets.load_dataset(str(path), split=split, revision=revision)
    # datasets raises plain ValueError, FileNotFoundError, ConnectionError and classes of its own.
    except (ValueError, OSError, datasets.exceptions.DatasetsError) as error:
        raise DataError(
            f"cannot be opened as a dataset with the split {split!r} ({type(error).__name__}). "
            "Check name, split and network, or give a local dataset folder.",
            file=path,
        ) from error


def _target(value: object, file: str, row: int, column: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, (bool, int, float)):
        number = float(value)
        if math.isnan(number) or number == -1:
            return math.nan
        if 0 <= number <= 1:
            return number
        raise DataError(
            f"{number:g} found, expected 0, 1, a fraction between them, or -1 for unknown.",
            file=file,
            row=row,
            column=column,
        )
    raise DataError(
        f"a value of type {type(value).__name__} found, expected a number from 0 to 1.",
        file=file,
        row=row,
        column=column,
    )
