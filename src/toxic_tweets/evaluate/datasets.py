"""From what a user names to datasets: paths, readers, or a TOML file that lists them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from toxic_tweets.data import bias_templates, civil_comments, hatecheck, mapped_csv
from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapped_csv import LabelColumn
from toxic_tweets.data.registry import READERS, guess_reader, read_source
from toxic_tweets.errors import DataError

_ANNOTATED: Mapping[str, Callable[[Path], Annotated]] = {
    "bias_templates": bias_templates.read_annotated,
    "civil_comments": civil_comments.read_annotated,
    "hatecheck": hatecheck.read_annotated,
}
_KEYS = {"path", "name", "reader", "options", "max_texts", "text", "id", "labels"}


def read_datasets(sources: Iterable[str], max_texts: int = 0, seed: int = 13) -> list[Annotated]:
    """Read what a user named.

    Args:
        sources: each a path whose reader is guessed, `reader=path`, or a TOML file with a table
            `[[data]]` per dataset: `path` (from the file's folder), and optionally `name`,
            `reader`, `options` of the reader, `max_texts`; for any other CSV file `text`, `id` and
            `[data.labels]`, a column per label.
        max_texts: at most so many texts of each dataset, drawn at random; 0 = all.
        seed: draws them.

    Raises:
        DataError: a source is missing or malformed, or a TOML file says what cannot be.
    """
    found: list[Annotated] = []
    for source in sources:
        reader, sign, path = source.partition("=")
        if source.endswith(".toml") and Path(source).is_file():
            found += _read_list(Path(source), seed)
        elif sign and reader in READERS:
            found.append(_read(reader, Path(path), {}))
        else:
            found.append(_read(guess_reader(Path(source)), Path(source), {}))
    chosen = [draw(one, max_texts, seed) for one in found]
    return make_names_unique(chosen)


def draw(annotated: Annotated, max_texts: int, seed: int) -> Annotated:
    """Return at most so many texts, drawn at random but in their order; 0 means all."""
    n_texts = len(annotated.dataset)
    if not 0 < max_texts < n_texts:
        return annotated
    random = np.random.default_rng(seed)
    return select(annotated, np.sort(random.choice(n_texts, max_texts, replace=False)))


def select(annotated: Annotated, rows: np.ndarray[Any, np.dtype[np.int64]]) -> Annotated:
    """Return some texts with all that is known of them."""
    return replace(
        annotated,
        dataset=annotated.dataset.select(rows),
        identities={name: marks[rows] for name, marks in annotated.identities.items()},
        groups={
            name: tuple(values[row] for row in rows) for name, values in annotated.groups.items()
        },
    )


def rename(annotated: Annotated, name: str) -> Annotated:
    """Return the same texts under another name."""
    return replace(annotated, dataset=replace(annotated.dataset, name=name))


def make_names_unique(datasets: Sequence[Annotated]) -> list[Annotated]:
    """Number datasets that have the name of an earlier one: each figure has its own path."""
    taken: set[str] = set()
    unique = []
    for one in datasets:
        # Paths of figures are joined by slashes.
        name = plain = one.dataset.name.replace("/", "-")
        number = 2
        while name in taken:
            name = f"{plain}-{number}"
            number += 1
        taken.add(name)
        unique.append(one if name == one.dataset.name else rename(one, name))
    return unique


def _read(reader: str, path: Path, options: Mapping[str, Any]) -> Annotated:
    read = _ANNOTATED.get(reader)
    if read is not None and not options:
        return read(path)
    return Annotated(read_source(reader, path, **options))


def _read_list(file: Path, seed: int) -> list[Annotated]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read as TOML: {error}.", file=file) from error
    tables = content.get("data")
    if not isinstance(tables, list) or not tables or set(content) != {"data"}:
        raise DataError("expected a table [[data]] for each dataset and no other.", file=file)
    return [_read_table(file, table, seed) for table in tables]


def _read_table(file: Path, table: object, seed: int) -> Annotated:
    if not isinstance(table, dict) or not isinstance(table.get("path"), str):
        raise DataError("every [[data]] needs a path. Give it.", file=file)
    unknown = set(table) - _KEYS
    if unknown:
        raise DataError(
            f"[[data]] has the keys {', '.join(sorted(unknown))}, expected some of "
            f"{', '.join(sorted(_KEYS))}. Correct it.",
            file=file,
        )
    path = file.parent / table["path"]
    max_texts = table.get("max_texts", 0)
    options = table.get("options", {})
    if not isinstance(max_texts, int) or not isinstance(options, dict):
        raise DataError("max_texts must be a number and options a table. Correct it.", file=file)
    if "labels" in table:
        read = Annotated(_read_mapped(file, path, table))
    else:
        read = _read(table.get("reader") or guess_reader(path), path, options)
    chosen = draw(read, max_texts, seed)
    return rename(chosen, str(table["name"])) if "name" in table else chosen


def _read_mapped(file: Path, path: Path, table: Mapping[str, Any]) -> Dataset:
    labels = table["labels"]
    if not isinstance(labels, dict):
        raise DataError("[data.labels] must map labels to columns. Correct it.", file=file)
    columns = {label: LabelColumn.from_toml(label, value) for label, value in labels.items()}
    text, id_ = table.get("text", "text"), table.get("id", "")
    if not isinstance(text, str) or not isinstance(id_, str):
        raise DataError("text and id must be names of columns. Correct them.", file=file)
    return mapped_csv.read(path, columns, text=text, id=id_)
