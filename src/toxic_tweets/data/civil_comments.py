"""Civil Comments: comments on news, with fractions of annotators for labels and for identities."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import Row, find_file, read_header, read_rows
from toxic_tweets.data.dataset import Dataset, ReadReport
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.errors import DataError
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="Jigsaw Unintended Bias in Toxicity Classification (Borkan et al., 2019)",
    url="https://www.kaggle.com/c/jigsaw-unintended-bias-in-toxicity-classification",
    licence="CC0",
    rules=(
        Rule("`target` or `toxicity`", "toxic", "the fraction of annotators who said so"),
        Rule("`severe_toxicity`", "severe_toxic", "as above"),
        Rule("`obscene`, `threat`, `insult`", "the labels of the same names", "as above"),
        Rule("`identity_attack`", "identity_hate", "as above; hate against an identity"),
    ),
)
_NAMES = (
    "male female transgender other_gender heterosexual homosexual_gay_or_lesbian bisexual "
    "other_sexual_orientation christian jewish muslim hindu buddhist atheist other_religion black "
    "white asian latino other_race_or_ethnicity physical_disability "
    "intellectual_or_learning_disability psychiatric_or_mental_illness other_disability"
)
IDENTITIES: tuple[str, ...] = tuple(_NAMES.split())
_COLUMNS = {
    "target": "toxic",
    "toxicity": "toxic",
    "severe_toxicity": "severe_toxic",
    "obscene": "obscene",
    "threat": "threat",
    "insult": "insult",
    "identity_attack": "identity_hate",
}


def read(path: Path) -> Dataset:
    """Read a file of the challenge, without its identities; see `read_annotated`.

    Args:
        path: a CSV file, or a folder with `train.csv`.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("civil_comments", TOXICITY_NAMES)
    for row, targets, _ in _read_rows(path):
        if targets is None:
            collector.drop("no text")
        else:
            collector.add(row.values["comment_text"], targets, name=row.values["id"])
    return collector.make_dataset()


def read_annotated(path: Path) -> Annotated:
    """Read a file of the challenge with its identities; texts that repeat stay.

    Raises:
        DataError: the file is missing or malformed.
    """
    texts: list[str] = []
    ids: list[str] = []
    rows: list[list[float]] = []
    marks: list[list[float]] = []
    n_empty = 0
    for row, targets, identities in _read_rows(path):
        if targets is None:
            n_empty += 1
            continue
        texts.append(row.values["comment_text"])
        ids.append(row.values["id"])
        rows.append([targets.get(label, math.nan) for label in TOXICITY_NAMES])
        marks.append(identities)
    dataset = Dataset(
        name="civil_comments",
        texts=tuple(texts),
        targets=np.array(rows, dtype=np.float32).reshape(-1, len(TOXICITY_NAMES)),
        labels=TOXICITY_NAMES,
        ids=tuple(ids),
        natural=np.zeros(len(texts), dtype=np.bool_),
        report=ReadReport(len(texts) + n_empty, {"no text": n_empty} if n_empty else {}),
    )
    names = _find_identities(_find(path))
    table = np.array(marks, dtype=np.float32).reshape(len(texts), len(names))
    columns = {name: table[:, place] for place, name in enumerate(names)}
    return Annotated(
        dataset, identities={name: c for name, c in columns.items() if (c >= 0.5).any()}
    )


def _find(path: Path) -> Path:
    return find_file(path, "train.csv")


def _find_identities(file: Path) -> list[str]:
    header = read_header(file)
    return [name for name in IDENTITIES if name in header]


def _read_rows(path: Path) -> Iterator[tuple[Row, dict[str, float] | None, list[float]]]:
    """Yield each row with its targets (None without a text) and its identity marks."""
    file = _find(path)
    header = read_header(file)
    labels = [name for name in _COLUMNS if name in header]
    if "target" not in labels and "toxicity" not in labels:
        raise DataError("expected a column target or toxicity. Correct the header.", file=file)
    identities = _find_identities(file)
    for row in read_rows(file, ("id", "comment_text", *labels, *identities)):
        marks = [_fraction(row, name) for name in identities]
        if not row.values["comment_text"].strip():
            yield row, None, marks
            continue
        targets: dict[str, float] = {}
        for name in labels:
            targets.setdefault(_COLUMNS[name], _fraction(row, name))
        yield row, targets, marks


def _fraction(row: Row, column: str) -> float:
    """Give a fraction; an empty cell says that nobody was asked."""
    return math.nan if not row.values[column].strip() else row.number(column, 0.0, 1.0)
