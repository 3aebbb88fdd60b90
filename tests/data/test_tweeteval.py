from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import tweeteval
from toxic_tweets.errors import DataError

NAN = float("nan")


def write(folder: Path, texts: str, labels: str, split: str = "train") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{split}_text.txt").write_bytes(texts.encode("utf-8", "surrogateescape"))
    (folder / f"{split}_labels.txt").write_text(labels, encoding="utf-8")
    return folder


def test_offensive(tmp_path: Path) -> None:
    dataset = tweeteval.read(write(tmp_path / "offensive", "bah \nkind\n", "1\n0\n"))
    assert dataset.name == "tweeteval_offensive"
    assert dataset.texts == ("bah", "kind")
    np.testing.assert_array_equal(dataset.targets, [[1, NAN, NAN, NAN, NAN, NAN], [0] * 6])


def test_hate_from_the_folder_above(tmp_path: Path) -> None:
    write(tmp_path / "hate", "bah\r\nkind\r\n", "1\r\n0")
    dataset = tweeteval.read(tmp_path, task="hate")
    expected = [[1, NAN, NAN, NAN, NAN, 1], [NAN, NAN, NAN, NAN, NAN, 0]]
    np.testing.assert_array_equal(dataset.targets, expected)


def test_a_line_ends_at_a_line_feed_only(tmp_path: Path) -> None:
    folder = write(tmp_path / "hate", "one\u2028two\x85three\nkind\n", "1\n0\n")
    assert len(tweeteval.read(folder)) == 2


def test_splits(tmp_path: Path) -> None:
    write(tmp_path / "hate", "a\n", "1\n")
    folder = write(tmp_path / "hate", "b\n", "0\n", "val")
    assert tweeteval.read(folder, split="val").texts == ("b",)
    assert tweeteval.read(folder, split="train+val").texts == ("a", "b")


@pytest.mark.parametrize(
    ("texts", "labels", "where"),
    [
        ("a\nb\n", "1\n2\n", r"train_labels\.txt, row 2, column 'label'"),
        ("a\n\nc\n", "1\n1\n1\n", r"train_text\.txt, row 2, column 'text'"),
        ("a\nb\n", "1\n", r"train_text\.txt, row 2, column 'label': 2 texts, but 1 labels"),
        ("a\n", "1\n0\n", r"train_text\.txt, row 2, column 'text': 1 texts, but 2 labels"),
        ("a\nb\udcff\n", "1\n0\n", r"train_text\.txt, row 2, column 'text': the byte 0xff"),
    ],
)
def test_malformed(tmp_path: Path, texts: str, labels: str, where: str) -> None:
    with pytest.raises(DataError, match=where):
        tweeteval.read(write(tmp_path / "hate", texts, labels))


def test_unknown_task_or_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected offensive or hate"):
        tweeteval.read(tmp_path, task="irony")
    with pytest.raises(DataError, match=r"train_text\.txt: cannot be read"):
        tweeteval.read(tmp_path, task="hate")
