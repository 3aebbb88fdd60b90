"""What every way of explaining can do, and which one a checkpoint gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.model.backend import Backend
from toxic_tweets.model.checkpoint import Checkpoint
from toxic_tweets.prediction import Span
from toxic_tweets.reading import Reader, Reading

Choose = Callable[[NDArray[np.float32]], Sequence[str]]
"""Say which labels to explain, from the logits (1, outputs) of the text."""


class Explainer(Protocol):
    """Find the pieces of a text that caused a label."""

    def explain(self, reading: Reading, choose: Choose) -> Mapping[str, tuple[Span, ...]]:
        """Return the spans of each chosen label, in the original text, sorted and disjoint.

        Must be safe to call from several threads at once.
        """
        ...


def make_explainer(checkpoint: Checkpoint, backend: Backend, reader: Reader) -> Explainer:
    """Return the token head if the checkpoint has one, else occlusion, which any can do."""
    from toxic_tweets.explain.token_head import TokenHead, find_token_head
    from toxic_tweets.model.cascade import CascadeBackend

    if isinstance(backend, CascadeBackend):
        backend = backend.last
    head = find_token_head(checkpoint, backend)
    if head is not None:
        return TokenHead(checkpoint, head.backend, reader, head.threshold)
    from toxic_tweets.explain.occlusion import Occlusion

    return Occlusion(checkpoint, backend, reader)
