"""The cut of words: character F1 as the shared task has it, and the cut that is best by it."""

from __future__ import annotations

import pytest

from toxic_tweets.text.offsets import Normalized
from toxic_tweets.train.word_threshold import ScoredTokens, character_f1, fit_word_threshold


@pytest.mark.parametrize(
    ("found", "marked", "expected"),
    [
        ((), (), 1.0),
        (((0, 1),), (), 0.0),
        ((), ((0, 1),), 0.0),
        (((0, 4),), ((0, 4),), 1.0),
        (((0, 4),), ((4, 8),), 0.0),
        (((0, 2), (4, 6)), ((4, 8),), 0.5),
    ],
)
def test_character_f1(
    found: tuple[tuple[int, int], ...], marked: tuple[tuple[int, int], ...], expected: float
) -> None:
    assert character_f1(found, marked) == pytest.approx(expected)


def _scored(scores: list[float]) -> ScoredTokens:
    text = "one two six"
    read = Normalized(text, len(text))
    return ScoredTokens(read, ((0, 3), (4, 7), (8, 11)), scores)


def test_words_side_by_side_are_one_place() -> None:
    scored = _scored([0.9, 0.6, 0.2])
    assert scored.find_places(0.5) == ((0, 7),)
    assert scored.find_places(0.7) == ((0, 3),)
    assert scored.find_places(0.95) == ()


def test_the_cut_with_the_best_mean_is_taken() -> None:
    scored = [_scored([0.9, 0.6, 0.2]), _scored([0.3, 0.55, 0.1]), _scored([0.4, 0.3, 0.45])]
    cut = fit_word_threshold(scored, [((0, 7),), ((4, 7),), ()])
    assert 0.45 < cut.threshold <= 0.55
    assert cut.char_f1 == 1.0
