"""The command line: parse, call, print. Each command imports what it needs when it is run."""

import sys
from typing import Annotated

import typer

from toxic_tweets.cli.bulk import score_in_bulk
from toxic_tweets.cli.data import describe_data
from toxic_tweets.cli.demo import show_demo
from toxic_tweets.cli.evaluate import evaluate_checkpoint
from toxic_tweets.cli.exit_codes import INTERRUPTED, with_exit_codes
from toxic_tweets.cli.feedback import export_feedback, prune_feedback_now
from toxic_tweets.cli.hub import pull_checkpoint, push_checkpoint
from toxic_tweets.cli.keys import create_api_key, list_api_keys, revoke_api_key
from toxic_tweets.cli.models import list_models
from toxic_tweets.cli.run import run_page_and_api
from toxic_tweets.cli.score import score_texts
from toxic_tweets.cli.serve import ServeCommand, serve
from toxic_tweets.cli.train import train_recipe
from toxic_tweets.cli.web import show_web_page

# Plain help and plain errors: Rich would cost start-up time, and its tracebacks show local
# variables, which hold the texts.
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
keys_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
feedback_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def _show_version(wanted: bool) -> None:
    if wanted:
        from toxic_tweets import __version__

        typer.echo(f"toxic-tweets {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Score texts for six kinds of toxicity and for sentiment: offline, on a CPU."""


app.command("score")(with_exit_codes(score_texts))
app.command("bulk")(with_exit_codes(score_in_bulk))
app.command("demo")(with_exit_codes(show_demo))
app.command("models")(with_exit_codes(list_models))
app.command("train")(with_exit_codes(train_recipe))
app.command("evaluate")(with_exit_codes(evaluate_checkpoint))
app.command("push")(with_exit_codes(push_checkpoint))
app.command("pull")(with_exit_codes(pull_checkpoint))
app.add_typer(data_app, name="data", help="Look at data files before training on them.")
data_app.command("describe")(with_exit_codes(describe_data))
app.command("serve", cls=ServeCommand)(serve)
app.command("run")(with_exit_codes(run_page_and_api))
app.command("web")(with_exit_codes(show_web_page))
app.add_typer(keys_app, name="keys", help="Make, list and revoke the API keys of a server.")
keys_app.command("create")(with_exit_codes(create_api_key))
keys_app.command("list")(with_exit_codes(list_api_keys))
keys_app.command("revoke")(with_exit_codes(revoke_api_key))
app.add_typer(feedback_app, name="feedback", help="What people told a server about texts.")
feedback_app.command("export")(with_exit_codes(export_feedback))
feedback_app.command("prune")(with_exit_codes(prune_feedback_now))


# With a callback of its own, `data` stays a group although it has one command.
@data_app.callback()
def _start_data() -> None:
    """Look at data files before training on them."""


def main() -> None:
    """Run the command line; the exit code is 0 (done), 1 (error), 2 (usage) or 130 (Ctrl-C)."""
    try:
        app(prog_name="toxic-tweets")
    except KeyboardInterrupt:  # outside of a command: while its arguments are parsed
        sys.exit(INTERRUPTED)
