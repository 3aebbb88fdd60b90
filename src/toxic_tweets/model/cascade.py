"""Two checkpoints as one: a quick one settles what it is sure of, a better one reads the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from toxic_tweets.errors import CheckpointError
from toxic_tweets.model.backend import Backend
from toxic_tweets.model.checkpoint import (
    CASCADE_PART,
    EMBEDDED,
    MODEL_FILE,
    TOKENIZER_FILE,
    Checkpoint,
    check_files,
    is_checkpoint,
    read_checkpoint,
)
from toxic_tweets.model.tokenizer import open_tokenizer


@dataclass(frozen=True, slots=True)
class Gate:
    """Say what the quick stage settles: windows in which it finds no sign of any label.

    Attributes:
        slopes: with `intercepts`, the quick stage's logits on the scale of the better one's; one
            per output.
        intercepts: one per output.
        cuts: one per label; a window is settled if every label's logit, on that scale, is below.
    """

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    cuts: tuple[float, ...]

    def to_dict(self, outputs: tuple[str, ...]) -> dict[str, Any]:
        """Return the value that `checkpoint.json` holds beside the stages."""
        lines = zip(outputs, self.slopes, self.intercepts, strict=True)
        return {
            "scale": {name: {"slope": a, "intercept": b} for name, a, b in lines},
            "cuts": dict(zip(outputs, self.cuts, strict=False)),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], checkpoint: Checkpoint) -> Gate:
        """Read what `to_dict` wrote.

        Raises:
            CheckpointError: a number is missing or impossible.
        """
        try:
            gate = cls(
                tuple(float(values["scale"][name]["slope"]) for name in checkpoint.outputs),
                tuple(float(values["scale"][name]["intercept"]) for name in checkpoint.outputs),
                tuple(float(values["cuts"][label]) for label in checkpoint.labels),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{checkpoint.id}: parts.{CASCADE_PART} lacks a slope and an intercept for some "
                "output, or a cut for some label. Make the checkpoint again."
            ) from error
        numbers = (*gate.slopes, *gate.intercepts, *gate.cuts)
        if not all(map(math.isfinite, numbers)) or min(gate.slopes) <= 0:
            raise CheckpointError(
                f"{checkpoint.id}: parts.{CASCADE_PART} has slopes from {min(gate.slopes)}, but "
                "slopes must be above 0 and all numbers finite. Make the checkpoint again."
            )
        return gate

    def scale(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the quick stage's logits (windows, outputs) on the better one's scale."""
        slopes = np.array(self.slopes, dtype=np.float32)
        return logits * slopes + np.array(self.intercepts, dtype=np.float32)

    def settles(self, scaled: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell which windows need no second look (windows,), from scaled logits."""
        cuts = np.array(self.cuts, dtype=np.float32)
        return np.asarray((scaled[:, : len(cuts)] < cuts).all(axis=1))


class CascadeBackend:
    """Run the quick stage on every window, and the better one where that is not sure.

    Attributes:
        n_outputs: number of logit columns.
        takes_many: see `Backend`; false, for the better stage gains from threads.
        last: the better stage. Explaining asks it alone: words are compared by one measure.
    """

    takes_many = False

    def __init__(self, first: Backend, last: Backend, gate: Gate) -> None:
        self.n_outputs = last.n_outputs
        self.last = last
        self._first = first
        self._gate = gate

    def run(self, input_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return logits (texts, outputs) for token ids (texts, tokens), each text run alone."""
        return np.concatenate(self.run_each(input_ids.tolist()))

    def run_each(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Return the logits (1, outputs) of each window, the same alone as in any list."""
        if not windows:
            return []
        scaled = self._gate.scale(np.concatenate(self._first.run_each(windows)))
        unsure = np.flatnonzero(~self._gate.settles(scaled)).tolist()
        better = self.last.run_each([windows[place] for place in unsure])
        found = dict(zip(unsure, better, strict=True))
        return [found.get(place, scaled[place : place + 1]) for place in range(len(windows))]


@dataclass(frozen=True, slots=True)
class OpenedCascade:
    """Hold what runs a cascade, and the tokenizer that its stages share."""

    backend: CascadeBackend
    tokenizer: Tokenizer


def open_cascade(checkpoint: Checkpoint) -> OpenedCascade:
    """Open the stages of a cascade: the very checkpoints that it was made for.

    Raises:
        CheckpointError: a stage is missing, is another one, is not whole or reads texts otherwise.
    """
    from toxic_tweets.model.onnx_backend import OnnxBackend

    gate = Gate.from_dict(checkpoint.parts[CASCADE_PART], checkpoint)
    first, last = (find_stage(checkpoint, stage) for stage in checkpoint.stages)
    check_stages(first, last)
    if _reads(last) != _reads(checkpoint):
        raise CheckpointError(
            f"{checkpoint.id} differs from its stage {last.id} in outputs, window or normaliser. "
            "Make the checkpoint again."
        )
    quick, better = OnnxBackend(first.folder / MODEL_FILE), OnnxBackend(last.folder / MODEL_FILE)
    if quick.n_outputs != better.n_outputs:
        raise CheckpointError(
            f"{first.id} gives {quick.n_outputs} logits and {last.id} {better.n_outputs}, but they "
            "must give as many. Make the checkpoint again, from stages that agree."
        )
    tokenizer = open_tokenizer(last.folder / TOKENIZER_FILE)
    return OpenedCascade(CascadeBackend(quick, better, gate), tokenizer)


def check_stages(first: Checkpoint, last: Checkpoint) -> None:
    """Check that two checkpoints read texts alike and give the same outputs.

    Raises:
        CheckpointError: they do not.
    """
    same_tokenizer = first.files[TOKENIZER_FILE] == last.files[TOKENIZER_FILE]
    if not same_tokenizer or _reads(first) != _reads(last):
        raise CheckpointError(
            f"{first.id} and {last.id} cannot be joined: they differ in outputs, window, "
            "normaliser or tokenizer. Make the cascade again, from stages that agree."
        )


def find_stage(checkpoint: Checkpoint, stage: str) -> Checkpoint:
    """Return a stage, from beside the cascade's own folder or from inside the package.

    Args:
        checkpoint: the cascade.
        stage: the exact id of the stage, such as `small@0123456789ab`.

    Raises:
        CheckpointError: it is in neither place, has another id, or is not whole.
    """
    name = stage.partition("@")[0]
    for folder in (checkpoint.folder.parent / name, EMBEDDED / name):
        if is_checkpoint(folder):
            found = read_checkpoint(folder)
            if found.id != stage:
                raise CheckpointError(
                    f"{checkpoint.id} was made for {stage}, but {folder} is {found.id}. "
                    "Type: toxic-tweets train cascade --data DATA --output OUTPUT"
                )
            check_files(found)
            return found
    raise CheckpointError(
        f"{checkpoint.id} needs {stage}, which is neither in {checkpoint.folder.parent / name} nor "
        "in this copy of Toxic Tweets. Put it there, or use another checkpoint."
    )


def _reads(checkpoint: Checkpoint) -> tuple[Any, ...]:
    """Return all that decides what is read of a text and which logits come out."""
    return (
        checkpoint.outputs,
        checkpoint.max_tokens,
        checkpoint.overlap_tokens,
        checkpoint.normalizer,
    )
