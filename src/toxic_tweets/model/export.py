"""From a trained PyTorch model to the small graph that ships: ONNX, then int8."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import MissingExtraError
from toxic_tweets.model.onnx_backend import PAD_ID

# Weights of these operators become int8, per output channel. MiniLM: 91 MB -> 23 MB.
QUANTISED_OPERATORS = ("MatMul", "Gather", "Gemm")
# In a network this small int8 arithmetic costs more time than it saves: the table alone is int8.
SHALLOW_OPERATORS = ("Gather",)

_FUSED = "onnx_fused"  # the name of our attention in transformers
# A processor without VNNI adds two products at a time in 16 bits, which hold 32,767: activations
# reach 255, so two neighbouring weights of one sign may reach 128 together.
_MAX_PAIR = 128


def export_onnx(model: Any, path: Path, token_head: Any = None) -> None:
    """Write a sequence-classification model as an fp32 ONNX graph.

    The graph takes `input_ids` int64 (texts, tokens) and gives `logits` float32 (texts, outputs);
    with a token head also `token_logits` float32 (texts, tokens). It has no attention mask: every
    text is run alone, so there is no padding to hide. A model that says `hides_padding` tells
    padding by its id, which the graph then names (`PAD_ID`).

    Args:
        model: a Hugging Face sequence-classification model; it is put into eval mode.
        path: where to write; the file appears whole or not at all.
        token_head: a module from last hidden states (texts, tokens, hidden) to logits (texts,
            tokens), put into eval mode; None for a graph without.

    Raises:
        MissingExtraError: torch, onnx or onnxscript is not installed.
    """
    try:
        import onnx
        import onnxscript  # noqa: F401
        import torch
        from transformers import AttentionInterface

        from toxic_tweets.model.pruning import drop_reshapes
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
    AttentionInterface.register(_FUSED, _attend)
    attention = model.config._attn_implementation
    model.set_attn_implementation(_FUSED)
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
    exported = onnx.load(aside)
    drop_reshapes(exported)
    if getattr(model, "hides_padding", False):
        onnx.helper.set_model_props(exported, {PAD_ID: str(model.config.pad_token_id)})
    onnx.save(exported, aside)
    os.replace(aside, path)


def _attend(
    module: Any, query: Any, key: Any, value: Any, mask: Any, *, scaling: float, **_: Any
) -> tuple[Any, None]:
    """Stand for attention in the graph: one operator of ONNX Runtime instead of a dozen.

    Args:
        module: the layer.
        query: (texts, heads, tokens, width), as `key` and `value` are.
        key: see `query`.
        value: see `query`.
        mask: never needed: a text is run alone.
        scaling: what the products of queries and keys are multiplied with.
    """
    import torch

    texts, heads, tokens, width = query.shape
    joined = [
        one.transpose(1, 2).reshape(texts, tokens, heads * width) for one in (query, key, value)
    ]
    found = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        joined,
        attrs={"num_heads": heads, "scale": float(scaling)},
        dtype=query.dtype,
        shape=joined[0].shape,
        version=1,
    )
    return found.reshape(texts, tokens, heads, width), None


def quantise(source: Path, path: Path, operators: Sequence[str] = QUANTISED_OPERATORS) -> None:
    """Write the int8 form of an fp32 ONNX graph: weights per channel, activations per run.

    Sums of int8 products are exact on every processor, so that scores are the same on all. Where
    the head reads the first token, the last layer is computed for it alone (`pruning`).

    Args:
        source: the fp32 graph.
        path: where to write; the file appears whole or not at all.
        operators: those whose weights become int8.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        from toxic_tweets.model.pruning import keep_first_token
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", str(error.name)) from error
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        own, aside = Path(folder) / "fp32.onnx", Path(folder) / "model.onnx"
        shutil.copyfile(source, own)  # what is inferred of it is written beside it
        root = logging.getLogger()
        level = root.level
        root.setLevel(logging.ERROR)  # it advises pre-processing, which gains nothing here
        try:
            quantize_dynamic(
                own,
                aside,
                per_channel=True,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=list(operators),
                # Types are not inferred through operators of ONNX Runtime's own.
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
        finally:
            root.setLevel(level)
        model = onnx.load(aside)
        _fit_weights(model, onnx.load(source))
        keep_first_token(model)
        onnx.save(model, aside)
        os.replace(aside, path)


def _fit_weights(model: Any, source: Any) -> None:
    """Quantise the weights of all products again so that no pair of neighbours is too large.

    Args:
        model: the int8 graph, changed in place.
        source: the fp32 graph it was made from.
    """
    from onnx import numpy_helper

    exact = {one.name: one for one in source.graph.initializer}
    constants = {one.name: one for one in model.graph.initializer}
    names = {node.input[1] for node in model.graph.node if node.op_type == "MatMulInteger"}
    for name in names & set(constants):
        base = name.removesuffix("_quantized")
        stored = exact.get(base) or exact[base.removesuffix("_Transposed")]
        weights = numpy_helper.to_array(stored)
        if stored.name != base:  # a Gemm whose weights stood the other way round
            weights = weights.T
        fitted, scales = fit_pairs(weights)
        constants[name].CopyFrom(numpy_helper.from_array(fitted, name))
        scale = constants[f"{base}_scale"]
        shape = numpy_helper.to_array(scale).shape
        scale.CopyFrom(numpy_helper.from_array(scales.reshape(shape), scale.name))


def fit_pairs(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights (inner, outer) as int8 with a scale per column, the finest that is safe.

    Safe means that the sum of two products can never leave 16 bits, where ONNX Runtime's kernels
    for AVX2 would cut it off and give other scores than VNNI does: 0.4 % of all sums of MiniLM-L6
    with plain scales. Pairs are those of its kernels: rows 0 and 1, 2 and 3, and so on.

    Args:
        weights: the factor on the right of a product.
    """
    scales = np.maximum(np.abs(weights).max(axis=0), np.finfo(np.float32).tiny * 127) / 127
    while True:
        steps = np.rint(weights / scales)
        pairs = np.pad(steps, ((0, len(steps) % 2), (0, 0))).reshape(-1, 2, steps.shape[1])
        largest = np.maximum(
            np.maximum(pairs, 0).sum(axis=1).max(axis=0),
            np.maximum(-pairs, 0).sum(axis=1).max(axis=0),
        )
        if (largest <= _MAX_PAIR).all():
            return steps.astype(np.int8), scales.astype(np.float32)
        # A little more than would do without rounding, or it could go on for ever.
        scales = np.where(largest > _MAX_PAIR, scales * largest / (_MAX_PAIR - 0.5), scales)


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
