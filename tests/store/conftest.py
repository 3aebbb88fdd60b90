"""A real SQLite file, and a real PostgreSQL where Debian's package is there."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from toxic_tweets.store.database import Database, open_database

_VERSIONS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs."""
    if _VERSIONS:
        return _VERSIONS[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a PostgreSQL of our own, on a port and in a folder that nobody else uses."""
    programs = find_programs()
    if programs is None:
        pytest.skip(
            "misses PostgreSQL: the store was tested on SQLite only (apt-get install postgresql)"
        )
    pytest.importorskip("psycopg", reason="misses psycopg: the extra postgres is not installed")
    user: str | None = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        names = {one.pw_name for one in pwd.getpwall()}
        user = next((name for name in ("postgres", "nobody") if name in names), None)
        if user is None:
            pytest.skip("misses a user other than root: the store was tested on SQLite only")
    # Not below pytest's folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="tt-pg-"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        with (folder / "control.log").open("ab") as log:  # a pipe would stay open in the server
            subprocess.run(
                [programs / program, *arguments],
                user=user,
                check=True,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("initdb", "-D", str(data), "-U", "toxic", "-A", "trust", "--no-sync")
    run("pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://toxic@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return an empty store, on each of the two."""
    if request.param == "sqlite":
        opened = open_database(request.getfixturevalue("sqlite_url"))
    else:
        opened = open_database(request.getfixturevalue("postgres_url"))
        from sqlalchemy import text

        with opened.begin() as connection:
            connection.execute(text("TRUNCATE feedback, api_keys, policies, audit"))
    yield opened
    opened.close()
