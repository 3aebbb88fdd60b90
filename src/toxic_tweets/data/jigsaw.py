"""Jigsaw Toxic Comment Classification Challenge: Wikipedia talk pages, six labels.

Takes what Kaggle gives and what people keep of it: `train.csv`, `test.csv` beside
`test_labels.csv`, a folder with them, or the zip as it was downloaded (zips inside it too).
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import Row, parse_split, read_rows, read_stream
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.errors import DataError
from toxic_tweets.labels import TOXICITY_NAMES

_SAME = "the label is ours: the six labels are defined by this source"
MAPPING = SourceCard(
    title="Jigsaw Toxic Comment Classification Challenge",
    url="https://www.kaggle.com/c/jigsaw-toxic-comment-classification-challenge",
    licence="labels CC0, text CC BY-SA 3.0",
    rules=(
        *(Rule(f"`{name}` 0 or 1", f"{name} 0 or 1", _SAME) for name in TOXICITY_NAMES),
        Rule("-1 in training rows", "NaN", "the file says that nobody knows"),
        Rule(
            "-1 in `test_labels.csv`",
            "the row is dropped",
            "these rows were never scored in the challenge, none of their labels is known",
        ),
    ),
)
SPLITS = ("train", "test")
_LABELLED = ("id", "comment_text", *TOXICITY_NAMES)
_NATURAL_IDS = "natural_sample_ids.csv"

_TEST_FILES = ("test.csv", "test_labels.csv")
_BLANK = "texts of blanks only"
_NEVER_SCORED = "test rows with a label of -1 (never scored)"

# A zip that needs a password gives RuntimeError, one packed in an exotic way NotImplementedError.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class _Natural:
    """Tells by its id whether a training row is part of a natural sample; no ids = all are."""

    ids: frozenset[str] | None
    first: str

    def __call__(self, name: str) -> bool:
        return name >= self.first and (self.ids is None or name in self.ids)


def read(path: Path, split: str | None = None, natural_from: str = "") -> Dataset:
    """Read the challenge's rows.

    Training rows are natural (a random sample of the source) where a file
    `natural_sample_ids.csv` beside them lists their id, or where there is no such file, as the
    official rows were not sampled further. Labelled test rows are always natural.

    Args:
        path: a CSV file with labels, `test.csv` with `test_labels.csv` beside it, a folder or a
            zip that holds `train.csv` or both test files.
        split: `"train"`, `"test"` or `"train+test"`; by default what the file is, or of a folder
            or a zip the training rows where it has them, else the test rows.
        natural_from: training rows whose id sorts before this are not counted as natural. Of the
            rows at hand when this was written, those from about "00f0" to "0816" (the first 5,000
            official ones) had lost most of their non-toxic rows and were 27 % toxic, while those
            from "0816" on have the official 9.6 %.

    Raises:
        DataError: a file is missing or malformed.
    """
    if path.suffix == ".zip":
        files = dict.fromkeys(_zip_members(path), path)
        natural = None
    else:
        files = _find_files(path)
        natural = _natural_ids(path if path.is_dir() else path.parent)
    collector = Collector("jigsaw", TOXICITY_NAMES)
    for part in _choose_parts(split, files, path):
        if part == "train":
            rows = _read_part("train.csv", files, path)
            _collect_train(rows, _Natural(natural, natural_from), collector)
        else:
            labels, texts = (_read_part(name, files, path) for name in reversed(_TEST_FILES))
            _collect_test(labels, texts, collector)
    return collector.make_dataset()


def _find_files(path: Path) -> dict[str, Path]:
    """Map the challenge's names of files to what is there."""
    if path.is_dir():
        found = sorted(path.iterdir(), reverse=True)  # train.csv wins over train.csv.zip
        return {file.name.removesuffix(".zip"): file for file in found}
    if path.name in _TEST_FILES:
        return {name: path.parent / name for name in _TEST_FILES}
    return {"train.csv": path}  # whatever its name is: train_cleaned.csv, my_rows.csv


def _choose_parts(split: str | None, names: Container[str], path: Path) -> tuple[str, ...]:
    if split is not None:
        return parse_split(split, SPLITS)
    if "train.csv" in names:
        return ("train",)
    if all(name in names for name in _TEST_FILES):
        return ("test",)
    raise DataError(
        "holds neither train.csv nor test.csv with test_labels.csv. "
        "Give the challenge's zip, its folder or one of its files.",
        file=path,
    )


def _collect_train(rows: Iterator[Row], is_natural: _Natural, collector: Collector) -> None:
    for row in rows:
        targets = {label: row.binary(label) for label in TOXICITY_NAMES}
        if row.is_blank("comment_text"):
            collector.drop(_BLANK)
            continue
        name = row.values["id"]
        text = row.text("comment_text")
        collector.add(text, targets, name=name, natural=is_natural(name))


def _collect_test(labels: Iterator[Row], texts: Iterator[Row], collector: Collector) -> None:
    known: dict[str, dict[str, float]] = {}
    for row in labels:
        name = row.values["id"]
        if name in known:
            raise row.error("id", "the id is there twice. Remove one of the rows.")
        known[name] = {label: row.binary(label) for label in TOXICITY_NAMES}
    for row in texts:
        name = row.values["id"]
        targets = known.pop(name, None)
        if targets is None:
            raise row.error(
                "id",
                "the id is there twice or not in test_labels.csv. Take both from one download.",
            )
        if any(math.isnan(target) for target in targets.values()):
            collector.drop(_NEVER_SCORED)
        elif row.is_blank("comment_text"):
            collector.drop(_BLANK)
        else:
            collector.add(row.text("comment_text"), targets, name=name, natural=True)
    if known:
        raise DataError(
            f"{len(known)} ids of test_labels.csv have no text. Take both from one download.",
            file="test.csv",
            column="id",
        )


def _natural_ids(folder: Path) -> frozenset[str] | None:
    file = folder / _NATURAL_IDS
    if not file.is_file():
        return None
    return frozenset(row.values["id"] for row in read_rows(file, ("id",))) - {""}


def _columns(name: str) -> tuple[str, ...]:
    if name == "test.csv":
        return ("id", "comment_text")
    return ("id", *TOXICITY_NAMES) if name == "test_labels.csv" else _LABELLED


def _read_part(name: str, files: Mapping[str, Path], path: Path) -> Iterator[Row]:
    file = files.get(name)
    if file is None:
        raise DataError(f"there is no {name}. Take all files from one download.", file=path)
    if file.suffix == ".zip":
        return _zip_rows(file, name)
    return read_rows(file, _columns(name))


def _zip_members(path: Path) -> dict[str, str]:
    """Map `train.csv` to its member, be it plain, in a folder or zipped once more."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _name_members(archive)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}). Check the path.", file=path) from error
    except _DAMAGED as error:
        raise _damaged(path) from error


def _name_members(archive: zipfile.ZipFile) -> dict[str, str]:
    members: dict[str, str] = {}
    for member in archive.namelist():
        name = Path(member).name
        if not member.startswith("__MACOSX/") and name.endswith((".csv", ".csv.zip")):
            members.setdefault(name.removesuffix(".zip"), member)
    return members


def _zip_rows(path: Path, name: str) -> Iterator[Row]:
    member = _zip_members(path)[name]
    try:
        with (
            zipfile.ZipFile(path) as archive,
            archive.open(member) as stream,
            _unzipped(stream, member, name) as content,
        ):
            yield from read_stream(content, f"{path}/{member}", _columns(name))
    except _DAMAGED as error:
        raise _damaged(path) from error


@contextmanager
def _unzipped(stream: IO[bytes], member: str, name: str) -> Iterator[IO[bytes]]:
    if not member.endswith(".zip"):
        yield stream
        return
    with zipfile.ZipFile(stream) as inner, inner.open(_name_members(inner)[name]) as content:
        yield content


def _damaged(path: Path) -> DataError:
    return DataError("the zip is damaged or locked. Download it again.", file=path)
