"""`toxic-tweets bulk`: whole files in, the same rows with their scores out."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from toxic_tweets.cli.exit_codes import refuse_usage
from toxic_tweets.cli.model_options import Labels, Model, PolicyName, Revision
from toxic_tweets.cli.score import make_policy
from toxic_tweets.errors import MissingExtraError

if TYPE_CHECKING:
    from toxic_tweets.bulk.run import Report, State

# Seconds between two lines of progress where no bar can be shown.
_LINE_EVERY_S = 10


class Engine(StrEnum):
    """Where blocks are scored."""

    LOCAL = "local"
    RAY = "ray"


def score_in_bulk(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="A file, a glob in quotes or a folder; a path or a URL such as s3://bucket/folder."
            " Names end in .csv, .tsv, .jsonl, .ndjson or .parquet; all but the last may go on with"
            " .gz or .zst.",
        ),
    ],
    output: Annotated[
        str,
        typer.Argument(
            metavar="OUT",
            help="A file, whose ending says the format; or a folder of parts if it ends in /.",
        ),
    ],
    text_column: Annotated[
        str | None, typer.Option(help="The column of the texts; default: guessed, and said.")
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Goes before the names of the columns that are added.")
    ] = "",
    model: Model = "small",
    revision: Revision = None,
    labels: Labels = None,
    policy: PolicyName = "balanced",
    engine: Annotated[
        Engine, typer.Option(help="The cores of this machine, or a Ray cluster.")
    ] = Engine.LOCAL,
    ray_address: Annotated[
        str | None,
        typer.Option(
            envvar="RAY_ADDRESS",
            help="Of a running cluster, such as auto; default: Ray is started here.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Blocks scored at once; default: one per core.")
    ] = None,
    part_rows: Annotated[
        int, typer.Option(min=1, help="Rows saved at once; a kill costs at most so many.")
    ] = 50_000,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was killed, if there is one.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what is there, a run under way too.")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first row that cannot be scored.")
    ] = False,
) -> None:
    """Score files of any size, and write every row with its scores (needs the extra bulk).

    All columns are kept, in the same order of rows. Added are one column per label, flagged,
    verdict, language and language_supported. Rows that cannot be scored are listed in
    OUT.rejected.jsonl. Killed at any point, the same command with --resume goes on.
    """
    if resume and overwrite:
        refuse_usage(context, "give --resume or --overwrite, not both.")
    try:
        from toxic_tweets.bulk.blocks import Sizes
        from toxic_tweets.bulk.run import Options, score_files
        from toxic_tweets.bulk.scoring import Opening
    except ModuleNotFoundError as error:
        raise MissingExtraError("bulk", error.name or "pyarrow") from error
    options = Options(
        opening=Opening(model, make_policy(policy, labels), revision),
        text_column=text_column,
        prefix=prefix,
        engine=engine.value,
        workers=workers,
        ray_address=ray_address,
        resume=resume,
        overwrite=overwrite,
        fail_fast=fail_fast,
        sizes=Sizes(part_rows=part_rows),
    )
    start = time.monotonic()
    with _show_progress() as report:
        totals = score_files(source, output, options, report)
    if totals is None:
        return
    took = _show_time(time.monotonic() - start)
    _say(f"{totals.rows - totals.rejected:,} rows scored into {output} in {took}.")
    if totals.rejected:
        _say(f"{totals.rejected:,} rows could not be scored: {output.rstrip('/')}.rejected.jsonl.")


@contextmanager
def _show_progress() -> Iterator[Report]:
    """Show on stderr how far a run is, and how long the rest will take."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    from toxic_tweets.bulk.run import Report

    pace = _Pace()
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Report(_say, pace.say_at_times)
        return
    state_column = TextColumn("{task.fields[state]}")
    with Progress(BarColumn(), TaskProgressColumn(), state_column, console=console) as bar:
        task = bar.add_task("scoring", total=1.0, state="")

        def show(state: State) -> None:
            bar.update(task, completed=state.done, state=pace.describe(state))

        yield Report(_say, show)


class _Pace:
    """Tell rows per second and the time left, by the bytes that were read."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._said = self._start

    def describe(self, state: State) -> str:
        """Word how far a run is; its pace counts no rows of an earlier run."""
        elapsed_s = max(time.monotonic() - self._start, 1e-6)
        rows_per_s = (state.rows - state.rows_before) / elapsed_s
        left_s = elapsed_s * (1 - state.done) / max(state.done - state.done_before, 1e-9)
        rejected = f", {state.rejected:,} rejected" if state.rejected else ""
        return f"{state.rows:,} rows{rejected}, {rows_per_s:,.0f} rows/s, {_show_time(left_s)} left"

    def say_at_times(self, state: State) -> None:
        """Say how far a run is, but not so often that it fills a log."""
        if time.monotonic() - self._said >= _LINE_EVERY_S:
            self._said = time.monotonic()
            _say(f"{100 * state.done:.1f} %: {self.describe(state)}")


def _show_time(seconds: float) -> str:
    minutes, whole_s = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {whole_s} s" if minutes else f"{whole_s} s"


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
