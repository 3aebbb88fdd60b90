"""`toxic-tweets score`: texts in, predictions out, as a stream."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import count, tee
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from toxic_tweets.cli.exit_codes import refuse_usage, set_output_errors
from toxic_tweets.cli.formats import (
    Format,
    ScoredText,
    find_counted,
    make_csv_lines,
    make_json_array,
    make_json_lines,
    make_table_lines,
)
from toxic_tweets.cli.model_options import Labels, Model, PolicyName, Revision
from toxic_tweets.cli.text_input import (
    ByteStream,
    clean_arguments,
    read_csv_texts,
    read_line_blocks,
)
from toxic_tweets.errors import PolicyError
from toxic_tweets.policy import PRESETS, Policy

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier


def score_texts(
    context: typer.Context,
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Texts to score; put -- before one that begins with -. None, or a single -, reads "
            "stdin: one text a line, in UTF-8."
        ),
    ] = None,
    model: Model = "small",
    revision: Revision = None,
    labels: Labels = None,
    policy: PolicyName = "balanced",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,  # noqa: A002
    file: Annotated[
        Path | None, typer.Option(help="A CSV file to take the texts from, with a header.")
    ] = None,
    column: Annotated[str, typer.Option(help="The column of the CSV file.")] = "text",
    explain: Annotated[
        bool, typer.Option("--explain", help="Also say which words caused what is flagged.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Texts scored at once; default: one per core.")
    ] = None,
) -> None:
    """Score texts and print one row for each, in order.

    Columns of the table: the beginning of the text, its highest type other than toxic, that score,
    the verdict, the flagged types. Below a row stands what else matters: a language that the
    checkpoint was not trained on, what a list of the policy found, and with --explain the words.
    Broken pipes end quietly with exit code 0.
    """
    if file is not None and texts:
        refuse_usage(context, "give texts or --file, not both.")
    blocks = _open_blocks(context, texts or [], file, column)
    chosen = make_policy(policy, labels)
    from toxic_tweets.classifier import load

    classifier = load(model, policy=chosen, threads=threads, revision=revision)
    rows = _score(classifier, blocks, explain)
    for piece in _make_pieces(classifier, rows, format, explain):
        sys.stdout.write(piece)
        sys.stdout.flush()


def make_policy(preset_or_file: str, labels: str | None = None) -> Policy:
    """Return a preset, or the policy in a TOML file, with other labels if some are given.

    Raises:
        PolicyError: there is neither such a preset nor such a file, or the file is malformed.
    """
    chosen = PRESETS.get(preset_or_file) or _read_policy(Path(preset_or_file))
    if labels is None:
        return chosen
    names = tuple(name.strip() for name in labels.split(",") if name.strip())
    return dataclasses.replace(chosen, labels=names)


def _read_policy(path: Path) -> Policy:
    if not path.is_file():
        raise PolicyError(
            f"There is no policy {str(path)!r}. Give a preset ({', '.join(PRESETS)}) or the path "
            "of a TOML file."
        )
    try:
        return Policy.from_toml(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path} is not UTF-8. Save it in UTF-8.") from error
    except PolicyError as error:
        raise PolicyError(f"{path}: {error}") from error


def _open_blocks(
    context: typer.Context, texts: list[str], file: Path | None, column: str
) -> Iterable[Iterable[str]]:
    """Return the texts in blocks: one that is there already, or many that are still to come."""
    if file is not None:
        return [read_csv_texts(file, column)]
    if texts and texts != ["-"]:
        return [clean_arguments(texts)]
    if sys.stdin is None or (not texts and sys.stdin.isatty()):
        refuse_usage(context, "give texts, or a stdin with one text a line.")
    # BinaryIO, the type of a buffer in typeshed, does not promise what every real one has.
    return read_line_blocks(cast(ByteStream, sys.stdin.buffer))


def _score(
    classifier: Classifier, blocks: Iterable[Iterable[str]], explain: bool
) -> Iterator[ScoredText]:
    index = count()
    for block in blocks:
        texts, again = tee(block)
        # predict_iter reads a bounded number of texts ahead, and tee keeps just those.
        predictions = classifier.predict_iter(again, explain=explain)
        for text, prediction in zip(texts, predictions, strict=True):
            yield ScoredText(next(index), text, prediction)


def _make_pieces(
    classifier: Classifier, rows: Iterable[ScoredText], wanted: Format, is_explained: bool
) -> Iterator[str]:
    if wanted is Format.CSV:
        set_output_errors("backslashreplace")  # data: rather ugly than lost
        return make_csv_lines(rows, classifier.labels, is_explained)
    escape = (sys.stdout.encoding or "ascii").lower().replace("-", "") != "utf8"
    if wanted is Format.JSONL:
        return make_json_lines(rows, escape)
    if wanted is Format.JSON:
        return make_json_array(rows, escape)
    return make_table_lines(
        rows,
        is_single_choice=classifier.activation == "softmax",
        is_coloured=wants_colour(),
        counted=find_counted(classifier),
    )


def wants_colour() -> bool:
    """Tell a terminal from a pipe, and respect https://no-color.org."""
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not is_plain
