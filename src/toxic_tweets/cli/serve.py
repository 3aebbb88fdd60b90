"""`toxic-tweets serve`: the server, with one option for each of its settings."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from typer.core import TyperCommand
from typer.main import get_command

from toxic_tweets.cli.exit_codes import with_exit_codes
from toxic_tweets.errors import MissingExtraError

_TYPES = (bool, int, float)


def run_from_options(**options: Any) -> None:
    """Start the server, options before the environment."""
    try:
        from toxic_tweets.serve.server import run_server
        from toxic_tweets.serve.settings import make_settings
    except ModuleNotFoundError as error:
        raise MissingExtraError("serve", error.name or "fastapi") from error

    given = {name: value for name, value in options.items() if value is not None}
    run_server(make_settings(**given))


class ServeCommand(TyperCommand):
    """Have an option for each setting, made when the command is used: it needs the extra."""

    _given: list[Any]
    _all: list[Any] | None

    @property
    def params(self) -> list[Any]:
        """Return the options."""
        if self._all is None:
            self._all = [*self._given, *_make_options()]
        return self._all

    @params.setter
    def params(self, given: list[Any]) -> None:
        self._given = given
        self._all = None

    def invoke(self, ctx: Any) -> None:
        """Start the server."""
        with_exit_codes(run_from_options)(**ctx.params)


def serve() -> None:
    """Answer over HTTP: as the Perspective API, as OpenAI's moderation, and as itself.

    Every option is also an environment variable, TOXIC_TWEETS_ and its name in capitals. Needs the
    extra serve.
    """


def _make_options() -> list[Any]:
    """Return one option for each setting; none where the extra is not installed."""
    try:
        from toxic_tweets.serve.settings import PREFIX, Settings
    except ModuleNotFoundError:
        return []
    parameters = []
    for name, field in Settings.model_fields.items():
        kind = field.annotation if field.annotation in _TYPES else str
        if isinstance(field.default, tuple):
            default = ",".join(field.default)
        else:
            default = str(field.default).lower() if kind is bool else str(field.default)
        shown = f"{field.description} [default: {default or 'empty'}; env: {PREFIX}{name.upper()}]"
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        metavar = f"[{'|'.join(choices)}]" if choices else None
        option = typer.Option(help=shown, metavar=metavar, show_default=False)
        parameters.append(
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=Annotated[kind | None, option],
            )
        )

    def stand_in(**options: Any) -> None:
        """Lend its signature."""

    stand_in.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    stand_in.__annotations__ = {one.name: one.annotation for one in parameters}
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(stand_in)
    return list(get_command(app).params)
