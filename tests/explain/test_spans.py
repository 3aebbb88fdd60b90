"""Words, and the spans that flagged words make."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.explain.spans import (
    assign_tokens,
    find_words,
    join_neighbours,
    make_spans,
    map_to_original,
)
from toxic_tweets.prediction import Span
from toxic_tweets.text.offsets import Edit, Normalized

TEXTS = st.text(st.sampled_from("ab ,.!\n😀*_'好\u200d"), max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("you are kind", ["you", "are", "kind"]),
        ("Shut up, you 'idiot'!", ["Shut", "up", "you", "idiot"]),
        ("(really?) no...", ["really", "no"]),
        ("don't e-mail me", ["don't", "e-mail", "me"]),
        ("*idiot* and id***", ["idiot", "and", "id***"]),
        ("$$$ @$$ #tag", ["$$$", "@$$", "#tag"]),
        ("you 🖕 clown 🤡!", ["you", "🖕", "clown", "🤡"]),
        ("你是 好人", ["你", "是", "好", "人"]),
        (" \n\t... -- !!! ", []),
        ("", []),
    ],
)
def test_words_stand_between_spaces_and_punctuation(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in find_words(text)] == words


@given(TEXTS)
def test_words_are_sorted_disjoint_and_hold_no_space(text: str) -> None:
    words = find_words(text)
    assert all(before[1] <= after[0] for before, after in pairwise(words))
    assert all(start < end and not any(map(str.isspace, text[start:end])) for start, end in words)


def test_a_word_scores_what_its_highest_piece_does() -> None:
    text = "you idiot"
    offsets = [(0, 3), (4, 6), (6, 9)]
    assert make_spans(text, offsets, [0.1, 0.2, 0.8], 0.5) == (Span(4, 9, 0.8),)
    assert make_spans(text, offsets, [0.1, 0.2, 0.4], 0.5) == ()
    assert make_spans(text, offsets, [0.1, 0.2, 0.5], 0.5) == (Span(4, 9, 0.5),)


def test_neighbours_become_one_span() -> None:
    text = "you stupid idiot, damn  you"
    offsets = [(0, 3), (4, 10), (11, 16), (16, 17), (18, 22), (24, 27)]
    spans = make_spans(text, offsets, [0.0, 0.7, 0.9, 0.9, 0.6, 0.8], 0.5)
    assert [text[span.start : span.end] for span in spans] == ["stupid idiot", "damn", "you"]
    assert [span.weight for span in spans] == [0.9, 0.6, 0.8]


def test_nothing_is_marked_at_no_score() -> None:
    assert make_spans("you", [(0, 3)], [0.0], 0.0) == ()
    assert make_spans("", [], [], 0.5) == ()


@given(TEXTS, st.data())
def test_spans_are_sorted_disjoint_and_hold_whole_words(text: str, data: st.DataObject) -> None:
    offsets = [(place, place + 1) for place in range(len(text))]
    scores = data.draw(
        st.lists(st.floats(0, 1), min_size=len(text), max_size=len(text)), label="scores"
    )
    spans = make_spans(text, offsets, scores, 0.5)
    assert all(before.end < after.start for before, after in pairwise(spans)) or "好" in text
    words = find_words(text)
    assert {span.start for span in spans} <= {start for start, _ in words}
    assert {span.end for span in spans} <= {end for _, end in words}
    assert all(0.5 <= span.weight <= 1 for span in spans)
    if max(scores, default=0) < 0.5:
        assert spans == ()


def test_tokens_belong_to_the_words_they_touch() -> None:
    words = [(0, 3), (4, 9)]
    assert assign_tokens(words, [(0, 3), (3, 6), (6, 9), (9, 10)]) == [(0, 0), (1, 1), (1, 2)]
    assert assign_tokens(words, [(2, 5)]) == [(0, 0), (1, 0)]  # a token may reach over a gap
    assert assign_tokens([], [(0, 1)]) == []


def test_the_way_back_to_the_original() -> None:
    spaced = Normalized("an idiot", 12, ((Edit(3, 12, "idiot"),),))
    assert map_to_original(spaced, [Span(3, 8, 0.9)]) == (Span(3, 12, 0.9),)
    same = Normalized("an idiot", 8)
    assert map_to_original(same, [Span(3, 8, 0.9)]) == (Span(3, 8, 0.9),)


def test_two_words_of_one_sign_become_one_span() -> None:
    emoji = Normalized("middle finger", 1, ((Edit(0, 1, "middle finger"),),))
    assert map_to_original(emoji, [Span(0, 6, 0.6), Span(7, 13, 0.9)]) == (Span(0, 1, 0.9),)


def test_only_single_spaces_join() -> None:
    spans = [Span(0, 1, 0.5), Span(2, 3, 0.6), Span(4, 5, 0.7)]
    assert join_neighbours("a b-c", spans) == (Span(0, 3, 0.6), Span(4, 5, 0.7))
    assert join_neighbours("ab", [Span(0, 1, 0.5), Span(1, 2, 0.4)]) == (Span(0, 2, 0.5),)
