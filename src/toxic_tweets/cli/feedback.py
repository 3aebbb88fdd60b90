"""`toxic-tweets feedback`: what people told a server, as rows to train on."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from toxic_tweets.cli.database_option import DatabaseUrl, open_server_database


def export_feedback(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what came from this day on.")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write feedback as rows that `toxic-tweets train` reads with its reader jigsaw."""
    with open_server_database(database_url) as database:
        from toxic_tweets.store.feedback import read_feedback, write_training_rows

        start = None if since is None else since.replace(tzinfo=UTC)
        n_rows = write_training_rows(read_feedback(database, start), file)
    typer.echo(f"{n_rows} texts are in {file}.")


def prune_feedback_now(
    days: Annotated[int, typer.Option(min=0, help="Delete what is older than so many days.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Delete old feedback; a server does so by itself with its setting retention_days."""
    with open_server_database(database_url) as database:
        from toxic_tweets.store.feedback import prune_feedback

        n_deleted = prune_feedback(database, days, "command line")
    typer.echo(f"{n_deleted} pieces of feedback are deleted.")
