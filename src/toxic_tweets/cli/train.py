"""`toxic-tweets train`: from a recipe and data to a checkpoint."""

from pathlib import Path
from typing import Annotated

import typer

from toxic_tweets.cli.exit_codes import refuse_usage


def train_recipe(
    context: typer.Context,
    recipe: Annotated[
        str | None, typer.Argument(help="A recipe that ships (see --list) or a TOML file.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="The folder that paths in the recipe are relative to.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="The folder that the run fills: checkpoint, run.json, …")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="Start from this encoder: a Hub id or a folder.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Go on where a killed run was.")
    ] = True,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Such as training.epochs=1; repeatable."),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List the recipes that ship, and end.")
    ] = False,
) -> None:
    """Train, calibrate, export and check one checkpoint (needs the extra train)."""
    from toxic_tweets.train.config import read_recipe, recipe_names

    if list_:
        for name in recipe_names():
            typer.echo(name)
        return
    if recipe is None or data is None or output is None:
        refuse_usage(context, "RECIPE, --data and --output are needed.")
    overrides = _parse_settings(context, set_ or [])
    if base is not None:
        overrides["base"] = base
    chosen = read_recipe(recipe, overrides)
    from toxic_tweets.train.run import train

    checkpoint = train(chosen, data_root=data, output=output, resume=resume)
    if checkpoint is not None:  # of several processes under torchrun, only one has it
        typer.echo(f"The checkpoint is in {checkpoint}.")
        typer.echo(f'Use it: toxic-tweets score --model {checkpoint} "a text"')


def _parse_settings(context: typer.Context, settings: list[str]) -> dict[str, str]:
    parsed = {}
    for setting in settings:
        key, sign, value = setting.partition("=")
        if not sign or not key.strip():
            refuse_usage(context, f"--set {setting!r} must look like training.epochs=1.")
        parsed[key.strip()] = value.strip()
    return parsed
