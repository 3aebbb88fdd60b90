"""Open the database: SQLite in WAL mode, or PostgreSQL, brought to the newest tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from toxic_tweets.errors import MissingExtraError, StoreError

MIGRATIONS = Path(__file__).parent / "migrations"

# How long a writer of one process waits for a writer of another.
_BUSY_MS = 10_000


class Database:
    """Hold the connections to one database; safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Prepare the connections; none is made yet.

        Args:
            url: such as `sqlite:///toxic-tweets.db` or `postgresql://user:password@host/name`.

        Raises:
            MissingExtraError: the driver of PostgreSQL is not installed.
            StoreError: the URL names no database that can be used.
        """
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        try:
            self._engine = _make_engine(self.url)
        except ImportError as error:
            raise MissingExtraError("postgres", "psycopg") from error

    def __str__(self) -> str:
        """Return the URL without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Give a connection in a transaction, which is on disk when the block has ended.

        Raises:
            StoreError: the database cannot be reached or refuses; nothing of the block is kept.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._wrap(error) from None

    def migrate(self) -> None:
        """Bring the tables to the newest form; does nothing where they have it.

        Raises:
            StoreError: the database cannot be reached, or is from a newer version.
        """
        from alembic import command
        from alembic.util.exc import CommandError

        config = make_config()
        try:
            with self._engine.begin() as connection:
                if not self.is_sqlite:  # several servers may start at once
                    connection.execute(text("SELECT pg_advisory_xact_lock(8047012)"))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except SQLAlchemyError as error:
            raise self._wrap(error) from None
        except CommandError as error:
            raise StoreError(
                f"The database {self} is from another version of toxic-tweets. Install that "
                "version, or give another database."
            ) from error

    def check(self) -> None:
        """Ask the database for nothing.

        Raises:
            StoreError: it does not answer.
        """
        with self.begin() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _wrap(self, error: SQLAlchemyError) -> StoreError:
        # The message of SQLAlchemy holds the values of the statement, and so texts.
        reason = type(getattr(error, "orig", None) or error).__name__
        return StoreError(
            f"The database {self} does not do its work ({reason}). Check that it can be reached "
            "and written to (setting database_url)."
        )


def open_database(url: str) -> Database:
    """Return a database with the newest tables.

    Raises:
        MissingExtraError: the driver of PostgreSQL is not installed.
        StoreError: the database cannot be used.
    """
    database = Database(url)
    try:
        database.migrate()
    except BaseException:
        database.close()
        raise
    return database


def parse_url(url: str) -> URL:
    """Return the parts of a URL, with the driver that is used here.

    Raises:
        StoreError: it is not the URL of a SQLite file or of PostgreSQL.
    """
    expected = "Give sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"database_url is not a URL. {expected}") from None
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreError(f"database_url is for {parsed.drivername!r}. {expected}")
    if parsed.database in (None, "", ":memory:"):
        raise StoreError(f"database_url names no file: its rows would be lost. {expected}")
    return parsed


def make_config() -> Any:
    """Return the settings of Alembic, which need no file of their own."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, hide_parameters=True)

    def prepare(connection: sqlite3.Connection, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait
        cursor.execute("PRAGMA synchronous = FULL")  # acknowledged means on disk
        cursor.close()

    event.listen(engine, "connect", prepare)
    return engine
