"""`toxic-tweets keys`: make, list and revoke the API keys of a server."""

from typing import Annotated

import typer

from toxic_tweets.cli.database_option import DatabaseUrl, open_server_database


def create_api_key(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    admin: Annotated[bool, typer.Option("--admin", help="It may also change policies.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a key and show it, this once; only its SHA-256 is kept."""
    with open_server_database(database_url) as database:
        from toxic_tweets.store.keys import create_key

        typer.echo(create_key(database, name, is_admin=admin))
    typer.echo("Keep it now: it cannot be shown again.", err=True)


def list_api_keys(database_url: DatabaseUrl = None) -> None:
    """List the keys: id, name, when they were made, whether they are good."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    with open_server_database(database_url) as database:
        from toxic_tweets.store.keys import list_keys

        keys = list_keys(database)
    table = Table(box=SIMPLE_HEAD, header_style="bold")
    for heading in ("id", "name", "made", "rights", "state"):
        table.add_column(heading, overflow="fold")
    for key in keys:
        state = "good" if key.revoked_at is None else f"revoked {key.revoked_at:%Y-%m-%d %H:%M}"
        rights = "admin" if key.is_admin else "call"
        table.add_row(key.id, key.name, f"{key.created_at:%Y-%m-%d %H:%M}", rights, state)
    Console(highlight=False, markup=False).print(table)


def revoke_api_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")],
    database_url: DatabaseUrl = None,
) -> None:
    """End a key; servers that run refuse it within seconds."""
    with open_server_database(database_url) as database:
        from toxic_tweets.store.keys import revoke_key

        revoke_key(database, key_id)
    typer.echo(f"The key {key_id} is revoked.")
