"""The last layer for the first token alone: where it can be done, and where it cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from tests.conftest import export

from toxic_tweets.model.export import quantise, torch_logits
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.model.pruning import ATTENTION, WITH_TOKENS, keep_first_token

IDS = np.random.default_rng(0).integers(5, 60, (3, 17))


def run(model: onnx.ModelProto, **more: NDArray[np.bool_]) -> Any:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"input_ids": IDS, **more})


def make_head() -> Any:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(32, 1), torch.nn.Flatten(1))


@pytest.fixture(scope="module")
def token_graph(tiny_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the fp32 graph of the tiny model with a head that marks tokens."""
    return export(tiny_model, tmp_path_factory.mktemp("graphs"), make_head())


def test_logits_stay_what_they_were(tiny_model: Any, tiny_graph: Path) -> None:
    model = onnx.load(tiny_graph)
    assert keep_first_token(model)
    (logits,) = run(model)
    np.testing.assert_allclose(logits, torch_logits(tiny_model, IDS.tolist()), atol=1e-5)


def test_most_of_the_last_layer_is_left_out(tiny_graph: Path) -> None:
    model = onnx.load(tiny_graph)
    keep_first_token(model)
    shapes = onnx.shape_inference.infer_shapes(model)
    last = [node for node in model.graph.node if node.op_type == ATTENTION][-1]
    known = {one.name: one.type.tensor_type.shape.dim for one in shapes.graph.value_info}
    assert known[last.input[0]][1].dim_value == 1  # one query,
    assert known[last.input[1]][1].dim_param == "tokens"  # but all keys
    assert not any(node.op_type == "Reshape" for node in model.graph.node)


def test_token_logits_come_only_when_asked_for(token_graph: Path) -> None:
    model = onnx.load(token_graph)
    expected, expected_tokens = run(model)
    assert keep_first_token(model)
    logits, nothing = run(model)
    assert nothing.size == 0
    same, tokens = run(model, **{WITH_TOKENS: np.array(True)})
    np.testing.assert_array_equal(logits, same)
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    np.testing.assert_allclose(tokens, expected_tokens, atol=1e-5)


def test_int8_takes_part(token_graph: Path, tmp_path: Path) -> None:
    quantise(token_graph, tmp_path / "int8.onnx")
    graph = onnx.load(tmp_path / "int8.onnx").graph
    assert WITH_TOKENS in [one.name for one in graph.input]
    assert [one.name for one in graph.output] == ["logits", "token_logits"]
    backend = OnnxBackend(tmp_path / "int8.onnx")
    assert backend.has_tokens
    logits, tokens = backend.run_tokens(IDS)
    assert tokens.shape == IDS.shape
    np.testing.assert_array_equal(logits, backend.run(IDS))


def test_a_head_that_reads_all_tokens_is_left_alone(tiny_model: Any, tmp_path: Path) -> None:
    class Mean(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = tiny_model.bert
            self.config = tiny_model.config
            self.set_attn_implementation = tiny_model.set_attn_implementation

        def forward(self, input_ids: Any) -> Any:
            hidden = self.bert(input_ids=input_ids).last_hidden_state
            return type("Output", (), {"logits": hidden.mean(dim=1)})

    model = onnx.load(export(Mean(), tmp_path))
    before = model.SerializeToString()
    assert not keep_first_token(model)
    assert model.SerializeToString() == before
