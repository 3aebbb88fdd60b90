"""`toxic-tweets feedback`: export what people said, prune what is old."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.conftest import Invoke

from toxic_tweets.store.database import Database, open_database
from toxic_tweets.store.feedback import FeedbackItem, add_feedback, count_feedback


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    monkeypatch.setenv("TOXIC_TWEETS_DATABASE_URL", url)
    opened = open_database(url)
    old = datetime.now(UTC) - timedelta(days=40)
    add_feedback(
        opened,
        [
            FeedbackItem("what an idiot", {"insult": 1.0}, "native"),
            FeedbackItem("you are kind", {"toxic": 0.0}, "perspective", created_at=old),
        ],
    )
    yield opened
    opened.close()


def read_texts(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["comment_text"] for row in csv.DictReader(file)]


def test_feedback_is_exported(invoke: Invoke, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    shown = invoke("feedback", "export", path)
    assert shown.exit_code == 0, shown.output
    assert "2 texts are in" in shown.output
    assert read_texts(path) == ["what an idiot", "you are kind"]


def test_what_is_exported_can_be_described(
    invoke: Invoke, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    invoke("feedback", "export", path)
    assert invoke("data", "describe", path).exit_code == 0


def test_only_what_is_new(invoke: Invoke, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    since = datetime.now(UTC) - timedelta(days=2)
    invoke("feedback", "export", path, "--since", f"{since:%Y-%m-%d}")
    assert read_texts(path) == ["what an idiot"]


def test_old_feedback_is_pruned(invoke: Invoke, database: Database) -> None:
    assert "1 pieces" in invoke("feedback", "prune", "--days", "30").output
    assert count_feedback(database) == 1
