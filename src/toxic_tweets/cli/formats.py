"""Predictions as people and programs want them: a table, JSON, JSON lines or CSV.

Every format is a stream: the first line is written before the last text is read.
"""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

from toxic_tweets.prediction import LabelScore, Prediction

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier

_TEXT_WIDTH = 40
# A folded text needs no more of the original than this, even where most of it is blank.
_FOLDED_FROM = 400
_NOTE_WIDTH = 100
_JOINER = "\u200d"  # holds emoji together, unlike the other invisible signs
_ANSI = {"allow": "\x1b[32m", "review": "\x1b[33m", "block": "\x1b[1;31m"}
_ANSI_DIM, _ANSI_MARK, _ANSI_END = "\x1b[2m", "\x1b[1;4m", "\x1b[0m"


class Format(StrEnum):
    """The formats by their names."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ScoredText:
    """Hold a text with its place in the input, from 0, and its prediction."""

    index: int
    text: str
    prediction: Prediction


def make_csv_lines(
    rows: Iterable[ScoredText], labels: Sequence[str], is_explained: bool = False
) -> Iterator[str]:
    """Yield CSV: one column per label, flagged labels joined by a blank, scores in full.

    Args:
        rows: what was scored.
        labels: the labels of the checkpoint.
        is_explained: the rows have spans; their words stand in a column, joined by `" | "`, and
            they themselves in another, as JSON.
    """
    buffer = io.StringIO()
    # With this line end, cells with a lone \r are quoted too; it is cut off again below.
    writer = csv.writer(buffer, lineterminator="\r\n")
    header = ["index", "text", *labels, "flagged", "verdict", "windows", "checkpoint"]
    header += ["language", "language_supported", "matches"]
    header += ["words", "spans"] if is_explained else []

    def make_line(cells: Sequence[object]) -> str:
        writer.writerow(cells)
        line = buffer.getvalue().removesuffix("\r\n") + "\n"
        buffer.seek(0)
        buffer.truncate()
        return line

    yield make_line(header)
    for row in rows:
        one = row.prediction
        scores = [one.scores[label] for label in labels]
        rest = [" ".join(one.flagged), one.verdict, one.windows, one.checkpoint]
        values = one.to_dict()
        rest += [one.language, _to_json(one.language_supported), _to_json(values["matches"])]
        rest += [" | ".join(find_words(row)), _to_json(values["spans"])] if is_explained else []
        yield make_line([row.index, row.text, *scores, *rest])


def make_json_lines(rows: Iterable[ScoredText], escape: bool) -> Iterator[str]:
    """Yield one JSON object a line.

    Args:
        rows: what was scored.
        escape: write what is not ASCII as escapes, for a stdout that is not UTF-8.
    """
    for row in rows:
        yield json.dumps(_to_dict(row), ensure_ascii=escape) + "\n"


def make_json_array(rows: Iterable[ScoredText], escape: bool) -> Iterator[str]:
    """Yield one JSON array, piece by piece; the arguments are those of `make_json_lines`."""
    before = "[\n"
    for line in make_json_lines(rows, escape):
        yield before + line.removesuffix("\n")
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def make_table_lines(
    rows: Iterable[ScoredText], *, is_single_choice: bool, is_coloured: bool, counted: Sequence[str]
) -> Iterator[str]:
    """Yield a table whose columns are as wide as they ever need to be, so that it can be a stream.

    Args:
        rows: what was scored.
        is_single_choice: exactly one label fits; the table shows it, with its score.
        is_coloured: the reader is a terminal that wants colours.
        counted: the labels that count; the others are not shown.
    """
    label_width = max(len("highest"), *map(len, counted))
    header = f"{'text':<{_TEXT_WIDTH}}  {'highest':<{label_width}}  score"
    header += "" if is_single_choice else "  verdict  flagged"
    is_first = True
    for row in rows:
        if is_first:
            yield f"{_ANSI_DIM}{header}{_ANSI_END}\n" if is_coloured else f"{header}\n"
            is_first = False
        prediction = row.prediction
        shown = choose_shown(prediction, counted, is_single_choice)
        text = set_cell_size(fold(row.text), _TEXT_WIDTH)
        text = _mark(row, text) if is_coloured else text
        line = f"{text}  {shown.label:<{label_width}}  {shown.score:5.2f}"
        if not is_single_choice:
            verdict = f"{prediction.verdict:<7}"
            if is_coloured:
                verdict = f"{_ANSI[prediction.verdict]}{verdict}{_ANSI_END}"
            line += f"  {verdict}  {' '.join(prediction.flagged)}"
        yield f"{line.rstrip()}\n"
        for name, said in make_notes(row).items():
            note = f"  {name}: {fold(said, _NOTE_WIDTH)}"
            yield f"{_ANSI_DIM}{note}{_ANSI_END}\n" if is_coloured else f"{note}\n"


def choose_shown(
    prediction: Prediction, counted: Sequence[str], is_single_choice: bool = False
) -> LabelScore:
    """Return the one score that a table shows: the highest that counts, other than `toxic`.

    `toxic` is shown where nothing else counts, and the top label where exactly one fits.
    """
    if is_single_choice:
        return prediction.top
    left_out = {label for label in prediction.scores if label not in counted}
    shown = prediction.highest(without={"toxic", *left_out})
    return shown or prediction.highest(without=left_out) or prediction.top


def make_notes(row: ScoredText) -> dict[str, str]:
    """Return what a row of a table must not keep to itself, by name of the note.

    These are a language that the checkpoint was not trained on, what the lists of the policy found,
    and the words that caused what was flagged.
    """
    prediction = row.prediction
    notes = {}
    if prediction.language_supported is False:
        notes["language"] = f"{prediction.language} (not trained on)"
    for match in prediction.matches:
        name = f"{match.kind} list {match.list}"
        found = row.text[match.start : match.end]
        notes[name] = f"{notes[name]}, {found}" if name in notes else found
    if words := find_words(row):
        notes["words"] = ", ".join(words)
    return notes


def find_words(row: ScoredText) -> list[str]:
    """Return the words that caused any label, each once, in the order of the text."""
    words = (row.text[start:end] for start, end in _find_marked(row))
    return list(dict.fromkeys(words))


def find_counted(classifier: Classifier) -> Sequence[str]:
    """Return the labels that count under the policy in use, in label order."""
    counted = classifier.policy.labels
    return [label for label in classifier.labels if counted is None or label in counted]


def fold(text: str, width: int = _TEXT_WIDTH) -> str:
    """Return the beginning of a text on one line of a terminal.

    Control signs and invisible ones go: they could move the cursor or turn the line around.
    """
    line = "".join(sign for sign, _ in _flatten(text))
    if cell_len(line) <= width and len(text) <= _FOLDED_FROM:
        return line
    return set_cell_size(line, min(width - 1, cell_len(line))).rstrip() + "…"


def find_marks(row: ScoredText, folded: str) -> list[tuple[int, int]]:
    """Return which pieces of a folded text caused what was flagged."""
    marked = _find_marked(row)
    places = [place for _, place in _flatten(row.text)]
    if not marked or not places:
        return []
    # The last sign may be the dots that stand for the rest.
    n_shown = min(len(folded) - folded.endswith("…"), len(places))
    marks = []
    for start, end in marked:
        first = bisect_left(places, start, 0, n_shown)
        last = bisect_left(places, end, 0, n_shown)
        if first < last:
            marks.append((first, last))
    return marks


def _flatten(text: str) -> list[tuple[str, int]]:
    """Return the signs of the beginning of a text, fit for one line, each with its place."""
    line: list[tuple[str, int]] = []
    for place, sign in enumerate(text[:_FOLDED_FROM]):
        visible = sign if sign.isprintable() or sign == _JOINER else " "
        if visible != " ":
            line.append((visible, place))
        elif line and line[-1][0] != " ":
            line.append((" ", place))
    return line[:-1] if line and line[-1][0] == " " else line


def _mark(row: ScoredText, folded: str) -> str:
    """Return a folded text in which the words that caused what was flagged stand out."""
    for start, end in reversed(find_marks(row, folded)):
        folded = f"{folded[:start]}{_ANSI_MARK}{folded[start:end]}{_ANSI_END}{folded[end:]}"
    return folded


def _find_marked(row: ScoredText) -> list[tuple[int, int]]:
    """Return the pieces of the text that caused any label, sorted and disjoint."""
    spans = row.prediction.spans or {}
    places = sorted((span.start, span.end) for found in spans.values() for span in found)
    joined: list[tuple[int, int]] = []
    for start, end in places:
        if joined and start <= joined[-1][1]:
            start, before = joined.pop()
            end = max(before, end)
        joined.append((start, end))
    return joined


def _to_json(value: object) -> str:
    """Return what a CSV cell holds, empty for nothing."""
    return "" if value in (None, [], {}) else json.dumps(value, ensure_ascii=False)


def _to_dict(row: ScoredText) -> dict[str, Any]:
    values = {"index": row.index, "text": row.text, **row.prediction.to_dict()}
    spans = row.prediction.spans
    if spans is not None:
        values["words"] = {
            label: [row.text[span.start : span.end] for span in found]
            for label, found in spans.items()
        }
    return values
