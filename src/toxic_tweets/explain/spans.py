"""Words of a text, and the spans that flagged words make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from toxic_tweets.prediction import Span
from toxic_tweets.text.offsets import Normalized

Place = tuple[int, int]
"""Start and end of a word in a text, end exclusive."""

# Scripts that write no spaces: each sign is a word of its own, as BERT's tokenizers have it.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_QUOTES = "\"'`´‘’‚“”„«»‹›"
_AROUND = ".,;:!?…·|/\\()[]{}<>¡¿。、，！？—–-" + _QUOTES
# Emphasis stands on both sides; at the end alone these signs hide letters: `id***`.
_EMPHASIS = "*_~"


def find_words(text: str) -> list[Place]:
    """Return the words of a text: what stands between spaces, without the punctuation around it.

    A word may hold any sign inside, and an emoji is one; punctuation alone is none.
    """
    places = (_trim(text, *found.span()) for found in _WORD.finditer(text))
    return [place for place in places if place is not None]


def make_spans(
    text: str,
    char_offsets: Sequence[Place],
    token_scores: Sequence[float],
    threshold: float,
) -> tuple[Span, ...]:
    """Return the words whose scores reach the threshold, as spans of the text.

    A word scores what the highest of its tokens does. Flagged words with a single space between
    them become one span, which weighs what the highest of them does.

    Args:
        text: what was tokenised.
        char_offsets: start and end of each token in it.
        token_scores: score in [0, 1] of each token.
        threshold: the score from which a word is flagged.
    """
    words = find_words(text)
    scores = [0.0] * len(words)
    for word, token in assign_tokens(words, char_offsets):
        scores[word] = max(scores[word], float(token_scores[token]))
    flagged = [
        Span(*place, score)
        for place, score in zip(words, scores, strict=True)
        if score >= threshold and score > 0
    ]
    return join_neighbours(text, flagged)


def assign_tokens(words: Sequence[Place], char_offsets: Sequence[Place]) -> list[Place]:
    """Return pairs (number of the word, number of the token) that share a sign of the text.

    Both lists are sorted by their starts, so this takes linear time.
    """
    pairs: list[Place] = []
    first = 0
    for token, (start, end) in enumerate(char_offsets):
        while first < len(words) and words[first][1] <= start:
            first += 1
        word = first
        while word < len(words) and words[word][0] < end:
            pairs.append((word, token))
            word += 1
    return pairs


def join_neighbours(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join sorted spans that touch or have a single space between them."""
    joined: list[Span] = []
    for span in spans:
        if joined and text[joined[-1].end : span.start] in ("", " "):
            before = joined.pop()
            span = Span(before.start, span.end, max(before.weight, span.weight))
        joined.append(span)
    return tuple(joined)


def map_to_original(normalized: Normalized, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans of the normalised text as spans of the original one.

    Two words may come from the same signs of the original: their spans become one.
    """
    places = sorted(
        (Span(*normalized.to_original(span.start, span.end), span.weight) for span in spans),
        key=lambda span: span.start,
    )
    if all(before.end <= after.start for before, after in pairwise(places)):
        return tuple(span for span in places if span.start < span.end)
    joined: list[Span] = []
    for span in places:
        if joined and span.start < joined[-1].end:
            before = joined.pop()
            end, weight = max(before.end, span.end), max(before.weight, span.weight)
            span = Span(before.start, end, weight)
        joined.append(span)
    return tuple(span for span in joined if span.start < span.end)


def _trim(text: str, start: int, end: int) -> Place | None:
    """Return a run of signs without the punctuation around it, None if nothing is left."""
    is_emphasised = False
    while start < end and (text[start] in _AROUND or text[start] in _EMPHASIS):
        is_emphasised = is_emphasised or text[start] in _EMPHASIS
        start += 1
    while start < end and (
        text[end - 1] in _AROUND or (is_emphasised and text[end - 1] in _EMPHASIS)
    ):
        end -= 1
    return (start, end) if start < end else None
