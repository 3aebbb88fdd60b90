"""From which token score on a word is toxic: the cut that finds the places people marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from toxic_tweets.data.dataset import Places
from toxic_tweets.explain.spans import make_spans, map_to_original
from toxic_tweets.explain.token_head import score_tokens
from toxic_tweets.model.checkpoint import TOKENIZER_FILE, Checkpoint
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.model.tokenizer import open_tokenizer
from toxic_tweets.reading import Reader
from toxic_tweets.text.offsets import Normalized

# F1 is flat around its best, so a finer grid would only follow chance.
_CUTS = np.round(np.arange(0.05, 0.96, 0.01), 2)


@dataclass(frozen=True, slots=True)
class WordThreshold:
    """A cut on the score of a word, and the character F1 on the texts that it was fit on."""

    threshold: float
    char_f1: float


@dataclass(frozen=True, slots=True)
class ScoredTokens:
    """One text as its tokens were scored: `offsets` point into what the tokenizer saw."""

    read: Normalized
    offsets: tuple[tuple[int, int], ...]
    scores: Sequence[float]

    def find_places(self, threshold: float) -> Places:
        """Give the places of the original text that are toxic at a threshold."""
        spans = make_spans(self.read.text, self.offsets, self.scores, threshold)
        return tuple((span.start, span.end) for span in map_to_original(self.read, spans))


def score_texts(
    backend: OnnxBackend, checkpoint: Checkpoint, texts: Iterable[str]
) -> list[ScoredTokens]:
    """Score every token of some texts; of one in two windows, the higher score counts."""
    reader = Reader(checkpoint, open_tokenizer(checkpoint.folder / TOKENIZER_FILE))
    return [_score_text(backend, reader, text) for text in texts]


def _score_text(backend: OnnxBackend, reader: Reader, text: str) -> ScoredTokens:
    reading = reader.read(text)
    tokens = reader.tokenize(reading)
    _, scores = score_tokens(backend, reader, tokens)
    return ScoredTokens(reading.normalized, tuple(tokens.char_offsets), scores)


def fit_word_threshold(scored: Sequence[ScoredTokens], places: Sequence[Places]) -> WordThreshold:
    """Choose the cut with the best mean character F1.

    Args:
        scored: the texts with a score for each token.
        places: of each text, the places that people marked.
    """
    means = [
        float(
            np.mean(
                [
                    character_f1(one.find_places(cut), marked)
                    for one, marked in zip(scored, places, strict=True)
                ]
            )
        )
        for cut in _CUTS.tolist()
    ]
    best = int(np.argmax(means))
    return WordThreshold(float(_CUTS[best]), means[best])


def character_f1(found: Places, marked: Places) -> float:
    """Compare places by the characters in them.

    Where nothing is marked, it is 1 if nothing was found, else 0.

    Source: SemEval-2021 Task 5, Pavlopoulos et al. 2021; the measure of Da San Martino et al. 2019.
    """
    if not found or not marked:
        return float(not found and not marked)
    one = {place for start, end in found for place in range(start, end)}
    other = {place for start, end in marked for place in range(start, end)}
    return 2 * len(one & other) / (len(one) + len(other))
