"""`toxic-tweets evaluate`: how good a checkpoint is, and for whom; and what a new one changes."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toxic_tweets.cli.exit_codes import ERROR, refuse_usage
from toxic_tweets.cli.model_options import Model

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier
    from toxic_tweets.data.annotated import Annotated as AnnotatedData
    from toxic_tweets.evaluate.compare import Change
    from toxic_tweets.evaluate.report import Report
    from toxic_tweets.evaluate.score_cache import Progress
    from toxic_tweets.evaluate.system import System

COMPARE, CARD = "compare", "card"
# Rows of the shown table; the report has all.
_MAX_CHANGES = 40


def evaluate_checkpoint(
    context: typer.Context,
    data: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DATA…",
            help="Data files or folders, READER=PATH, or a TOML list. Or: compare REPORT REPORT. "
            "Or: card REPORT.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="The folder for report.html, metrics.json and the rest.")
    ] = None,
    model: Model = "small",
    scores: Annotated[
        Path | None,
        typer.Option(help="Judge these scores instead: a CSV file with id and a column per label."),
    ] = None,
    held_out: Annotated[
        str | None,
        typer.Option(metavar="RECIPE", help="Also the rows that this recipe holds out."),
    ] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="The folder that paths in the recipe are relative to.")
    ] = None,
    parts: Annotated[
        str, typer.Option(help="Only these parts, by comma, such as ranking,bias.")
    ] = "",
    max_texts: Annotated[
        int, typer.Option(min=0, help="At most so many texts of each dataset; 0 = all.")
    ] = 0,
    changed_texts: Annotated[
        int, typer.Option(min=0, help="Texts that are disguised and changed otherwise.")
    ] = 400,
    swapped_texts: Annotated[
        int, typer.Option(min=0, help="Texts per dataset whose identity words are swapped.")
    ] = 500,
    resamples: Annotated[
        int, typer.Option(min=0, help="Draws of the bootstrap; 0 = no intervals.")
    ] = 1000,
    base_rate: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL=RATE", help="How common a label is where scores hold."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws texts, disguises and resamples.")] = 13,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Windows run at once; default: one per core.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Keep scores here, by hash of the text, for other reports.")
    ] = None,
    max_drop: Annotated[
        float, typer.Option(min=0, help="compare: how much worse a main figure may get.")
    ] = 0.01,
    bars: Annotated[
        Path | None, typer.Option(help="compare: a TOML file that says what is allowed.")
    ] = None,
) -> None:
    """Measure a checkpoint and write the trust report, or compare two reports.

    evaluate DATA… --output FOLDER scores every text once, keeps the scores, and goes on where a
    killed run was. evaluate compare REPORT REPORT ends with exit code 1 on a regression. evaluate
    card REPORT --model CHECKPOINT puts its main figures beside the checkpoint and into its card.
    """
    named = data or []
    if named[:1] == [COMPARE]:
        if len(named) != 3:
            refuse_usage(context, "compare needs two reports: evaluate compare BEFORE AFTER.")
        _compare(Path(named[1]), Path(named[2]), max_drop, bars, resamples, seed)
        return
    if named[:1] == [CARD]:
        if len(named) != 2:
            refuse_usage(context, "card needs one report: evaluate card REPORT --model CHECKPOINT.")
        _put_into_card(Path(named[1]), model)
        return
    if output is None or not (named or held_out):
        refuse_usage(context, "DATA and --output are needed.")
    if held_out is not None and data_root is None:
        refuse_usage(context, "--held-out needs --data-root.")
    from toxic_tweets.evaluate.options import PARTS, Options
    from toxic_tweets.evaluate.report import MARKDOWN_FILE, PAGE_FILE
    from toxic_tweets.evaluate.run import evaluate

    options = Options(
        parts=tuple(part.strip() for part in parts.split(",")) if parts else PARTS,
        max_texts=max_texts,
        changed_texts=changed_texts,
        swapped_texts=swapped_texts,
        resamples=resamples,
        base_rates=_parse_rates(context, base_rate or []),
        seed=seed,
    )
    datasets = _read(named, held_out, data_root, max_texts, seed)
    judged = _open(model, scores, datasets, threads)
    with _show_progress() as progress:
        report = evaluate(
            judged,
            datasets,
            output,
            options=options,
            cache=cache,
            command=_find_command(),
            progress=progress,
            say=lambda line: typer.echo(line, err=True),
        )
    _summarise(report)
    typer.echo(f"The report is {output / PAGE_FILE}; for a card: {output / MARKDOWN_FILE}.")


def _read(
    named: Sequence[str], held_out: str | None, root: Path | None, max_texts: int, seed: int
) -> list[AnnotatedData]:
    from toxic_tweets.evaluate.datasets import make_names_unique, read_datasets

    datasets = read_datasets(named, max_texts, seed)
    if held_out is None or root is None:
        return datasets
    import numpy as np

    from toxic_tweets.data.annotated import Annotated as AnnotatedData
    from toxic_tweets.evaluate.datasets import draw, rename
    from toxic_tweets.train.config import read_recipe
    from toxic_tweets.train.mixture import make_mixture

    recipe = read_recipe(held_out)
    mixture = make_mixture(recipe, root)
    for index, source in enumerate(recipe.sources):
        rows = np.flatnonzero(mixture.held_out_source == index)
        if len(rows):
            rows_of_source = AnnotatedData(mixture.validation.select(rows))
            datasets.append(draw(rename(rows_of_source, source.name), max_texts, seed))
    return make_names_unique(datasets)


def _open(
    model: str, scores: Path | None, datasets: Sequence[AnnotatedData], threads: int | None
) -> Classifier | System:
    """Return what is judged: a file of scores, else a checkpoint."""
    from toxic_tweets.classifier import load
    from toxic_tweets.evaluate.system import read_score_file

    if scores is not None:
        return read_score_file(scores, [one.dataset for one in datasets])
    return load(model, threads=threads)


def _parse_rates(context: typer.Context, settings: Sequence[str]) -> dict[str, float]:
    rates = {}
    for setting in settings:
        label, sign, value = setting.partition("=")
        try:
            rates[label.strip()] = float(value)
        except ValueError:
            sign = ""
        if not sign:
            refuse_usage(context, f"--base-rate {setting!r} must look like toxic=0.1.")
    return rates


def _find_command() -> str:
    """Return what was typed, for the report."""
    return shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])


@contextmanager
def _show_progress() -> Iterator[Progress]:
    """Show how many texts are scored and when the last will be, on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _make_lines()
        return
    columns = (TextColumn("scoring"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("scoring", total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield update


def _make_lines() -> Progress:
    """Make a line of progress for every tenth, for logs."""
    start: list[tuple[float, int]] = []  # when the first text was scored, and how many were known

    def say(done: int, total: int) -> None:
        if not start:
            start.append((time.monotonic(), done))
            shown[0] = 10 * done // max(total, 1)
        elif 10 * done // total > shown[0]:
            shown[0] = 10 * done // total
            elapsed_s = time.monotonic() - start[0][0]
            left_s = elapsed_s * (total - done) / max(done - start[0][1], 1)
            typer.echo(f"{done:,} of {total:,} texts scored, {left_s:.0f} s left", err=True)

    shown = [0]
    return say


def _summarise(report: Report) -> None:
    """Show the figures that people ask for first."""
    from toxic_tweets.evaluate.tables import show_interval, show_value

    names = ("mean_roc_auc", "exact_match", "mean_bpsn_auc", "worst_bpsn_auc", "texts_per_s")
    for figure in report.figures:
        is_total = figure.part == "functional" and figure.group == "all"
        if (figure.name in names or is_total) and figure.value is not None:
            value = f"{show_value(figure)} {show_interval(figure)}".strip()
            typer.echo(f"{figure.path}: {value}, n={figure.n:,}")


def _compare(
    before: Path, after: Path, max_drop: float, bars: Path | None, resamples: int, seed: int
) -> None:
    from toxic_tweets.evaluate.compare import compare, read_bars
    from toxic_tweets.evaluate.report import read_report

    first, second = read_report(before), read_report(after)
    asked = read_bars(bars) if bars is not None else ()
    changes = compare(first, second, max_drop, asked, resamples, seed)
    typer.echo(f"{first.system['id']} → {second.system['id']}, {len(changes):,} figures in common")
    moved = [change for change in changes if change.verdict != "same" or change.broken]
    if not moved:
        typer.echo("No difference beyond noise.")
        return
    _show_changes(moved)
    broken = [change for change in changes if change.broken]
    for change in broken:
        typer.echo(f"regression: {change.path}: {change.broken}", err=True)
    if broken:
        raise typer.Exit(ERROR)


def _put_into_card(report: Path, model: str) -> None:
    from toxic_tweets.evaluate.report import METRICS_FILE, read_report
    from toxic_tweets.evaluate.summary import put_summary
    from toxic_tweets.model.checkpoint import find_checkpoint

    folder = find_checkpoint(model)
    put_summary(read_report(report), folder)
    typer.echo(f"The main figures are in {folder / METRICS_FILE} and in the card beside it.")


def _show_changes(changes: Sequence[Change]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in ("figure", "before", "after", "difference", "95 % interval", ""):
        table.add_column(name, justify="left" if name in ("figure", "") else "right")
    ranked = sorted(changes, key=lambda change: (not change.broken, -abs(change.difference)))
    for change in ranked[:_MAX_CHANGES]:
        ends = (change.low, change.high)
        span = "" if None in ends else f"{change.low:+.4f} … {change.high:+.4f}"
        table.add_row(
            change.path,
            f"{change.before:.4f}",
            f"{change.after:.4f}",
            f"{change.difference:+.4f}",
            span,
            change.verdict,
        )
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 160
    console.print(table, markup=False)
    if len(changes) > _MAX_CHANGES:
        typer.echo(f"{len(changes) - _MAX_CHANGES} smaller changes are not shown.")
