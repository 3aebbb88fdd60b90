"""The product in one object: texts in, predictions out."""

from __future__ import annotations

import copy
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from toxic_tweets.errors import CheckpointError, TextError, ToxicTweetsError
from toxic_tweets.model.backend import Backend
from toxic_tweets.model.calibration import Activation
from toxic_tweets.model.checkpoint import (
    MODEL_FILE,
    TOKENIZER_FILE,
    Checkpoint,
    check_files,
    find_checkpoint,
    is_checkpoint,
    read_checkpoint,
)
from toxic_tweets.model.schedule import run_in_order
from toxic_tweets.model.tokenizer import find_special_tokens, open_tokenizer
from toxic_tweets.policy import Policy, Thresholds, find_policy
from toxic_tweets.prediction import ByLabel, Prediction
from toxic_tweets.text.normalize import replace_surrogates
from toxic_tweets.text.windows import make_windows, split_pieces

# More Python threads than this wait for the GIL more than they work.
_MAX_THREADS = 32


def load(
    checkpoint: str | Path = "small",
    *,
    policy: Policy | str | None = None,
    threads: int | None = None,
    revision: str | None = None,
) -> Classifier:
    """Open a checkpoint, ready to score texts.

    Args:
        checkpoint: an embedded name, else the path of a folder, else a hub id `owner/name`. The
            folder may also be any Hugging Face sequence-classification one with safetensors
            weights, which needs the extra `train`.
        policy: what counts and from which score on; a `Policy`, the name of a preset, or None for
            `balanced`.
        threads: how many windows are run at once; None means one per core that this process may
            use.
        revision: branch, tag or commit, for a hub id only.

    Raises:
        CheckpointError: it is none of these, or is not whole.
        HubError: the Hub does not give it.
        LabelError: the policy names a label that the checkpoint lacks.
        MissingExtraError: the folder is a Hugging Face one and torch is not installed.
        PolicyError: no preset has that name.
    """
    chosen = find_policy(policy)
    folder = find_checkpoint(checkpoint, revision)
    if not is_checkpoint(folder):
        from toxic_tweets.model.torch_backend import open_hf_folder

        opened = open_hf_folder(folder)
        # torch brings its own threads: more around them would only get in each other's way.
        return Classifier(opened.checkpoint, opened.backend, opened.tokenizer, chosen, threads or 1)
    from toxic_tweets.model.onnx_backend import OnnxBackend

    facts = read_checkpoint(folder)
    check_files(facts)
    tokenizer = open_tokenizer(folder / TOKENIZER_FILE)
    return Classifier(facts, OnnxBackend(folder / MODEL_FILE), tokenizer, chosen, threads)


@dataclass(frozen=True, slots=True)
class _Joined:
    """Hold the logits of one text, joined over its windows: (1, outputs)."""

    logits: NDArray[np.float32]
    windows: int


class Classifier:
    """Score texts; safe to share between threads.

    A score depends on its text alone, bit for bit: every window is a run of its own, whatever
    stands before or after it. A text longer than a window is cut into overlapping ones, whose
    logits are joined: the highest per label, or their mean where exactly one label fits.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        backend: Backend,
        tokenizer: Tokenizer,
        policy: Policy | str | None = None,
        threads: int | None = None,
    ) -> None:
        """Put the parts together; `load` does that for a checkpoint on disk.

        Args:
            checkpoint: labels, calibration, thresholds and window size.
            backend: what runs the weights.
            tokenizer: without truncation and padding.
            policy: see `load`.
            threads: see `load`.

        Raises:
            CheckpointError: the parts do not fit each other.
            LabelError: the policy names a label that the checkpoint lacks.
        """
        if backend.n_outputs != len(checkpoint.outputs):
            raise CheckpointError(
                f"{checkpoint.id} names {len(checkpoint.outputs)} outputs but its graph gives "
                f"{backend.n_outputs} logits. Re-export the checkpoint."
            )
        if threads is not None and threads < 1:
            raise ToxicTweetsError(f"threads is {threads}, but must be at least 1, or None.")
        self.checkpoint = checkpoint
        self.threads = threads or min(_usable_cores(), _MAX_THREADS)
        self.policy = find_policy(policy)
        self.policy.check_labels(checkpoint.labels)
        self._backend = backend
        self._tokenizer = tokenizer
        self._special = find_special_tokens(tokenizer)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the names of the scores, in order."""
        return self.checkpoint.labels

    @property
    def activation(self) -> Activation:
        """Return `sigmoid` when labels are independent, `softmax` when exactly one fits."""
        return self.checkpoint.activation

    @property
    def thresholds(self) -> Thresholds:
        """Return the cuts that were fitted for the checkpoint."""
        return self.checkpoint.thresholds

    def __repr__(self) -> str:
        return f"Classifier({self.checkpoint.id!r}, policy={self.policy.name!r})"

    def with_policy(self, policy: Policy | str | None) -> Classifier:
        """Return a classifier with another policy over the same weights, at no cost.

        Raises:
            LabelError: the policy names a label that the checkpoint lacks.
            PolicyError: no preset has that name.
        """
        chosen = find_policy(policy)
        chosen.check_labels(self.labels)
        other = copy.copy(self)
        other.policy = chosen
        return other

    def predict(self, texts: Iterable[str]) -> list[Prediction]:
        """Return one prediction per text, in order.

        Raises:
            TextError: this is not a list of texts, or one of them is not a text.
        """
        return list(self._predict(_check_all(texts)))

    def predict_one(self, text: str) -> Prediction:
        """Return the prediction of one text.

        Raises:
            TextError: this is not a text.
        """
        if not isinstance(text, str):
            raise TextError(f"A text must be a str, but this is of type {type(text).__name__}.")
        return next(self._predict([text]))

    def predict_iter(self, texts: Iterable[str]) -> Iterator[Prediction]:
        """Yield one prediction per text, in order, in bounded memory.

        Texts are pulled a bounded number ahead of the predictions, so that files larger than memory
        and endless streams can be scored.

        Raises:
            TextError: this is not an iterable of texts. An item that is not a text raises it when
                its turn comes, after the predictions of all texts before it.
        """
        _check_iterable(texts)
        return self._predict(texts)

    def score_array(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return the scores (texts, labels), the same numbers that predictions hold.

        Raises:
            TextError: this is not a list of texts, or one of them is not a text.
        """
        rows = [self._scores(joined) for joined in self._join(_check_all(texts))]
        return np.concatenate(rows) if rows else np.empty((0, len(self.labels)))

    def logits(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Return the raw outputs (texts, outputs), joined over windows, optional parts included.

        Raises:
            TextError: this is not a list of texts, or one of them is not a text.
        """
        rows = [joined.logits for joined in self._join(_check_all(texts))]
        empty = np.empty((0, len(self.checkpoint.outputs)), dtype=np.float32)
        return np.concatenate(rows) if rows else empty

    def _predict(self, texts: Iterable[str]) -> Generator[Prediction, None, None]:
        with closing(self._join(texts)) as stream:
            for joined in stream:
                scores = ByLabel(zip(self.labels, self._scores(joined)[0].tolist(), strict=True))
                if self.activation == "softmax":  # one label always fits: nothing to flag
                    yield Prediction(scores, (), "allow", joined.windows, self.checkpoint.id)
                    continue
                flagged, verdict = self.policy.judge(scores, self.thresholds)
                yield Prediction(scores, flagged, verdict, joined.windows, self.checkpoint.id)

    def _scores(self, joined: _Joined) -> NDArray[np.float64]:
        """Return the scores (1, labels) of one text.

        One text at a time: vector instructions may round the last rows of a block differently.
        """
        return self.checkpoint.calibration.apply(joined.logits[:, : len(self.labels)])

    def _join(self, texts: Iterable[str]) -> Generator[_Joined, None, None]:
        """Yield the joined logits of each text."""
        n_windows: deque[int] = deque()
        windows = self._windows(texts, n_windows)
        rows: list[NDArray[np.float32]] = []
        with closing(run_in_order(self._backend.run, windows, self.threads)) as results:
            for logits in results:
                rows.append(logits)
                if len(rows) < n_windows[0]:
                    continue
                n_windows.popleft()
                yield _Joined(_join_rows(rows, self.activation), len(rows))
                rows = []

    def _windows(self, texts: Iterable[str], n_windows: deque[int]) -> Iterator[NDArray[np.int64]]:
        """Yield the windows (1, tokens) of all texts, noting how many each text has."""
        for index, text in enumerate(texts):
            _check_text(text, index)
            windows = make_windows(
                self._encode(text),
                self.checkpoint.max_tokens,
                self.checkpoint.overlap_tokens,
                self._special.prefix,
                self._special.suffix,
            )
            n_windows.append(len(windows))
            for window in windows:
                yield np.array([window], dtype=np.int64)

    def _encode(self, text: str) -> list[int]:
        """Return the token ids of a text, without special tokens."""
        ids: list[int] = []
        for piece in split_pieces(replace_surrogates(text)):
            ids += self._tokenizer.encode(piece, add_special_tokens=False).ids
        return ids


def _join_rows(rows: list[NDArray[np.float32]], activation: Activation) -> NDArray[np.float32]:
    if len(rows) == 1:
        return rows[0]
    windows = np.concatenate(rows)
    if activation == "softmax":
        means = windows.mean(axis=0, keepdims=True, dtype=np.float64)
        return np.asarray(means, dtype=np.float32)
    # Calibration is strictly monotone, so the highest logit is the highest score.
    return np.asarray(windows.max(axis=0, keepdims=True))


def _usable_cores() -> int:
    """Return how many cores this process may use, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_iterable(texts: object) -> None:
    if isinstance(texts, str):
        raise TextError("predict takes a list of texts, but got one str. Use predict_one for it.")
    if isinstance(texts, (bytes, Mapping)) or not isinstance(texts, Iterable):
        raise TextError(f"A list of str is needed, but this is of type {type(texts).__name__}.")


def _check_text(text: object, index: int) -> None:
    if not isinstance(text, str):
        raise TextError(
            f"Every text must be a str, but the one at index {index} is of type "
            f"{type(text).__name__}. Convert it or leave it out.",
            index,
        )


def _check_all(texts: Iterable[str]) -> list[str]:
    """Return the texts as a list, checked before the first is scored."""
    _check_iterable(texts)
    listed = list(texts)
    for index, text in enumerate(listed):
        _check_text(text, index)
    return listed
