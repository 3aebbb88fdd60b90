"""The database: its URL, its tables, and what survives a sudden end."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from toxic_tweets.errors import StoreError
from toxic_tweets.store.database import Database, open_database, parse_url
from toxic_tweets.store.feedback import read_feedback
from toxic_tweets.store.tables import metadata

WRITE_FOR_EVER = """
import sys
from toxic_tweets.store.database import open_database
from toxic_tweets.store.feedback import FeedbackItem, add_feedback
database = open_database(sys.argv[1])
for number in range(10**9):
    (kept,) = add_feedback(database, [FeedbackItem(str(number), {"toxic": 0.0}, "native")])
    print(number, flush=True)
"""


def test_the_tables_are_what_the_migrations_make(database: Database) -> None:
    with database.begin() as connection:
        changes = compare_metadata(MigrationContext.configure(connection), metadata)
    assert not changes, "Write a migration: alembic revision --autogenerate"


def test_migrating_twice_does_nothing(database: Database) -> None:
    database.migrate()
    database.check()


def test_sqlite_is_in_wal_mode_and_safe(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.begin() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
    database.close()


def test_what_was_acknowledged_survives_kill_9(sqlite_url: str) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, sqlite_url], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(25)]
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in writer.stdout.read().split("\n") if line]
    writer.wait()
    writer.stdout.close()
    database = open_database(sqlite_url)
    kept = {int(item.text) for item in read_feedback(database)}
    database.close()
    assert set(acknowledged) <= kept


def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    row = "INSERT INTO policies VALUES ('a', 'b', '2026-01-01 00:00:00')"

    def write() -> None:
        with database.begin() as connection:
            connection.execute(text(row))
            connection.execute(text("INSERT INTO nowhere VALUES (1)"))

    with pytest.raises(StoreError):
        write()
    with database.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM policies")).scalar_one() == 0


def test_errors_hold_no_values(database: Database) -> None:
    with pytest.raises(StoreError) as caught, database.begin() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:text)"), {"text": "xylophone"})
    assert "xylophone" not in str(caught.value)
    assert "xylophone" not in repr(caught.value.__cause__)


def test_a_password_is_never_shown() -> None:
    database = Database("postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(database)
    with pytest.raises(StoreError) as caught:
        database.check()
    assert "secret" not in str(caught.value)
    database.close()


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://a/b", "not a url", "postgres"]
)
def test_what_is_no_database_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="Give sqlite:///FILE"):
        parse_url(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_name_of_postgresql_is_taken(scheme: str) -> None:
    assert parse_url(f"{scheme}://a@b/c").drivername == "postgresql+psycopg"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can be reached and written to"):
        open_database(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}")


def test_a_database_of_a_newer_version_is_refused(sqlite_url: str) -> None:
    open_database(sqlite_url).close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(StoreError, match="another version of toxic-tweets"):
        open_database(sqlite_url)
