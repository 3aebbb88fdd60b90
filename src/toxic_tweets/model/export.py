"""From a trained PyTorch model to the small graph that ships: ONNX, int8, and proof of parity."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import MissingExtraError

# Weights of these operators become int8, per output channel. MiniLM: 91 MB -> 23 MB.
QUANTISED_OPERATORS = ["MatMul", "Gather", "Gemm"]


def export_onnx(model: Any, path: Path) -> None:
    """Write a sequence-classification model as an fp32 ONNX graph.

    The graph takes `input_ids` int64 (texts, tokens) and gives `logits` float32 (texts, outputs).
    It has no attention mask: every text is run alone, so there is no padding to hide.

    Args:
        model: a Hugging Face sequence-classification model; it is put into eval mode.
        path: where to write; the file appears whole or not at all.

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

        def forward(self, input_ids: Any) -> Any:
            return self.model(input_ids=input_ids).logits

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
                output_names=["logits"],
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


def quantise(source: Path, path: Path) -> None:
    """Write the int8 form of an fp32 ONNX graph: weights per channel, activations per run.

    Args:
        source: the fp32 graph.
        path: where to write; the file appears whole or not at all.

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
                op_types_to_quantize=QUANTISED_OPERATORS,
            )
        finally:
            root.setLevel(level)
        os.replace(aside, path)


def torch_logits(model: Any, windows: list[list[int]]) -> NDArray[np.float32]:
    """Run windows through the PyTorch model one by one, to compare an exported graph with.

    Args:
        model: a Hugging Face sequence-classification model, in eval mode.
        windows: token ids of each window, special tokens included.

    Returns:
        Logits (windows, outputs).
    """
    import torch

    model.eval()
    with torch.no_grad():
        rows = [model(input_ids=torch.tensor([ids])).logits[0].float().numpy() for ids in windows]
    return np.stack(rows)
