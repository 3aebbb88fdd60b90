"""The exported graph against the PyTorch model, for several kinds of encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tests.conftest import export, unmeasured
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from toxic_tweets.model.export import (
    export_onnx,
    fit_pairs,
    quantise,
    torch_logits,
    torch_token_logits,
)
from toxic_tweets.model.onnx_backend import OnnxBackend

SHAPES = [(1, 3), (1, 17), (3, 8), (2, 60)]


def make_distilbert() -> Any:
    torch.manual_seed(0)
    config = DistilBertConfig(
        vocab_size=99, dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=64
    )
    return DistilBertForSequenceClassification(config)


def _roberta() -> Any:
    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=99,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=66,
    )
    return RobertaForSequenceClassification(config)


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
def test_torch_and_onnx_agree_on_every_shape(kind: str, tiny_model: Any, tmp_path: Path) -> None:
    model = {"bert": lambda: tiny_model, "distilbert": make_distilbert, "roberta": _roberta}[kind]()
    model.train()  # dropout on: the export must switch it off
    # Coverage of one kind is enough, and makes the exporter twice as slow.
    (export_onnx if kind == "bert" else unmeasured(export_onnx))(model, tmp_path / "model.onnx")
    backend = OnnxBackend(tmp_path / "model.onnx")
    random = np.random.default_rng(0)
    for shape in SHAPES:
        ids = random.integers(5, 60, shape)
        expected = torch_logits(model, ids.tolist())
        np.testing.assert_allclose(backend.run(ids), expected, atol=1e-4)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    model.train(False)


def test_int8_is_smaller_and_close(tiny_graph: Path, tmp_path: Path) -> None:
    quantise(tiny_graph, tmp_path / "int8.onnx")
    full, small = OnnxBackend(tiny_graph), OnnxBackend(tmp_path / "int8.onnx")
    ids = np.random.default_rng(0).integers(5, 60, (20, 9))
    gaps = [np.abs(full.run(row[None]) - small.run(row[None])).max() for row in ids]
    assert 0 < float(np.median(gaps)) < 0.5
    assert (tmp_path / "int8.onnx").stat().st_size < tiny_graph.stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["int8.onnx"]
    assert [path.name for path in tiny_graph.parent.iterdir()] == ["fp32.onnx"]


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
def test_a_token_head_is_in_the_same_graph(kind: str, tiny_model: Any, tmp_path: Path) -> None:
    model = {"bert": lambda: tiny_model, "distilbert": make_distilbert, "roberta": _roberta}[kind]()
    torch.manual_seed(1)
    head = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Linear(32, 1), torch.nn.Flatten(1))
    model.train()  # dropout on: the export must switch it off
    export(model, tmp_path, head.train())
    quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx")
    full, small = OnnxBackend(tmp_path / "fp32.onnx"), OnnxBackend(tmp_path / "int8.onnx")
    random = np.random.default_rng(0)
    for shape in SHAPES:
        ids = random.integers(5, 60, shape)
        logits, token_logits = full.run_tokens(ids)
        assert token_logits.shape == shape
        np.testing.assert_array_equal(logits, full.run(ids))
        np.testing.assert_allclose(logits, torch_logits(model, ids.tolist()), atol=1e-4)
        expected = torch_token_logits(model, head, ids.tolist())
        np.testing.assert_allclose(token_logits, expected, atol=1e-4)
        rough, rough_tokens = small.run_tokens(ids)
        np.testing.assert_array_equal(rough, small.run(ids))
        assert float(np.median(np.abs(rough_tokens - token_logits))) < 0.5
    model.train(False)


def test_no_pair_of_weights_can_overflow_sixteen_bits() -> None:
    random = np.random.default_rng(0)
    weights = random.normal(size=(33, 8)).astype(np.float32)
    weights[:, 0] = 1.0  # the worst there is: all alike
    weights[:, 1] = 0.0
    fitted, scales = fit_pairs(weights)
    padded = np.vstack([fitted.astype(int), np.zeros((1, 8), dtype=int)]).reshape(-1, 2, 8)
    assert np.maximum(padded, 0).sum(axis=1).max() <= 128
    assert np.maximum(-padded, 0).sum(axis=1).max() <= 128
    assert (np.abs(fitted * scales - weights) <= scales / 2 + 1e-6).all()
    assert np.abs(fitted[:, 0]).min() == 64  # as fine as is safe
    assert not fitted[:, 1].any()


def test_sums_of_products_are_exact_on_this_processor(tmp_path: Path) -> None:
    weights = np.ones((64, 16), dtype=np.float32)
    save_product(tmp_path / "fp32.onnx", weights)
    quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "int8.onnx")
    rows = np.full((3, 64), 7, dtype=np.float32)
    # Rounding costs half a step of 64; sums that were cut off at 16 bits would be half as large.
    np.testing.assert_allclose(session.run(None, {"rows": rows})[0], rows @ weights, rtol=0.01)


def save_product(path: Path, weights: NDArray[np.float32]) -> None:
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["rows", "weights"], ["product"])],
        "product",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["m", weights.shape[0]])],
        [helper.make_tensor_value_info("product", TensorProto.FLOAT, ["m", weights.shape[1]])],
        [numpy_helper.from_array(weights, "weights")],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path
    )
