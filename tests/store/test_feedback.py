"""Feedback, from the moment it is sent to a row to train on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data.registry import guess_reader, read_source
from toxic_tweets.errors import DataError
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.store import feedback as module
from toxic_tweets.store.audit import read_records
from toxic_tweets.store.database import Database
from toxic_tweets.store.feedback import (
    FeedbackItem,
    KeptFeedback,
    add_feedback,
    count_feedback,
    prune_feedback,
    read_feedback,
    write_training_rows,
)

OLD = datetime.now(UTC) - timedelta(days=40)


def make_item(text: str, **targets: float) -> FeedbackItem:
    return FeedbackItem(text, targets, "native")


def test_it_comes_back_as_it_was(database: Database) -> None:
    item = FeedbackItem(
        "a “text”\nof two lines 🙂", {"toxic": 0.25}, "perspective", "garden", "17", "ab12", "x@1"
    )
    (number,) = add_feedback(database, [item])
    (kept,) = read_feedback(database)
    assert kept.id == number
    for name in FeedbackItem.__dataclass_fields__:
        assert getattr(kept, name) == getattr(item, name), name
    assert kept.created_at.tzinfo is not None


def test_numbers_count_up(database: Database) -> None:
    numbers = add_feedback(database, [make_item("a"), make_item("b")])
    numbers += add_feedback(database, [make_item("c")])
    assert numbers == sorted(set(numbers))
    assert count_feedback(database) == 3


def test_what_no_database_takes_is_replaced(database: Database) -> None:
    add_feedback(database, [FeedbackItem("a\x00b\ud800c", {}, "native", "x\x00" * 400)])
    (kept,) = read_feedback(database)
    assert kept.text == "a\ufffdb\ufffdc"
    assert len(kept.community) == 500


def test_it_is_read_in_blocks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 2)
    add_feedback(database, [make_item(str(number)) for number in range(5)])
    assert [item.text for item in read_feedback(database)] == list("01234")


def test_old_feedback_is_pruned_and_that_is_recorded(database: Database) -> None:
    add_feedback(database, [FeedbackItem("old", {}, "native", created_at=OLD), make_item("new")])
    since = datetime.now(UTC) - timedelta(days=1)
    assert [item.text for item in read_feedback(database, since)] == ["new"]
    assert prune_feedback(database, 30, "server") == 1
    assert prune_feedback(database, 30, "server") == 0
    assert [item.text for item in read_feedback(database)] == ["new"]
    (record,) = read_records(database)
    assert (record.actor, record.action) == ("server", "feedback.prune")
    assert record.details == {"deleted": 1, "retention_days": 30}


def test_training_reads_what_is_exported(database: Database, tmp_path: Path) -> None:
    add_feedback(
        database,
        [
            make_item("what an idiot", toxic=1, insult=1),
            make_item("what an idiot", toxic=1, insult=0),  # they do not agree
            make_item("what an idiot", toxic=0, threat=0),
            make_item('you, "kind" one\nof two lines', toxic=0.2),
            make_item("   ", toxic=1),
        ],
    )
    path = tmp_path / "feedback.csv"
    assert write_training_rows(read_feedback(database), path) == 2
    assert guess_reader(path) == "jigsaw"
    dataset = read_source("jigsaw", path)
    assert list(dataset.texts) == ["what an idiot", 'you, "kind" one\nof two lines']
    columns = {label: dataset.targets[:, n] for n, label in enumerate(TOXICITY_NAMES)}
    assert columns["toxic"].tolist() == [1, 0]
    assert columns["threat"][0] == 0
    assert np.isnan(columns["insult"]).all()
    assert np.isnan(columns["obscene"]).all()


def test_people_who_chose_are_not_a_natural_sample(tmp_path: Path) -> None:
    path = tmp_path / "feedback.csv"
    kept = KeptFeedback("what an idiot", {"toxic": 1.0}, "native", id=7)
    write_training_rows([kept], path)
    assert not read_source("jigsaw", path, natural_from="g").natural.any()


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        write_training_rows([], tmp_path / "nowhere" / "x.csv")
