"""`toxic-tweets keys`: create, list, revoke."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Invoke


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIC_TWEETS_DATABASE_URL", f"sqlite:///{tmp_path / 'keys.db'}")


def test_a_key_is_made_listed_and_revoked(invoke: Invoke) -> None:
    made = invoke("keys", "create", "the forum")
    assert made.exit_code == 0
    key = made.stdout.strip()
    assert key.startswith("tt_")
    assert "cannot be shown again" in made.stderr
    number = key.split("_")[1]
    listed = invoke("keys", "list").output
    assert number in listed
    assert "the forum" in listed
    assert "good" in listed
    assert key not in listed
    assert invoke("keys", "revoke", number).exit_code == 0
    assert "revoked" in invoke("keys", "list").output
    again = invoke("keys", "revoke", number)
    assert again.exit_code == 1
    assert "could be revoked" in again.output


def test_administrators_are_told_apart(invoke: Invoke) -> None:
    invoke("keys", "create", "boss", "--admin")
    assert "admin" in invoke("keys", "list").output


def test_another_database_can_be_named(invoke: Invoke, tmp_path: Path) -> None:
    invoke("keys", "create", "here")
    elsewhere = f"sqlite:///{tmp_path / 'other.db'}"
    assert "here" not in invoke("keys", "list", "--database-url", elsewhere).output
