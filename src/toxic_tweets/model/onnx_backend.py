"""Run a checkpoint's graph with ONNX Runtime, on the CPU, without torch."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from toxic_tweets.errors import CheckpointError

# Fused, this operator of ONNX Runtime 1.32 is slower on a CPU than its two parts. MiniLM-L6 int8,
# one thread, 20 / 64 / 256 tokens: 2.0 / 5.3 / 24 ms with the fusion, 1.5 / 3.5 / 19 ms without.
_SLOW_FUSIONS = ["SkipLayerNormFusion"]
_WITH_TOKENS = "with_tokens"  # as in pruning.py, which needs onnx

PAD_ID = "pad_id"
"""What a graph that hides padding calls the id of it, in its metadata."""

# Windows that run at once are padded to a multiple of this. The length decides in which order an
# operator sums, so it must hang on the text alone, and not on its neighbours.
_LENGTH_STEP = 16
# What they hold together at most; more would leave the caches of the processor.
_MOST_TOKENS = 2048

# Nothing leaves the machine; and on a read-only home ONNX Runtime would complain of having no id.
onnxruntime.disable_telemetry_events()


class OnnxBackend:
    """Hold one session that many threads share.

    Dynamic int8 takes its activation scale from the whole input of a run, so give it one window per
    run: then a score depends on its text alone. One thread per run and several runs at once are
    also the fastest layout on a CPU; ONNX Runtime releases the GIL while it works.

    Attributes:
        n_outputs: number of logit columns.
        has_tokens: whether the graph gives a logit per token as well.
        takes_many: see `Backend`; true where the graph hides padding.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Open the graph.

        Args:
            path: the ONNX file, with the input `input_ids` and the output `logits`, and maybe
                `token_logits`.
            threads: threads inside one run.

        Raises:
            CheckpointError: the file is missing, is not an ONNX graph, or has other inputs.
        """
        if not path.is_file():
            raise CheckpointError(f"{path} is missing. Re-export the checkpoint.")
        try:
            self._session = onnxruntime.InferenceSession(
                str(path),
                _make_options(threads),
                providers=["CPUExecutionProvider"],
                disabled_optimizers=_SLOW_FUSIONS,
            )
        except Exception as error:  # ONNX Runtime's own errors share no other base class
            raise CheckpointError(
                f"{path} cannot be opened by ONNX Runtime {onnxruntime.__version__}. "
                "Fetch or re-export the checkpoint."
            ) from error
        inputs = [one.name for one in self._session.get_inputs()]
        outputs = {one.name: one.shape for one in self._session.get_outputs()}
        if inputs != ["input_ids"] or "logits" not in outputs:
            raise CheckpointError(
                f"{path} has the inputs {inputs} and the outputs {list(outputs)}, but the input "
                "['input_ids'] and the output 'logits' are needed. Re-export the checkpoint."
            )
        width = outputs["logits"][-1]
        if not isinstance(width, int):
            raise CheckpointError(
                f"{path} does not say how many logits it gives. Re-export the checkpoint with a "
                "fixed number of outputs."
            )
        self.n_outputs = width
        self.has_tokens = "token_logits" in outputs
        # A graph may give token logits only where they are asked for.
        optional = {one.name for one in self._session.get_overridable_initializers()}
        self._ask = {_WITH_TOKENS: np.array(True)} if _WITH_TOKENS in optional else {}
        facts = self._session.get_modelmeta().custom_metadata_map
        self._pad_id = int(facts[PAD_ID]) if PAD_ID in facts else None
        self.takes_many = self._pad_id is not None

    def run(self, input_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return logits (texts, outputs) for token ids (texts, tokens)."""
        (logits,) = self._session.run(["logits"], {"input_ids": input_ids})
        return np.asarray(logits, dtype=np.float32)

    def run_each(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Return the logits (1, outputs) of each window, the same alone as in any list.

        A window is a run of its own. Where the graph hides padding, those of about one length run
        at once: in a small network calling the operators costs more than their work.
        """
        if self._pad_id is None:
            return [self.run(np.array([window], dtype=np.int64)) for window in windows]
        found: dict[int, NDArray[np.float32]] = {}
        by_length: defaultdict[int, list[int]] = defaultdict(list)
        for place, window in enumerate(windows):
            by_length[-(-len(window) // _LENGTH_STEP) * _LENGTH_STEP].append(place)
        for length, places in by_length.items():
            size = max(_MOST_TOKENS // length, 1)
            for start in range(0, len(places), size):
                some = places[start : start + size]
                ids = np.full((len(some), length), self._pad_id, dtype=np.int64)
                for row, place in zip(ids, some, strict=True):
                    row[: len(windows[place])] = windows[place]
                logits = self.run(ids)
                found.update((place, logits[at : at + 1]) for at, place in enumerate(some))
        return [found[place] for place in range(len(windows))]

    def run_tokens(
        self, input_ids: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return logits (texts, outputs) and token logits (texts, tokens) in one run.

        The logits are those of `run`, bit for bit.

        Raises:
            CheckpointError: the graph has no token head.
        """
        if not self.has_tokens:
            raise CheckpointError(
                "The graph gives no token_logits. Use a checkpoint that was trained with a "
                "[token_head] in its recipe."
            )
        logits, token_logits = self._session.run(
            ["logits", "token_logits"], {"input_ids": input_ids, **self._ask}
        )
        return np.asarray(logits, dtype=np.float32), np.asarray(token_logits, dtype=np.float32)


def _make_options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3  # errors only: they are raised as well
    return options
