"""HateCheck, Multilingual HateCheck and HatemojiCheck: cases that each test one functionality.

They measure and are never trained on: what a model has seen of a pattern, it cannot be tested with.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.collector import Collector
from toxic_tweets.data.csv_file import Row, read_header, read_rows
from toxic_tweets.data.dataset import Dataset, ReadReport
from toxic_tweets.data.mapping import Rule, SourceCard
from toxic_tweets.errors import DataError
from toxic_tweets.labels import TOXICITY_NAMES

MAPPING = SourceCard(
    title="HateCheck (Röttger et al., 2021, 2022) and HatemojiCheck (Kirk et al., 2022): "
    "measure only, never train",
    url="https://github.com/paul-rottger/hatecheck-data",
    licence="CC BY 4.0",
    rules=(
        Rule(
            "`label_gold` hateful",
            "toxic 1, identity_hate 1, others NaN",
            "hate against a protected group; hate is toxic",
        ),
        Rule(
            "`label_gold` non-hateful",
            "identity_hate 0, all others NaN",
            "not hateful, though it may swear or insult a person",
        ),
    ),
    measure_only=True,
)
_HATEFUL = {"hateful": True, "1": True, "non-hateful": False, "0": False}
_FILES = ("test_suite_cases.csv", "HatemojiCheck.csv", "test.csv")
# What each format calls the same thing: the original, the multilingual one, HatemojiCheck.
_TEXT, _ID, _TARGET = ("test_case", "text"), ("case_id", "mhc_case_id"), ("target_ident", "target")


def read(path: Path) -> Dataset:
    """Read the cases without their functionalities; cases that read alike become one.

    Raises:
        DataError: the file is missing or malformed.
    """
    collector = Collector("hatecheck", TOXICITY_NAMES)
    for row, columns in _read_rows(path):
        name = row.values[columns["id"]] if columns["id"] else ""
        collector.add(row.text(columns["text"]), _make_targets(row), name=name)
    return collector.make_dataset()


def read_annotated(path: Path) -> Annotated:
    """Read every case with its functionality, target group and gold label.

    Args:
        path: `test_suite_cases.csv`, a file of the multilingual versions, `HatemojiCheck.csv`, or a
            folder with one of them.

    Returns:
        Cases with the groups `functionality`, `target` and `gold` (`hateful` or `non-hateful`).

    Raises:
        DataError: the file is missing or malformed.
    """
    rows = _read_rows(path)
    targets = [_make_targets(row) for row, _ in rows]
    dataset = Dataset(
        name="hatecheck",
        texts=tuple(row.text(columns["text"]) for row, columns in rows),
        targets=np.array(
            [[one.get(label, np.nan) for label in TOXICITY_NAMES] for one in targets],
            dtype=np.float32,
        ),
        labels=TOXICITY_NAMES,
        ids=tuple(row.values[columns["id"]] if columns["id"] else "" for row, columns in rows),
        natural=np.zeros(len(rows), dtype=np.bool_),
        report=ReadReport(len(rows)),
    )
    groups = {
        "functionality": tuple(row.values["functionality"].strip() for row, _ in rows),
        "target": tuple(
            row.values[columns["target"]].strip() if columns["target"] else ""
            for row, columns in rows
        ),
        "gold": tuple("hateful" if "toxic" in one else "non-hateful" for one in targets),
    }
    return Annotated(dataset, groups=groups, is_made_up=True)


def _read_rows(path: Path) -> list[tuple[Row, dict[str, str]]]:
    file = path
    if path.is_dir():
        file = next((path / name for name in _FILES if (path / name).is_file()), path / _FILES[0])
    header = read_header(file)
    columns = {
        "text": next((name for name in _TEXT if name in header), _TEXT[0]),
        "id": next((name for name in _ID if name in header), ""),
        "target": next((name for name in _TARGET if name in header), ""),
    }
    needed = [columns["text"], "functionality", "label_gold"]
    rows = [(row, columns) for row in read_rows(file, needed)]
    if not rows:
        raise DataError("the file holds no cases. Check the path.", file=file)
    return rows


def _make_targets(row: Row) -> dict[str, float]:
    is_hateful = _HATEFUL[row.choice("label_gold", tuple(_HATEFUL))]
    return {"toxic": 1.0, "identity_hate": 1.0} if is_hateful else {"identity_hate": 0.0}
