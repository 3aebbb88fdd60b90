"""The option by which commands find the server's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from toxic_tweets.errors import MissingExtraError

if TYPE_CHECKING:
    from toxic_tweets.store.database import Database

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="Such as sqlite:///FILE or postgresql://…; default: TOXIC_TWEETS_DATABASE_URL, else "
        "the server's default."
    ),
]


@contextmanager
def open_server_database(url: str | None) -> Iterator[Database]:
    """Give the database that a server started here would use."""
    try:
        from toxic_tweets.serve.settings import make_settings
        from toxic_tweets.store.database import open_database
    except ModuleNotFoundError as error:
        raise MissingExtraError("serve", error.name or "sqlalchemy") from error

    database = open_database(url or make_settings().database_url)
    try:
        yield database
    finally:
        database.close()
