"""The product in one object: texts in, predictions out."""

from __future__ import annotations

import copy
import dataclasses
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from toxic_tweets.errors import CheckpointError, TextError, ToxicTweetsError
from toxic_tweets.explain.explainer import make_explainer
from toxic_tweets.labels import check_labels
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
from toxic_tweets.model.joining import join_windows
from toxic_tweets.model.schedule import count_cores, run_in_order, take_blocks
from toxic_tweets.model.tokenizer import open_tokenizer
from toxic_tweets.policy import Policy, Thresholds, find_policy
from toxic_tweets.prediction import ByLabel, Prediction, Span
from toxic_tweets.reading import Reader, Reading, TextLanguage

# A label whose score is under this part of its threshold has no spans. On Toxic Spans a higher part
# costs character F1 (0.2: one point, 1: five), and a lower one marks words of innocent texts.
_NEAR = 0.05

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
        threads: how many windows are run side by side; None means one per core that this process
            may use. `tiny` takes one: it runs several texts at once instead.
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
    facts = read_checkpoint(folder)
    check_files(facts)
    if facts.stages:
        from toxic_tweets.model.cascade import open_cascade

        cascade = open_cascade(facts)
        return Classifier(facts, cascade.backend, cascade.tokenizer, chosen, threads)
    from toxic_tweets.model.onnx_backend import OnnxBackend

    tokenizer = open_tokenizer(folder / TOKENIZER_FILE)
    return Classifier(facts, OnnxBackend(folder / MODEL_FILE), tokenizer, chosen, threads)


@dataclass(frozen=True, slots=True)
class _Joined:
    """Hold one text and its logits, joined over its windows: (1, outputs)."""

    reading: Reading
    logits: NDArray[np.float32]
    windows: int


@dataclass(slots=True)
class _Started:
    """Hold a text whose windows are on their way."""

    reading: Reading
    n_windows: int


class Classifier:
    """Score texts, and say which words did it; safe to share between threads.

    A score depends on its text, and on what the policy's lists allow in it, alone, bit for bit,
    whatever stands before or after it. A text longer than a
    window is cut into overlapping ones, whose logits are joined: the highest per label, or their
    mean where exactly one label fits.
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
            PolicyError: a list of the policy holds a malformed pattern.
        """
        if backend.n_outputs != len(checkpoint.outputs):
            raise CheckpointError(
                f"{checkpoint.id} names {len(checkpoint.outputs)} outputs but its graph gives "
                f"{backend.n_outputs} logits. Re-export the checkpoint."
            )
        if threads is not None and threads < 1:
            raise ToxicTweetsError(f"threads is {threads}, but must be at least 1, or None.")
        self.checkpoint = checkpoint
        self.threads = threads or min(count_cores(), _MAX_THREADS)
        self.policy = find_policy(policy)
        self.policy.check_labels(checkpoint.labels)
        self._backend = backend
        self._reader = Reader(checkpoint, tokenizer, self.policy.lists)
        self._explainer = make_explainer(checkpoint, backend, self._reader)

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
        """Return a classifier with another policy over the same weights, at hardly any cost.

        Raises:
            LabelError: the policy names a label that the checkpoint lacks.
            PolicyError: no preset has that name, or a list holds a malformed pattern.
        """
        chosen = find_policy(policy)
        chosen.check_labels(self.labels)
        other = copy.copy(self)
        other.policy = chosen
        if chosen.lists != self.policy.lists:
            other._reader = self._reader.with_lists(chosen.lists)
        return other

    def predict(self, texts: Iterable[str], explain: bool = False) -> list[Prediction]:
        """Return one prediction per text, in order.

        Args:
            texts: the texts.
            explain: also say which pieces caused each flagged label, in `Prediction.spans`.

        Raises:
            TextError: this is not a list of texts, or one of them is not a text.
        """
        return list(self._predict(_check_all(texts), explain))

    def predict_one(self, text: str, explain: bool = False) -> Prediction:
        """Return the prediction of one text; `explain` is that of `predict`.

        Raises:
            TextError: this is not a text.
        """
        _check_one(text)
        return next(self._predict([text], explain))

    def explain(self, text: str, label: str | None = None) -> tuple[Span, ...]:
        """Return the pieces of a text that cause a label: sorted, disjoint, possibly none.

        The words themselves are judged: a text under a label's threshold can have spans, unless
        its score is under a twentieth of it, and a flagged text, which says it all between the
        lines, may have none.

        Args:
            text: the text that the spans point into.
            label: which label; None is `toxic`, and the one with the highest score for a checkpoint
                that has no such label.

        Raises:
            LabelError: the checkpoint has no such label.
            TextError: this is not a text.
        """
        _check_one(text)
        check_labels([] if label is None else [label], self.labels)

        def choose(logits: NDArray[np.float32]) -> tuple[str, ...]:
            return self._choose_label(logits, label)

        found = self._explainer.explain(self._reader.read(text), choose)
        return next(iter(found.values()), ())

    def predict_iter(self, texts: Iterable[str], explain: bool = False) -> Iterator[Prediction]:
        """Yield one prediction per text, in order, in bounded memory.

        Texts are pulled a bounded number ahead of the predictions, so that files larger than memory
        and endless streams can be scored.

        Args:
            texts: the texts.
            explain: see `predict`.

        Raises:
            TextError: this is not an iterable of texts. An item that is not a text raises it when
                its turn comes, after the predictions of all texts before it.
        """
        _check_iterable(texts)
        return self._predict(texts, explain)

    def score_array(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return the scores (texts, labels), the same numbers that predictions hold.

        Raises:
            TextError: this is not a list of texts, or one of them is not a text.
        """
        rows = [self._score(joined.logits) for joined in self._join(_check_all(texts))]
        return np.array(rows) if rows else np.empty((0, len(self.labels)))

    def logits(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Return the raw outputs (texts, outputs), joined over windows, optional parts included.

        Raises:
            TextError: this is not a list of texts, or one of them is not a text.
        """
        rows = [joined.logits for joined in self._join(_check_all(texts))]
        empty = np.empty((0, len(self.checkpoint.outputs)), dtype=np.float32)
        return np.concatenate(rows) if rows else empty

    def _predict(self, texts: Iterable[str], explain: bool) -> Generator[Prediction, None, None]:
        work = self._explain_all if explain else self._judge_all
        threads = self.threads if explain else 1
        with (
            closing(self._join(texts)) as stream,
            closing(run_in_order(work, stream, threads)) as predictions,
        ):
            yield from predictions

    def _judge_all(self, block: Sequence[_Joined]) -> list[Prediction]:
        languages = [self._reader.find_language(joined.reading) for joined in block]
        return list(map(self._judge, block, languages))

    def _explain_all(self, block: Sequence[_Joined]) -> list[Prediction]:
        return list(map(self._explain, block))

    def _judge(self, joined: _Joined, language: TextLanguage) -> Prediction:
        scores = ByLabel(zip(self.labels, self._score(joined.logits), strict=True))
        matches = joined.reading.matches
        # Where exactly one label fits, one always does: none is flagged, but lists still count.
        flagged, verdict = self.policy.judge(
            {} if self.activation == "softmax" else scores,
            self.thresholds,
            matches,
            language.is_supported,
        )
        return Prediction(
            scores=scores,
            flagged=flagged,
            verdict=verdict,
            windows=joined.windows,
            checkpoint=self.checkpoint.id,
            language=language.code,
            language_supported=language.is_supported,
            matches=matches,
        )

    def _explain(self, joined: _Joined) -> Prediction:
        """Return the prediction with the spans of its flagged labels, or of its top one."""
        prediction = self._judge(joined, self._reader.find_language(joined.reading))
        labels = prediction.flagged
        if self.activation == "softmax":
            labels = (prediction.top.label,)
        found = self._explainer.explain(joined.reading, lambda _: labels) if labels else {}
        return dataclasses.replace(prediction, spans=found)

    def _choose_label(self, logits: NDArray[np.float32], label: str | None) -> tuple[str, ...]:
        """Return which label to explain, none if the text is nowhere near it."""
        scores = dict(zip(self.labels, self._score(logits), strict=True))
        if label is None:
            label = "toxic" if "toxic" in scores else max(scores, key=scores.__getitem__)
        is_near = scores[label] >= _NEAR * self.thresholds.best_f1[label]
        return (label,) if is_near else ()

    def _score(self, logits: NDArray[np.float32]) -> list[float]:
        """Return the score per label of one text, given its logits (1, outputs)."""
        return self.checkpoint.calibration.apply_one(logits[0].tolist())

    def _join(self, texts: Iterable[str]) -> Generator[_Joined, None, None]:
        """Yield the joined logits of each text."""
        started: deque[_Started] = deque()
        windows = self._windows(texts, started)
        rows: list[NDArray[np.float32]] = []
        threads = 1 if self._backend.takes_many else self.threads
        with closing(run_in_order(self._backend.run_each, windows, threads)) as results:
            for logits in results:
                rows.append(logits)
                if len(rows) < started[0].n_windows:
                    continue
                reading = started.popleft().reading
                yield _Joined(reading, join_windows(rows, self.activation), len(rows))
                rows = []

    def _windows(self, texts: Iterable[str], started: deque[_Started]) -> Iterator[list[int]]:
        """Yield the windows of all texts as token ids, noting how many each text has."""
        for block in take_blocks(_check_each(texts)):
            readings = list(map(self._reader.read, block))
            windows = list(map(self._reader.make_windows, readings))
            started.extend(map(_Started, readings, map(len, windows)))
            yield from chain.from_iterable(windows)


def _check_iterable(texts: object) -> None:
    if isinstance(texts, str):
        raise TextError("predict takes a list of texts, but got one str. Use predict_one for it.")
    if isinstance(texts, (bytes, Mapping)) or not isinstance(texts, Iterable):
        raise TextError(f"A list of str is needed, but this is of type {type(texts).__name__}.")


def _check_one(text: object) -> None:
    if not isinstance(text, str):
        raise TextError(f"A text must be a str, but this is of type {type(text).__name__}.")


def _check_text(text: object, index: int) -> None:
    if not isinstance(text, str):
        raise TextError(
            f"Every text must be a str, but the one at index {index} is of type "
            f"{type(text).__name__}. Convert it or leave it out.",
            index,
        )


def _check_each(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts, each checked when its turn comes."""
    for index, text in enumerate(texts):
        _check_text(text, index)
        yield text


def _check_all(texts: Iterable[str]) -> list[str]:
    """Return the texts as a list, checked before the first is scored."""
    _check_iterable(texts)
    listed = list(texts)
    for index, text in enumerate(listed):
        _check_text(text, index)
    return listed
