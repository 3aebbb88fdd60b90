"""From a trained PyTorch model to the small graph that ships: ONNX, int8, and proof of parity."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import MissingExtraError

# Weights of these operators become int8, per output channel. MiniLM: 91 MB -> 23 MB.
QUANTISED_OPERATORS = ("MatMul", "Gather", "Gemm")
# In a network this small int8 arithmetic costs more time than it saves: the table alone is int8.
SHALLOW_OPERATORS = ("Gather",)


def export_onnx(model: Any, path: Path, token_head: Any = None) -> None:
    """Write a sequence-classification model as an fp32 ONNX graph.

    The graph takes `input_ids` int64 (texts, tokens) and gives `logits` float32 (texts, outputs);
    with a token head also `token_logits` float32 (texts, tokens). It has no attention mask: every
    text is run alone, so there is no padding to hide.

    Args:
        model: a Hugging Face sequence-classification model; it is put into eval mode.
        path: where to write; the file appears whole or not at all.
        token_head: a module from last hidden states (texts, tokens, hidden) to logits (texts,
            tokens), put into eval mode; None for a graph without.

    Raises:
        MissingExtraError: torch, onnx or onnxscript is not installed.
    """
    try:
        import onnxscript  # noqa: F401
        import torch
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", str(error.name)) from error

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model
            self.token_head = token_head

        def forward(self, input_ids: Any) -> Any:
            return _run(self.model, self.token_head, input_ids)

    limit = int(getattr(model.config, "max_position_embeddings", 512))
    # Other values than 0 and 1 in both axes, so that the exporter keeps both dynamic.
    example = torch.randint(5, 10, (2, min(17, limit)))
    attention = model.config._attn_implementation
    model.set_attn_implementation("eager")  # the fastest graph after quantisation
    graph = Graph().eval()
    aside = path.with_name(path.name + ".partial")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                graph,
                (example,),
                str(aside),
                dynamo=True,
                verbose=False,
                external_data=False,
                input_names=["input_ids"],
                output_names=["logits"] if token_head is None else ["logits", "token_logits"],
                dynamic_shapes={
                    "input_ids": {
                        0: torch.export.Dim("texts"),
                        1: torch.export.Dim("tokens", max=limit),
                    }
                },
            )
    finally:
        model.set_attn_implementation(attention)
    os.replace(aside, path)


def quantise(source: Path, path: Path, operators: Sequence[str] = QUANTISED_OPERATORS) -> None:
    """Write the int8 form of an fp32 ONNX graph: weights per channel, activations per run.

    Args:
        source: the fp32 graph.
        path: where to write; the file appears whole or not at all.
        operators: those whose weights become int8.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    try:
        import onnx  # noqa: F401
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", str(error.name)) from error
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        aside = Path(folder) / "model.onnx"
        root = logging.getLogger()
        level = root.level
        root.setLevel(logging.ERROR)  # it advises pre-processing, which gains nothing here
        try:
            quantize_dynamic(
                source,
                aside,
                per_channel=True,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=list(operators),
            )
        finally:
            root.setLevel(level)
        os.replace(aside, path)


def torch_logits(model: Any, windows: list[list[int]]) -> NDArray[np.float32]:
    """Run windows through the PyTorch model one by one, to compare an exported graph with.

    Args:
        model: a Hugging Face sequence-classification model; it is put into eval mode.
        windows: token ids of each window, special tokens included.

    Returns:
        Logits (windows, outputs).
    """
    import torch

    model.eval()
    with torch.no_grad():
        rows = [_run(model, None, torch.tensor([ids]))[0].float().numpy() for ids in windows]
    return np.stack(rows)


def torch_token_logits(
    model: Any, token_head: Any, windows: list[list[int]]
) -> list[NDArray[np.float32]]:
    """Run windows through the PyTorch model and its token head one by one.

    Args:
        model: a Hugging Face sequence-classification model; it is put into eval mode.
        token_head: see `export_onnx`; it is put into eval mode.
        windows: token ids of each window, special tokens included.

    Returns:
        Of each window its token logits (tokens,).
    """
    import torch

    model.eval()
    token_head.eval()
    with torch.no_grad():
        rows = [_run(model, token_head, torch.tensor([ids]))[1] for ids in windows]
    return [row[0].float().numpy() for row in rows]


def _run(model: Any, token_head: Any, input_ids: Any) -> Any:
    """Return logits, or with a token head logits and token logits."""
    if token_head is None:
        return model(input_ids=input_ids).logits
    found = model(input_ids=input_ids, output_hidden_states=True)
    return found.logits, token_head(found.hidden_states[-1])
