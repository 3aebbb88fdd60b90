"""The options that say what scores, and what counts, of every command that scores."""

from __future__ import annotations

from typing import Annotated

import typer

from toxic_tweets.policy import PRESETS

Model = Annotated[
    str, typer.Option(help="An embedded name, a folder, or a Hub id such as owner/name.")
]
Revision = Annotated[str | None, typer.Option(help="Branch, tag or commit, for a Hub id.")]
Labels = Annotated[str | None, typer.Option(help="The labels that count, such as insult,threat.")]
PolicyName = Annotated[str, typer.Option(help=f"A preset ({', '.join(PRESETS)}) or a TOML file.")]
