from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import hugging_face
from toxic_tweets.errors import DataError

datasets = pytest.importorskip("datasets", reason="the reader of datasets is not tried")

RECORDS = {
    "comment": ["you are kind", "you are rude", "who knows", "You are RUDE!"],
    "toxicity": [0.0, 1.0, None, 1.0],
    "insult": [0, 1, -1, 1],
    "kind": ["a", "b", "c", "d"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "saved"
    datasets.Dataset.from_dict(RECORDS).save_to_disk(str(path))
    return path


def read(path: Path, columns: dict[str, str] | None = None, split: str = "train") -> np.ndarray:
    return hugging_face.read(path, split, "comment", columns).targets


def test_a_local_dataset_folder_with_mapped_columns(folder: Path) -> None:
    columns = {"toxic": "toxicity", "insult": "insult"}
    dataset = hugging_face.read(folder, text_column="comment", columns=columns)
    assert dataset.name == "saved"
    assert dataset.labels == ("toxic", "insult")
    assert dataset.texts == ("you are kind", "you are rude", "who knows")
    np.testing.assert_array_equal(dataset.targets, [[0, 0], [1, 1], [np.nan, np.nan]])
    assert dataset.report.n_duplicates == 1


def test_columns_named_as_our_labels_need_no_mapping(folder: Path) -> None:
    assert hugging_face.read(folder, text_column="comment").labels == ("insult",)


def test_splits_of_a_dataset_dict(tmp_path: Path) -> None:
    path = tmp_path / "saved"
    whole = datasets.Dataset.from_dict(RECORDS)
    datasets.DatasetDict(train=whole, test=whole.select([1])).save_to_disk(str(path))
    assert len(read(path)) == 3
    assert len(read(path, split="test")) == 1
    with pytest.raises(DataError, match="'dev' is no split, expected one of train, test"):
        read(path, split="dev")


@pytest.mark.parametrize("format_", ["csv", "json", "parquet"])
def test_a_folder_of_plain_files(
    tmp_path: Path, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "plain"
    folder.mkdir()
    whole = datasets.Dataset.from_dict(RECORDS)
    getattr(whole, f"to_{format_}")(str(folder / f"train.{format_}"))
    assert len(read(folder)) == 3


@pytest.mark.parametrize(
    ("columns", "row", "column", "message"),
    [
        ({"toxic": "none"}, None, "none", "the columns are comment, toxicity, insult, kind"),
        ({"toxic": "kind"}, 1, "kind", "type str"),
        ({}, None, None, "no column is named as a label"),
    ],
)
def test_malformed_columns_are_named(
    folder: Path, columns: dict[str, str], row: int | None, column: str | None, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(folder, columns)
    assert (caught.value.file, caught.value.row) == (str(folder), row)
    assert caught.value.column == column
    assert message in str(caught.value)


@pytest.mark.parametrize(("text", "target"), [("kind", 3.0), (None, 1.0), (" ", 1.0)])
def test_malformed_cells_are_named(tmp_path: Path, text: str | None, target: float) -> None:
    path = tmp_path / "saved"
    records = {"text": ["first", text], "toxic": [1.0, target]}
    datasets.Dataset.from_dict(records).save_to_disk(str(path))
    with pytest.raises(DataError, match=r"saved, row 2, column '(text|toxic)'"):
        hugging_face.read(path)


def test_no_such_dataset(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="cannot be opened as a dataset"):
        read(tmp_path / "empty")
