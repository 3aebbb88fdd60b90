"""Explain by the checkpoint's token head: the pass that scores a text marks its tokens too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import CheckpointError
from toxic_tweets.explain.explainer import Choose
from toxic_tweets.explain.spans import Place, assign_tokens, make_spans, map_to_original
from toxic_tweets.model.backend import Backend
from toxic_tweets.model.checkpoint import Checkpoint
from toxic_tweets.model.joining import join_windows
from toxic_tweets.prediction import Span
from toxic_tweets.reading import Reader, Reading, Tokens

PART = "token_head"
# Which of several spans caused a label is asked in one run of about so many tokens, twice those of
# a text of 30 words, so that the whole explanation costs less than four times its score.
_RUN_TOKENS = 64
_MIN_CONTEXT = 6
_MAX_RUN_TOKENS = 2048


@runtime_checkable
class TokenBackend(Backend, Protocol):
    """Run a model that also says of each token whether it makes the text toxic.

    Attributes:
        has_tokens: whether this one does.
    """

    has_tokens: bool

    def run_tokens(
        self, input_ids: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return logits (texts, outputs) and token logits (texts, tokens) for token ids."""
        ...


@dataclass(frozen=True, slots=True)
class FoundHead:
    """Hold what explaining by a token head needs.

    Attributes:
        backend: what runs it.
        threshold: the score of a word, in [0, 1], from which it is marked.
    """

    backend: TokenBackend
    threshold: float


def find_token_head(checkpoint: Checkpoint, backend: Backend) -> FoundHead | None:
    """Return the token head of a checkpoint, None if it has none.

    Raises:
        CheckpointError: its threshold is missing or is not a score.
    """
    if not isinstance(backend, TokenBackend) or not backend.has_tokens:
        return None
    part = checkpoint.parts.get(PART)
    threshold = part.get("threshold") if isinstance(part, Mapping) else None
    if isinstance(threshold, (int, float)) and 0 <= threshold <= 1:
        return FoundHead(backend, float(threshold))
    raise CheckpointError(
        f"{checkpoint.id}: parts.{PART}.threshold is {threshold!r}, but must be a number in "
        "[0, 1], since the graph gives token_logits. Re-export the checkpoint."
    )


def score_tokens(
    backend: TokenBackend, reader: Reader, tokens: Tokens
) -> tuple[list[NDArray[np.float32]], list[float]]:
    """Return the logits (1, outputs) of each window and the score of each token.

    Where windows overlap, the higher score of a token counts.
    """
    rows = []
    scores = np.zeros(len(tokens.ids))
    for places in tokens.windows:
        window = slice(places.start, places.stop)
        ids = np.array([reader.frame(tokens.ids[window])], dtype=np.int64)
        logits, token_logits = backend.run_tokens(ids)
        rows.append(logits)
        inner = token_logits[0, reader.n_before : reader.n_before + len(places)].astype(np.float64)
        scores[window] = np.maximum(scores[window], 1 / (1 + np.exp(-inner.clip(-60, 60))))
    return rows, scores.tolist()


class TokenHead:
    """Mark the words whose tokens the head marks.

    The head knows what makes a text toxic. For any other label its spans are kept where they
    cause that label too.
    """

    def __init__(
        self, checkpoint: Checkpoint, backend: TokenBackend, reader: Reader, threshold: float
    ) -> None:
        self._checkpoint = checkpoint
        self._backend = backend
        self._reader = reader
        self._threshold = threshold

    def explain(self, reading: Reading, choose: Choose) -> Mapping[str, tuple[Span, ...]]:
        """Return the spans of each chosen label, in the original text."""
        text = reading.normalized.text
        tokens = self._reader.tokenize(reading)
        rows, scores = score_tokens(self._backend, self._reader, tokens)
        labels = choose(join_windows(rows, self._checkpoint.activation))
        spans = make_spans(text, tokens.char_offsets, scores, self._threshold) if labels else ()
        typed = [label for label in labels if label != "toxic"]
        kept = dict.fromkeys(labels, spans)
        if typed and len(spans) > 1:
            kept |= self._keep_causes(tokens, spans, typed)
        return {label: map_to_original(reading.normalized, kept[label]) for label in labels}

    def _keep_causes(
        self, tokens: Tokens, spans: tuple[Span, ...], labels: Sequence[str]
    ) -> dict[str, tuple[Span, ...]]:
        """Return, per label, the spans that cause it without the help of the others.

        Each span is scored with the tokens around it, the other spans masked. It is kept for a
        label that it flags so, or that no other span makes more likely.
        """
        places = _find_tokens(tokens.char_offsets, spans)
        hidden = {place for one in places for place in one}
        mask = self._reader.mask_id
        masked = [mask if place in hidden else id_ for place, id_ in enumerate(tokens.ids)]
        context = max(_RUN_TOKENS // len(places), _MIN_CONTEXT)
        pieces = [_cut_around(tokens.ids, masked, one, context) for one in places]
        scores = self._score(list(dict.fromkeys(pieces)))
        kept = {}
        for label in labels:
            column = self._checkpoint.labels.index(label)
            highest = max(row[column] for row in scores.values())
            threshold = min(self._checkpoint.thresholds.best_f1[label], highest)
            pairs = zip(spans, pieces, strict=True)
            kept[label] = tuple(x for x, piece in pairs if scores[piece][column] >= threshold)
        return kept

    def _score(self, pieces: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], list[float]]:
        """Return the scores of pieces of equal length, all in as few runs as fit in memory."""
        ids = np.array([self._reader.frame(piece) for piece in pieces], dtype=np.int64)
        size = max(_MAX_RUN_TOKENS // ids.shape[1], 1)
        logits = [self._backend.run(ids[at : at + size]) for at in range(0, len(ids), size)]
        known = np.concatenate(logits)[:, : len(self._checkpoint.labels)]
        scores = self._checkpoint.calibration.apply(known).tolist()
        return dict(zip(pieces, scores, strict=True))


def _find_tokens(char_offsets: Sequence[Place], spans: Sequence[Span]) -> list[range]:
    """Return which tokens each span holds, at least one."""
    found: dict[int, list[int]] = {}
    places = [(span.start, span.end) for span in spans]
    for number, token in assign_tokens(places, char_offsets):
        found.setdefault(number, []).append(token)
    return [range(found[number][0], found[number][-1] + 1) for number in range(len(spans))]


def _cut_around(ids: list[int], masked: list[int], own: range, size: int) -> tuple[int, ...]:
    """Return so many tokens with a span in their middle, its own as they are, others masked."""
    start = max(own.start - max(size - len(own), 0) // 2, 0)
    stop = min(start + size, len(ids))
    start = max(stop - size, 0)
    inner = range(max(own.start, start), min(own.stop, stop))
    return (
        *masked[start : inner.start],
        *ids[inner.start : inner.stop],
        *masked[inner.stop : stop],
    )
