"""Explain by asking again: what each word scores alone, and what the text scores without it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.explain.explainer import Choose
from toxic_tweets.explain.spans import (
    Place,
    assign_tokens,
    find_words,
    join_neighbours,
    map_to_original,
)
from toxic_tweets.model.backend import Backend
from toxic_tweets.model.checkpoint import Checkpoint
from toxic_tweets.model.joining import join_windows
from toxic_tweets.prediction import Span
from toxic_tweets.reading import Reader, Reading, Tokens

# All in units of the logit of a calibrated score. Chosen on 300 rows of the train file of Toxic
# Spans with the checkpoint `small`; benchmarks/explain.py measures them on its trial rows.
_WEIGHT_OF_DROP = 2.5
_CUT = 2.0  # above the label's threshold
_WORTH_A_RUN = -4.0  # likewise: what scores less alone is not taken out of the text
# So many words at most, those that score the highest alone, are taken out of a window; 8 lose no
# F1. The second number is for a text in which no word is worth a run.
_MOST_WORDS = 12
_MOST_WORDS_OF_ANY = 60
_MAX_RUN_TOKENS = 2048
_EPSILON = 1e-9

Ids = tuple[int, ...]
Numbers = NDArray[np.float64]


class Occlusion:
    """Mark words by what they score alone and by what the text loses without them.

    The two say different things: a slur is one wherever it stands, and a mild word may be what
    turns a text. Only words that score something alone are taken out of the text, which saves nine
    runs in ten; where none of them explains a label that the text has, every word is.
    """

    def __init__(self, checkpoint: Checkpoint, backend: Backend, reader: Reader) -> None:
        self._checkpoint = checkpoint
        self._backend = backend
        self._reader = reader
        cuts = checkpoint.thresholds.best_f1
        self._thresholds = _to_logits(np.array([[cuts[label] for label in checkpoint.labels]]))

    def explain(self, reading: Reading, choose: Choose) -> Mapping[str, tuple[Span, ...]]:
        """Return the spans of each chosen label, in the original text."""
        text = reading.normalized.text
        tokens = self._reader.tokenize(reading)
        rows = [self._backend.run(np.array([self._cut(tokens, one)])) for one in tokens.windows]
        labels = choose(join_windows(rows, self._checkpoint.activation))
        words = _find_words(text, tokens)
        if not labels or not words:
            return dict.fromkeys(labels, ())
        columns = [self._checkpoint.labels.index(label) for label in labels]
        evidence = self._weigh(tokens, words, self._rate(np.concatenate(rows)), columns)
        numbers = {ids: number for number, ids in enumerate(_unique(words))}
        spans = {}
        for label, column in zip(labels, columns, strict=True):
            weights = _to_scores(evidence[:, column]).tolist()
            flagged = [
                Span(*word.place, weights[numbers[word.ids]])
                for word in words
                if weights[numbers[word.ids]] >= 0.5
            ]
            spans[label] = map_to_original(reading.normalized, join_neighbours(text, flagged))
        return spans

    def _weigh(
        self, tokens: Tokens, words: Sequence[_Word], windows: Numbers, columns: Sequence[int]
    ) -> Numbers:
        """Return the evidence (unique words, labels) for each word, from 0 on enough to mark it."""
        alone = self._rate_alone(_unique(words))
        own = alone[:, columns]
        drops = np.zeros_like(alone)
        # What is enough alone needs no run, and what says nothing alone hardly ever gains by one.
        is_worth_it = ((own >= _WORTH_A_RUN) & (own < _CUT)).any(axis=1)
        highest = windows[:, columns].max(axis=0)
        asked = (windows[:, columns] >= np.minimum(highest, _WORTH_A_RUN)).any(axis=1)
        rank = np.where(is_worth_it, own.max(axis=1), -np.inf)
        self._fill_drops(drops, tokens, words, windows, asked, rank, _MOST_WORDS)
        is_open = (highest >= 0) & (own + _WEIGHT_OF_DROP * drops[:, columns] < _CUT).all(axis=0)
        if is_open.any():
            asked = (windows[:, columns] == highest)[:, is_open].any(axis=1)
            rank = np.where(is_worth_it, -np.inf, own.max(axis=1))
            self._fill_drops(drops, tokens, words, windows, asked, rank, _MOST_WORDS_OF_ANY)
        return alone + _WEIGHT_OF_DROP * drops - _CUT

    def _rate_alone(self, unique: Sequence[Ids]) -> Numbers:
        """Return what each word is rated when it is all there is: (unique words, labels)."""
        room = self._checkpoint.max_tokens - len(self._reader.frame(()))
        numbers_by_length: dict[int, list[int]] = {}
        for number, ids in enumerate(unique):
            numbers_by_length.setdefault(min(len(ids), room), []).append(number)
        rated = np.empty((len(unique), len(self._checkpoint.labels)))
        for length, numbers in numbers_by_length.items():
            framed = [self._reader.frame(unique[number][:length]) for number in numbers]
            rated[numbers] = self._rate_rows(framed)
        return rated

    def _fill_drops(
        self,
        drops: Numbers,
        tokens: Tokens,
        words: Sequence[_Word],
        windows: Numbers,
        asked: NDArray[np.bool_],
        rank: Numbers,
        most: int,
    ) -> None:
        """Set how much lower the text is rated without each of some words.

        A word is masked in all its places at once: of two that say the same, one would do.

        Args:
            drops: what is set, (unique words, labels).
            tokens: the tokens of the text.
            words: its words.
            windows: how each window is rated, (windows, labels).
            asked: which windows to ask, (windows,).
            rank: which of the unique words come first; none with minus infinity is asked for.
            most: how many words are taken out of a window at most.
        """
        numbers = {ids: at for at, ids in enumerate(_unique(words)) if np.isfinite(rank[at])}
        stops = [word.tokens.stop for word in words]
        for at in np.flatnonzero(asked).tolist():
            window = tokens.windows[at]
            first = bisect_right(stops, window.start)
            places = _find_places(words, first, numbers, window)
            chosen = sorted(places, key=lambda number: -rank[number])[:most]
            rows = [self._mask(tokens, window, places[number]) for number in chosen]
            for number, without in zip(chosen, self._rate_rows(rows), strict=True):
                drops[number] = np.maximum(drops[number], windows[at] - without)

    def _rate_rows(self, rows: Sequence[Sequence[int]]) -> Numbers:
        """Return how rows of equal length are rated, in as few runs as fit in memory."""
        if not rows:
            return np.empty((0, len(self._checkpoint.labels)))
        size = max(_MAX_RUN_TOKENS // len(rows[0]), 1)
        starts = range(0, len(rows), size)
        logits = [
            self._backend.run(np.array(rows[at : at + size], dtype=np.int64)) for at in starts
        ]
        return self._rate(np.concatenate(logits))

    def _rate(self, logits: NDArray[np.float32]) -> Numbers:
        """Return how far over its threshold each label is, as a difference of logits of scores."""
        known = logits[:, : len(self._checkpoint.labels)]
        return _to_logits(self._checkpoint.calibration.apply(known)) - self._thresholds

    def _cut(self, tokens: Tokens, window: range) -> list[int]:
        return self._reader.frame(tokens.ids[window.start : window.stop])

    def _mask(self, tokens: Tokens, window: range, places: Sequence[int]) -> list[int]:
        """Return a window in which some tokens are masked."""
        ids = tokens.ids[window.start : window.stop]
        for place in places:
            ids[place - window.start] = self._reader.mask_id
        return self._reader.frame(ids)


@dataclass(frozen=True, slots=True)
class _Word:
    """Hold one word of a text.

    Attributes:
        place: its start and end in the normalised text.
        tokens: which tokens it holds.
        ids: their ids; the same word has the same ids in every place.
    """

    place: Place
    tokens: range
    ids: Ids


def _find_words(text: str, tokens: Tokens) -> list[_Word]:
    """Return the words that have tokens."""
    places = find_words(text)
    found: dict[int, list[int]] = {}
    for number, token in assign_tokens(places, tokens.char_offsets):
        found.setdefault(number, []).append(token)
    return [
        _Word(
            places[number],
            range(inner[0], inner[-1] + 1),
            tuple(tokens.ids[inner[0] : inner[-1] + 1]),
        )
        for number, inner in found.items()
    ]


def _unique(words: Sequence[_Word]) -> list[Ids]:
    return list(dict.fromkeys(word.ids for word in words))


def _find_places(
    words: Sequence[_Word], first: int, numbers: Mapping[Ids, int], window: range
) -> dict[int, list[int]]:
    """Return, by number of the word, which tokens of a window it holds.

    The first word that counts is the first that reaches into the window.
    """
    places: dict[int, list[int]] = {}
    for index in range(first, len(words)):
        word = words[index]
        if word.tokens.start >= window.stop:
            break
        if word.ids in numbers:
            inner = [place for place in word.tokens if place in window]
            places.setdefault(numbers[word.ids], []).extend(inner)
    return places


def _to_logits(scores: Numbers) -> Numbers:
    clipped = scores.clip(_EPSILON, 1 - _EPSILON)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _to_scores(logits: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-logits.clip(-60, 60))))
