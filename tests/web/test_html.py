import re

import pytest

from toxic_tweets.prediction import Span
from toxic_tweets.web.html import (
    Bar,
    Cell,
    Row,
    make_answer,
    make_banner,
    make_bars,
    make_comparison,
    make_folded,
    make_marked,
    make_rows,
)

EVIL = '<img src=x onerror="alert(1)">&'


def make_row(text: str, number: int = 1) -> Row:
    return Row(number, text, "toxic", 0.9, "insult", 0.8, "block", "English")


@pytest.mark.parametrize(
    "html",
    [
        make_banner("block", EVIL),
        make_answer(EVIL, EVIL),
        make_bars([Bar(EVIL, 0.5)]),
        make_marked(EVIL, [Span(0, 4, 1.0)]),
        make_rows([make_row(EVIL)], is_toxicity=True, is_veiled=True),
        make_folded(EVIL, 1, is_veiled=False),
        make_comparison([EVIL], {EVIL: [Cell(EVIL, 0.5, None)]}, {EVIL: EVIL}),
    ],
)
def test_nothing_from_outside_becomes_html(html: str) -> None:
    assert "<img" not in html
    assert 'onerror="' not in html


def test_spans_are_marked_where_they_stand() -> None:
    html = make_marked("you clumsy fool", [Span(11, 15, 0.5), Span(4, 12, 0.5), Span(99, 100, 1.0)])
    assert re.findall("<mark>(.*?)</mark>", html) == ["clumsy fool"]
    assert re.sub("<[^>]+>", "", html) == "you clumsy fool"


def test_signs_that_turn_a_line_around_are_not_shown() -> None:
    assert "\u202e" not in make_marked("a\u202eb", [])
    assert "👩\u200d🚀" in make_marked("👩\u200d🚀", [])
    assert "a\nb" in make_marked("a\nb", [])


def test_a_hurtful_text_is_veiled_and_can_be_opened() -> None:
    veiled = make_rows([make_row("you fool")], is_toxicity=True, is_veiled=True)
    assert '<details class="tt-fold tt-veiled"><summary>' in veiled
    assert 'aria-hidden="true"><bdi>you fool' in veiled
    assert "hidden because it may hurt: show" in veiled
    shown = make_rows([make_row("you fool")], is_toxicity=True, is_veiled=False)
    assert "<details" not in shown


def test_a_long_text_is_folded() -> None:
    html = make_folded("word " * 100, 7, is_veiled=False)
    assert '<details class="tt-fold"><summary>' in html
    assert "Text 7, long: show or hide it" in html


def test_a_bar_says_in_words_what_it_shows() -> None:
    html = make_bars(
        [
            Bar("insult", 0.66, 0.5, 0.76, is_flagged=True),
            Bar("threat", 0.1, 0.3, 0.3, is_counted=False),
        ]
    )
    assert 'aria-label="insult 0.66, flagged from 0.50, blocks from 0.76"' in html
    assert 'aria-label="threat 0.10, does not count"' in html
    assert html.count("tt-mark-block") == 1


def test_sentiment_has_no_verdict() -> None:
    row = Row(1, "fine", "positive", 0.9, "positive", 0.9, None, "English")
    html = make_rows([row], is_toxicity=False, is_veiled=True)
    assert "tt-pill" not in html
    assert html.count("<th ") == html.count("<td ")


def test_rows_have_a_cell_per_heading() -> None:
    html = make_rows([make_row("a"), make_row("b", 2)], is_toxicity=True, is_veiled=True)
    assert html.count("<td ") == 2 * html.count("<th ")


def test_models_stand_side_by_side() -> None:
    cells = {"one": [Cell("insult", 0.9, "block")], "two": [Cell("negative", 0.8, None)]}
    html = make_comparison(["you fool"], cells, {"one": "2 ms", "two": "1 ms"})
    assert "insult 0.90" in html
    assert "negative 0.80" in html
    assert "2 ms" in html
    assert "tt-veiled" in html
