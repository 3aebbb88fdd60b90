"""Interfaces of other packages, over our classifier: for programs that were written for them.

Detoxify: https://github.com/unitaryai/detoxify, of which no code is used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.classifier import load
from toxic_tweets.errors import CheckpointError, ToxicTweetsError
from toxic_tweets.labels import check_labels
from toxic_tweets.model.scales import WORDS, read_scales, read_words
from toxic_tweets.text.normalize import normalize

_ORIGINAL = {
    "toxicity": "toxic",
    "severe_toxicity": "severe_toxic",
    "obscene": "obscene",
    "threat": "threat",
    "insult": "insult",
    "identity_attack": "identity_hate",
}
_EXPLICIT = "sexual_explicit"
# The order in which each of its models names what it measures.
_UNBIASED = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "identity_attack",
    "insult",
    "threat",
    _EXPLICIT,
)
_CLASS_NAMES = {
    "original": tuple(_ORIGINAL),
    "original-small": tuple(_ORIGINAL),
    "unbiased": _UNBIASED,
    "unbiased-small": _UNBIASED,
}
_EXPLICIT_SCALE = "SEXUALLY_EXPLICIT"


class Detoxify:
    """Answer as `detoxify.Detoxify` does: the same names, the same shapes, other weights.

    Attributes:
        class_names: the keys of what `predict` returns, in order.
        device: always `cpu`.
    """

    def __init__(
        self,
        model_type: str = "original",
        checkpoint: str | Path | None = None,
        device: object = "cpu",
        huggingface_config_path: str | None = None,
    ) -> None:
        """Open the weights that ship with this package, whatever the type is called.

        Args:
            model_type: `original` or `unbiased`, each also with `-small`: which names are measured.
            checkpoint: a checkpoint for `toxic_tweets.load`; None is `small`. Detoxify's own
                `.ckpt` files are pickles and cannot be opened.
            device: `cpu`, as a str or a torch.device.
            huggingface_config_path: not used: nothing is fetched.

        Raises:
            CheckpointError: the checkpoint is none, or does not measure `sexual_explicit`.
            LabelError: the checkpoint lacks one of the six labels.
            ToxicTweetsError: there is no such type here, or the device is not the CPU.
        """
        self.class_names = _find_class_names(model_type)
        if str(device).partition(":")[0] != "cpu":
            raise ToxicTweetsError(
                f"device is {str(device)!r}, but these weights run on the CPU only. Leave it out."
            )
        self.device = "cpu"
        self._classifier = load("small" if checkpoint is None else checkpoint)
        check_labels(_ORIGINAL.values(), self._classifier.labels)
        facts = self._classifier.checkpoint
        self._explicit = read_scales(facts).get(_EXPLICIT_SCALE)
        self._words = read_words(facts)
        if _EXPLICIT in self.class_names and self._explicit is None:
            raise CheckpointError(
                f"{facts.id} does not measure {_EXPLICIT}, which model_type {model_type!r} has. "
                "Use 'original', or a checkpoint that does, such as small."
            )

    @overload
    def predict(self, text: str) -> dict[str, float]: ...
    @overload
    def predict(self, text: list[str] | tuple[str, ...]) -> dict[str, list[float]]: ...
    def predict(
        self, text: str | list[str] | tuple[str, ...]
    ) -> dict[str, float] | dict[str, list[float]]:
        """Return a score per name for one text, or a list of scores per name for several.

        The scores are those of `Classifier.predict`; `sexual_explicit` is on the scale of the
        Perspective API.

        Raises:
            TextError: this is neither a text nor a list of texts.
        """
        if isinstance(text, str):
            return {name: scores[0] for name, scores in self._score([text]).items()}
        return self._score(text)

    def _score(self, texts: Sequence[str]) -> dict[str, list[float]]:
        """Return the scores of each text, by name; one run of the graph serves them all."""
        logits = self._classifier.logits(texts)
        labels = self._classifier.labels
        calibrate = self._classifier.checkpoint.calibration.apply_one
        scores = list(map(calibrate, logits.tolist()))
        found = {
            name: [row[labels.index(label)] for row in scores] for name, label in _ORIGINAL.items()
        }
        if _EXPLICIT in self.class_names:
            found[_EXPLICIT] = self._score_explicit(texts, logits)
        return {name: found[name] for name in self.class_names}

    def _score_explicit(self, texts: Sequence[str], logits: NDArray[np.float32]) -> list[float]:
        if self._explicit is None:
            return []
        outputs, measured = self._classifier.checkpoint.outputs, logits
        if self._words is not None:
            sums = [self._words.weigh(normalize(text).text) for text in texts]
            outputs, measured = (*outputs, WORDS), np.column_stack([logits, sums])
        return self._explicit.apply(measured, outputs)


def _find_class_names(model_type: str) -> tuple[str, ...]:
    if model_type in _CLASS_NAMES:
        return _CLASS_NAMES[model_type]
    known = ", ".join(_CLASS_NAMES)
    why = ": these weights read English only" if model_type == "multilingual" else ""
    raise ToxicTweetsError(
        f"model_type is {model_type!r}, which does not exist here{why}. Use one of {known}."
    )
