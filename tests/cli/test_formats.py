"""What the formats look like."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from toxic_tweets.cli.formats import (
    ScoredText,
    choose_shown,
    find_marks,
    find_words,
    fold,
    make_csv_lines,
    make_json_array,
    make_json_lines,
    make_notes,
    make_table_lines,
)
from toxic_tweets.prediction import LabelScore, Match, Prediction, Span

LABELS = ("toxic", "insult", "threat")


def make_row(
    text: str, *scores: float, flagged: tuple[str, ...] = (), index: int = 0
) -> ScoredText:
    numbers = dict(zip(LABELS, scores or (0.9, 0.8, 0.1), strict=True))
    verdict = "block" if flagged else "allow"
    return ScoredText(index, text, Prediction(numbers, flagged, verdict, 1, "tiny@0"))  # type: ignore[arg-type]


def make_explained(text: str, *places: tuple[int, int], **more: Any) -> ScoredText:
    spans = tuple(Span(start, end, 0.9) for start, end in places)
    row = make_row(text, flagged=("toxic", "insult"))
    by_label = {"toxic": spans, "insult": spans[-1:]}
    return replace(row, prediction=replace(row.prediction, spans=by_label, **more))


def make_endless() -> Iterator[ScoredText]:
    return (make_row("a", index=index) for index in count())


def show_table(*rows: ScoredText, is_coloured: bool = False) -> list[str]:
    lines = make_table_lines(rows, is_single_choice=False, is_coloured=is_coloured, counted=LABELS)
    return list(lines)


def test_every_format_is_a_stream() -> None:
    table = make_table_lines(
        make_endless(), is_single_choice=False, is_coloured=False, counted=LABELS
    )
    for lines in (
        table,
        make_csv_lines(make_endless(), LABELS),
        make_json_lines(make_endless(), escape=False),
        make_json_array(make_endless(), escape=False),
    ):
        assert len(list(islice(lines, 4))) == 4


@given(st.lists(st.text()))
def test_csv_can_be_read_back(texts: list[str]) -> None:
    rows = [make_row(text, 0.1, 1 / 3, 1.0, flagged=("toxic", "threat")) for text in texts]
    shown = "".join(make_csv_lines(rows, LABELS))
    found = list(csv.DictReader(io.StringIO(shown, newline="")))
    assert [row["text"] for row in found] == texts
    assert all(float(row["insult"]) == 1 / 3 for row in found)
    assert all(row["flagged"].split() == ["toxic", "threat"] for row in found)


@given(st.lists(st.text()), st.booleans())
def test_json_can_be_read_back(texts: list[str], escape: bool) -> None:
    rows = [make_row(text, index=index) for index, text in enumerate(texts)]
    array = json.loads("".join(make_json_array(rows, escape)))
    lines = [json.loads(line) for line in make_json_lines(rows, escape)]
    assert array == lines
    assert [row["text"] for row in lines] == texts
    assert [row["index"] for row in lines] == list(range(len(texts)))
    assert all(line.isascii() for line in make_json_lines(rows, escape=True))


def test_the_table_shows_what_matters() -> None:
    header, line = show_table(make_row("you idiot", flagged=("toxic", "insult")))
    assert header.split() == ["text", "highest", "score", "verdict", "flagged"]
    assert line.split() == ["you", "idiot", "insult", "0.80", "block", "toxic", "insult"]


def test_no_rows_no_header() -> None:
    assert show_table() == []


@given(st.text(), st.text())
def test_columns_stand_under_each_other(first: str, second: str) -> None:
    lines = show_table(make_row(first), make_row(second))
    places = {cell_len(line.split("insult")[0]) for line in lines[1:] if line.count("insult") == 1}
    assert len(places) <= 1


def test_colour_is_an_addition() -> None:
    row = make_row("you idiot", flagged=("toxic",))
    plain, coloured = show_table(row), show_table(row, is_coloured=True)
    assert "\x1b[" in coloured[1]
    assert "\x1b[" not in plain[1]


def test_words_that_did_it_stand_below() -> None:
    row = make_explained("you stupid, silly idiot", (4, 10), (18, 23))
    _, _, note = show_table(row)
    assert note == "  words: stupid, idiot\n"
    _, coloured, _ = show_table(row, is_coloured=True)
    assert "you \x1b[1;4mstupid\x1b[0m, silly \x1b[1;4midiot\x1b[0m " in coloured
    assert len(show_table(make_explained("you are kind"))) == 2


def test_what_is_not_a_score_is_said() -> None:
    matches = (
        Match("mine", "blorp", 0, 5, "block"),
        Match("mine", "blorp", 6, 11, "block"),
        Match("fine", "ok", 12, 14, "allow"),
    )
    row = make_row("Blorp bl0rp ok")
    prediction = replace(row.prediction, language="de", language_supported=False, matches=matches)
    row = replace(row, prediction=prediction)
    assert make_notes(row) == {
        "language": "de (not trained on)",
        "block list mine": "Blorp, bl0rp",
        "allow list fine": "ok",
    }
    assert show_table(row)[2:] == [
        "  language: de (not trained on)\n",
        "  block list mine: Blorp, bl0rp\n",
        "  allow list fine: ok\n",
    ]
    known = replace(prediction, language_supported=None, matches=())
    assert make_notes(replace(row, prediction=known)) == {}


def test_notes_are_one_line_each() -> None:
    row = make_explained("you\nidiot\x1b[31m" + "x" * 500, (0, 514))
    assert all(line.count("\n") == 1 and "\x1b" not in line for line in show_table(row))


def test_csv_holds_what_else_was_found() -> None:
    row = make_explained(
        "you stupid idiot",
        (4, 10),
        (11, 16),
        language="en",
        language_supported=True,
        matches=(Match("mine", "idiot", 11, 16, "block"),),
    )
    plain, explained = (
        next(csv.DictReader(io.StringIO("".join(make_csv_lines([row], LABELS, is_explained)))))
        for is_explained in (False, True)
    )
    assert (plain["language"], plain["language_supported"]) == ("en", "true")
    assert json.loads(plain["matches"]) == [row.prediction.matches[0].to_dict()]
    assert "words" not in plain
    assert explained["words"] == "stupid | idiot"
    assert json.loads(explained["spans"])["insult"] == [{"start": 11, "end": 16, "weight": 0.9}]
    bare = next(csv.DictReader(io.StringIO("".join(make_csv_lines([make_row("a")], LABELS)))))
    assert (bare["language"], bare["language_supported"], bare["matches"]) == ("", "", "")


def test_json_holds_the_words_of_each_label() -> None:
    row = make_explained("you damn silly idiot", (4, 8), (15, 20))
    (line,) = make_json_lines([row], escape=False)
    assert json.loads(line)["words"] == {"toxic": ["damn", "idiot"], "insult": ["idiot"]}
    (line,) = make_json_lines([make_row("a")], escape=False)
    assert "words" not in json.loads(line)


@given(st.text(max_size=60), st.data())
def test_marks_cover_what_is_left_of_the_words(text: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    row = make_explained(text, (start, end)) if start < end else make_explained(text)
    folded = fold(text)
    marked = "".join(folded[first:last] for first, last in find_marks(row, folded))
    assert set(marked) <= {*text[start:end], " "}
    if folded == text:
        assert marked == text[start:end]


def test_words_are_listed_once() -> None:
    assert find_words(make_explained("idiot, idiot", (0, 5), (7, 12))) == ["idiot"]
    assert find_words(make_row("idiot")) == []


def test_a_single_choice_shows_its_top_label() -> None:
    (header, line) = make_table_lines(
        [make_row("so sad", 0.1, 0.7, 0.2)],
        is_single_choice=True,
        is_coloured=False,
        counted=LABELS,
    )
    assert header.split() == ["text", "highest", "score"]
    assert line.split() == ["so", "sad", "insult", "0.70"]


@pytest.mark.parametrize(
    ("counted", "shown"),
    [
        (LABELS, LabelScore("insult", 0.8)),
        (("toxic", "threat"), LabelScore("threat", 0.1)),
        (("toxic",), LabelScore("toxic", 0.9)),
    ],
)
def test_only_what_counts_is_shown(counted: tuple[str, ...], shown: LabelScore) -> None:
    assert choose_shown(make_row("a").prediction, counted) == shown


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("short", "short"),
        (" two\n\tlines ", "two lines"),
        ("\x1b[31mred\x07", "[31mred"),
        ("safe\u202etxt", "safe txt"),
        ("", ""),
        ("x" * 41, "x" * 39 + "…"),
        ("x" * 40, "x" * 40),
        ("好" * 21, "好" * 19 + "…"),
        (" " * 500 + "late", "…"),
    ],
)
def test_a_text_becomes_one_short_line(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=600), st.integers(2, 60))
def test_a_folded_text_fits(text: str, width: int) -> None:
    folded = fold(text, width)
    assert cell_len(folded) <= width
    assert "\n" not in folded
    assert "\x1b" not in folded
