"""`toxic-tweets demo`: the sample texts, scored, in a table worth a picture."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toxic_tweets.cli.model_options import Model
from toxic_tweets.errors import DataError, ToxicTweetsError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from toxic_tweets.classifier import Classifier
    from toxic_tweets.cli.formats import ScoredText
    from toxic_tweets.prediction import Prediction

SAMPLE = Path("examples") / "tweets.csv"
_STYLES = {"allow": "green", "review": "yellow", "block": "bold red"}
_BAR_WIDTH = 8
_TEXT_WIDTH = 44
# Width of the picture, and of the table wherever the terminal is not narrower.
_WIDTH = 112


def show_demo(
    file: Annotated[
        Path | None,
        typer.Option(help=f"CSV file with a column text; default: {SAMPLE} of the repository."),
    ] = None,
    model: Model = "small",
    svg: Annotated[Path | None, typer.Option(help="Also save what is shown as a picture.")] = None,
) -> None:
    """Score the sample texts and show them as a table."""
    from toxic_tweets.cli.text_input import read_csv_texts

    path = file or _find_sample()
    texts = list(read_csv_texts(path, "text"))
    if not texts:
        raise DataError("the file holds no texts. Give one with at least one row.", file=path)
    from toxic_tweets.classifier import load

    classifier = load(model)
    start = time.perf_counter()
    predictions = classifier.predict(texts)
    elapsed_s = time.perf_counter() - start
    predictions = classifier.predict(texts, explain=True)
    console = _make_console(is_recording=svg is not None)
    console.print(_make_table(classifier, texts, predictions))
    _print_speed(console, classifier, predictions, elapsed_s)
    _print_notes(console, predictions)
    _print_next_steps(console)
    if svg is not None:
        _save_picture(console, svg)


def _find_sample() -> Path:
    """Return the sample file: below the current folder, else in the clone that is installed."""
    clone = Path(__file__).resolve().parents[3]
    for folder in (Path(), clone):
        if (folder / SAMPLE).is_file():
            return folder / SAMPLE
    raise DataError(
        "there is no such file below the current folder. Go to a clone of the repository, or name "
        "a CSV file that has a column text: toxic-tweets demo --file FILE",
        file=SAMPLE,
    )


def _make_console(is_recording: bool) -> Console:
    from rich.console import Console

    console = Console(record=is_recording, highlight=False)
    # Without a terminal Rich takes 80 columns for granted, which would fold the texts.
    if is_recording or not console.is_terminal or console.width > _WIDTH:
        console.width = _WIDTH
    return console


def _make_table(classifier: Classifier, texts: list[str], predictions: list[Prediction]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from toxic_tweets.cli.formats import ScoredText, choose_shown, find_counted

    counted = find_counted(classifier)
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, title_justify="left")
    table.add_column("text", width=_TEXT_WIDTH, no_wrap=True)
    table.add_column("highest type", no_wrap=True)
    table.add_column("score", no_wrap=True)
    table.add_column("flagged")
    table.add_column("verdict", no_wrap=True)
    for index, (text, prediction) in enumerate(zip(texts, predictions, strict=True)):
        shown = choose_shown(prediction, counted)
        style = _STYLES[prediction.verdict]
        table.add_row(
            _mark_words(ScoredText(index, text, prediction)),
            Text(shown.label, style if prediction.flagged else "dim"),
            _make_bar(shown.score, style),
            Text(", ".join(prediction.flagged) or "–", style if prediction.flagged else "dim"),
            Text(prediction.verdict, style),
        )
    return table


def _mark_words(row: ScoredText) -> Text:
    """Return the beginning of a text in which the words that caused what was flagged stand out."""
    from rich.text import Text

    from toxic_tweets.cli.formats import find_marks, fold

    folded = Text(fold(row.text, _TEXT_WIDTH))
    for start, end in find_marks(row, folded.plain):
        folded.stylize("bold underline", start, end)
    return folded


def _make_bar(score: float, style: str) -> Text:
    from rich.text import Text

    n_full = round(score * _BAR_WIDTH)
    bar = Text(f"{score:.2f} ")
    bar.append("━" * n_full, style)
    bar.append("·" * (_BAR_WIDTH - n_full), "bright_black")
    return bar


def _print_speed(
    console: Console, classifier: Classifier, predictions: list[Prediction], elapsed_s: float
) -> None:
    n_texts = len(predictions)
    n_windows = sum(prediction.windows for prediction in predictions)
    threads = "1 thread" if classifier.threads == 1 else f"{classifier.threads} threads"
    console.print(
        f"{n_texts} texts ({n_windows} windows) in {elapsed_s:.2f} s on {threads}: "
        f"[bold]{n_texts / elapsed_s:.0f} texts/s[/bold], by {classifier.checkpoint.id}."
    )


def _print_notes(console: Console, predictions: list[Prediction]) -> None:
    console.print("Underlined: the words that caused what is flagged.")
    unsupported = [one.language for one in predictions if one.language_supported is False]
    if unsupported:
        n_texts = "1 text is" if len(unsupported) == 1 else f"{len(unsupported)} texts are"
        languages = ", ".join(sorted({str(language) for language in unsupported}))
        console.print(f"{n_texts} in a language that it was not trained on ({languages}).")


def _print_next_steps(console: Console) -> None:
    command = _find_command()
    steps = {
        f'{command} score "a text of yours"': "score it",
        f'{command} score --explain "…"': "and say which words did it",
        f"{command} score --format jsonl < FILE": "one text a line, one JSON object a line",
        f'{command} score --policy strict "…"': "other rules: lenient, strict, a TOML file",
        f"{command} models": "which checkpoints are here, and how good they are",
    }
    console.print("\n[bold]Try next[/bold]")
    width = max(map(len, steps)) + 2
    for step, meaning in steps.items():
        console.print(f"  {step:<{width}}[dim]{meaning}[/dim]", soft_wrap=True)


def _find_command() -> str:
    """Return the command as it can be typed here; after `make run` it is not on the PATH."""
    typed = Path(sys.argv[0])
    is_reachable = shutil.which("toxic-tweets") is not None
    if is_reachable or typed.is_absolute() or typed.name != "toxic-tweets":
        return "toxic-tweets"
    return shlex.quote(str(typed))


def _save_picture(console: Console, path: Path) -> None:
    picture = console.export_svg(title="toxic-tweets demo", unique_id="demo")
    # Whoever looks at the picture should not have to fetch a font from somewhere.
    picture = re.sub(r",\s*url\([^)]*\) format\([^)]*\)", "", picture)
    aside = path.with_name(f".{path.name}.partial")
    try:
        aside.write_text(picture, encoding="utf-8")
        os.replace(aside, path)
    except OSError as error:
        raise ToxicTweetsError(
            f"{path} cannot be written ({error.strerror}). Give another path to --svg."
        ) from error
