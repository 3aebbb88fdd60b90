"""Export a shipped BERT checkpoint again, from its own int8 graph.

    python experiments/reexport.py small FOLDER

Runs are not kept, so the fp32 weights behind the first `small` and `sentiment` are gone; what a
better exporter gains can still be had. The weights are read back from the int8 graph into a model
of PyTorch, which goes through `export_onnx` and `quantise` as after training. FOLDER gets
`model.onnx`; calibration, thresholds and hashes in `checkpoint.json` are not touched.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertForSequenceClassification

from toxic_tweets.model.checkpoint import MODEL_FILE, find_checkpoint, read_checkpoint
from toxic_tweets.model.export import export_onnx, quantise, torch_logits
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.train.token_head import TokenHead

# The products of a layer in the order in which the graph has them.
LAYER = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
LAYERS, HEADS, HIDDEN, INNER = 6, 12, 384, 1536  # MiniLM-L6, which both are


def main() -> None:
    """Write the graph of the checkpoint that is named, and say how near it comes."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    checkpoint = read_checkpoint(find_checkpoint(name))
    graph = onnx.load(checkpoint.folder / MODEL_FILE).graph
    weights = read_weights(graph)
    model = BertForSequenceClassification(
        BertConfig(
            hidden_size=HIDDEN,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            intermediate_size=INNER,
            num_labels=len(checkpoint.outputs),
        )
    )
    model.load_state_dict(pick(weights, "model."))
    head = None
    if any(key.startswith("token_head.") for key in weights):
        head = TokenHead(HIDDEN)
        head.load_state_dict(pick(weights, "token_head."))
    folder.mkdir(parents=True, exist_ok=True)
    fp32 = folder / "model.fp32.onnx"
    export_onnx(model, fp32, head)
    quantise(fp32, folder / MODEL_FILE)
    report(model, checkpoint.folder / MODEL_FILE, fp32, folder / MODEL_FILE)


def read_weights(graph: Any) -> dict[str, torch.Tensor]:
    """Return every weight by its name in the model, as fp32."""
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found = {
        name: array
        for name, array in arrays.items()
        if name.startswith(("model.", "token_head.")) and array.dtype == np.float32
    }
    for name in [name for name in arrays if name.endswith("_quantized")]:
        base = name.removesuffix("_quantized")
        zero = arrays[f"{base}_zero_point"].astype(np.float32)
        found[base] = (arrays[name].astype(np.float32) - zero) * arrays[f"{base}_scale"]
    order = [
        node.input[1].removesuffix("_quantized")
        for node in graph.node
        if node.op_type == "MatMulInteger" and node.input[1].startswith("val_")
    ]
    places = [
        f"model.bert.encoder.layer.{n}.{part}.weight" for n in range(LAYERS) for part in LAYER
    ]
    for name, place in zip(order, [*places, "token_head.linear.weight"], strict=False):
        found[place] = found.pop(name).T
    for name in [name for name in found if name.endswith("_Transposed")]:
        found[name.removesuffix("_Transposed")] = found.pop(name).T
    return {name: torch.from_numpy(np.array(array)) for name, array in found.items()}


def pick(weights: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """Return the weights of one part of the model, named as that part names them."""
    return {
        name.removeprefix(prefix): weight
        for name, weight in weights.items()
        if name.startswith(prefix) and not name.endswith(("_scale", "_zero_point"))
    }


def report(model: Any, old: Path, fp32: Path, new: Path) -> None:
    """Say how far logits are from those of the model, over random tokens."""
    source = np.random.default_rng(13)
    windows = [source.integers(1000, 20000, int(n)).tolist() for n in source.integers(5, 60, 60)]
    expected = torch_logits(model, windows)
    for name, path in (("old int8", old), ("new fp32", fp32), ("new int8", new)):
        backend = OnnxBackend(path)
        gaps = [
            np.abs(backend.run(np.array([ids])) - logits).max()
            for ids, logits in zip(windows, expected, strict=True)
        ]
        size_mb = path.stat().st_size / 1e6
        shown = f"{float(np.median(gaps)):.2g} in the median, {float(np.max(gaps)):.2g} at most"
        print(f"{name}: {size_mb:.1f} MB, logits off by {shown}")  # noqa: T201


if __name__ == "__main__":
    main()
