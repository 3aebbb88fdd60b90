"""`toxic-tweets data describe`: what is in a data file, before anything learns from it."""

from pathlib import Path
from typing import Annotated

import typer


def describe_data(
    path: Annotated[Path, typer.Argument(help="A data file or folder, as it was downloaded.")],
    reader: Annotated[
        str | None, typer.Option(help="The reader; default: guessed from the files.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also save a picture, .png or .svg (needs the extra train).")
    ] = None,
) -> None:
    """Count the texts of a source per label and combination, their lengths and duplicates."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from toxic_tweets.data.describe import describe, draw
    from toxic_tweets.data.registry import guess_reader, read_source

    description = describe(read_source(reader or guess_reader(path), path))
    console = Console(highlight=False)
    for facts in description.tables():
        table = Table(title=facts.title, title_justify="left", box=SIMPLE_HEAD, header_style="bold")
        for place, heading in enumerate(facts.header):
            table.add_column(heading, justify="left" if place == 0 else "right", overflow="fold")
        for cells in facts.rows:
            table.add_row(*cells)
        console.print(table, markup=False)
    console.print(f"sha256 {description.sha256}", soft_wrap=True)
    if picture is not None:
        draw(description, picture)
        console.print(f"The picture is in {picture}.", markup=False, soft_wrap=True)
