from __future__ import annotations

from pathlib import Path

import pytest

from toxic_tweets.data.collector import Collector
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.describe import CombinationCount, LabelCount, describe, draw
from toxic_tweets.errors import DataError


@pytest.fixture
def dataset() -> Dataset:
    collector = Collector("made", ("a", "b"))
    collector.add("x" * 10, {"a": 1.0, "b": 1.0}, natural=True)
    collector.add("y" * 20, {"a": 0.0, "b": 0.0})
    collector.add("z" * 20000, {"a": 0.0, "b": 0.0})
    collector.add("w", {"a": 0.25})
    collector.add("W!", {"a": 0.75})
    collector.drop("blank")
    return collector.make_dataset()


def test_counts(dataset: Dataset) -> None:
    description = describe(dataset)
    assert description.labels == (LabelCount("a", 4, 2, 1), LabelCount("b", 3, 1, 0))
    assert description.combinations == (
        CombinationCount((), (), 2),
        CombinationCount(("a",), ("b",), 1),
        CombinationCount(("a", "b"), (), 1),
    )
    assert (description.n_texts, description.n_natural) == (4, 1)
    assert description.lengths["longest"] == 20000
    assert sum(description.length_counts) == 4
    assert len(description.length_counts) == len(description.length_edges)
    assert description.sha256 == dataset.sha256


def test_tables_hold_the_counts_and_no_text(dataset: Dataset) -> None:
    tables = describe(dataset).tables()
    assert [table.title for table in tables] == [
        "made",
        "Labels",
        "Combinations",
        "Lengths in characters",
    ]
    for table in tables:
        assert all(len(row) == len(table.header) for row in table.rows)
    source = {row[0]: row[1] for row in tables[0].rows}
    assert source["read"] == "6"
    assert source["left out: blank"] == "1"
    assert source["merged: duplicates that contradict each other"] == "1"
    assert source["kept"] == "4"
    assert tables[1].rows[0] == ("a", "4", "2", "50.00 %", "1")
    assert tables[2].rows[1] == ("a", "b", "1", "25.00 %")
    assert "xxxx" not in str(tables)


def test_rare_combinations_share_a_row() -> None:
    labels = tuple(f"label {bit}" for bit in range(5))
    collector = Collector("made", labels)
    for number in range(32):
        targets = {label: float(number >> bit & 1) for bit, label in enumerate(labels)}
        collector.add(f"text {number}", targets)
    rows = describe(collector.make_dataset()).tables()[2].rows
    assert rows[-1] == ("(12 other combinations)", "", "12", "37.50 %")


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_picture(dataset: Dataset, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"made.{suffix}"
    draw(describe(dataset), path)
    assert path.stat().st_size > 5000
    assert list(tmp_path.iterdir()) == [path]


def test_picture_that_cannot_be_written(dataset: Dataset, tmp_path: Path) -> None:
    for path in (tmp_path / "none" / "made.png", tmp_path / "made.words"):
        with pytest.raises(DataError, match="cannot be written"):
            draw(describe(dataset), path)
    assert not list(tmp_path.iterdir())


def test_an_empty_dataset(tmp_path: Path) -> None:
    description = describe(Collector("made", ("a",)).make_dataset())
    assert description.tables()[1].rows == (("a", "0", "0", "-", "0"),)
    draw(description, tmp_path / "made.png")
