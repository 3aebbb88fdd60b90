import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from toxic_tweets.errors import CheckpointError
from toxic_tweets.model.onnx_backend import OnnxBackend


def save_graph(path: Path, input_name: str, output_name: str, width: int | str) -> Path:
    ids = helper.make_tensor_value_info(input_name, TensorProto.INT64, ["texts", width])
    out = helper.make_tensor_value_info(output_name, TensorProto.FLOAT, ["texts", width])
    node = helper.make_node("Cast", [input_name], [output_name], to=TensorProto.FLOAT)
    graph = helper.make_graph([node], "cast", [ids], [out])
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path
    )
    return path


def test_runs_any_length(tiny_checkpoint: Path) -> None:
    backend = OnnxBackend(tiny_checkpoint / "model.onnx")
    assert backend.n_outputs == 6
    assert not backend.has_tokens
    assert not backend.takes_many
    for shape in ((1, 2), (1, 3), (3, 17), (2, 64)):
        logits = backend.run(np.full(shape, 7, dtype=np.int64))
        assert logits.shape == (shape[0], 6)
        assert logits.dtype == np.float32
        assert np.isfinite(logits).all()


def test_a_graph_that_hides_no_padding_runs_each_window_alone(tiny_checkpoint: Path) -> None:
    backend = OnnxBackend(tiny_checkpoint / "model.onnx")
    windows = [[2, 7, 3], [2, 8, 9, 3], [2, 9, 3]]
    found = [logits.tobytes() for logits in backend.run_each(windows)]
    assert found == [backend.run(np.array([window])).tobytes() for window in windows]
    assert backend.run_each([]) == []


def test_many_threads_get_the_same_bits(tiny_checkpoint: Path) -> None:
    backend = OnnxBackend(tiny_checkpoint / "model.onnx")
    random = np.random.default_rng(0)
    inputs = [random.integers(5, 60, (1, n)) for n in random.integers(2, 60, 40)]
    alone = [backend.run(ids).tobytes() for ids in inputs]
    wrong: list[int] = []

    def work() -> None:
        wrong.extend(
            int(number)
            for number in random.permutation(len(inputs))
            if backend.run(inputs[number]).tobytes() != alone[number]
        )

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    with pytest.raises(CheckpointError, match=r"model.onnx is missing"):
        OnnxBackend(path)
    path.write_bytes(b"not a graph")
    with pytest.raises(CheckpointError, match="cannot be opened by ONNX Runtime"):
        OnnxBackend(path)


@pytest.mark.parametrize(
    ("input_name", "output_name", "width", "message"),
    [
        ("ids", "logits", 3, r"inputs \['ids'\]"),
        ("input_ids", "scores", 3, r"outputs \['scores'\]"),
        ("input_ids", "logits", "labels", "how many logits"),
    ],
)
def test_other_graphs_are_refused(
    tmp_path: Path, input_name: str, output_name: str, width: int | str, message: str
) -> None:
    path = save_graph(tmp_path / "model.onnx", input_name, output_name, width)
    with pytest.raises(CheckpointError, match=message):
        OnnxBackend(path)


def test_own_graph_is_taken(tmp_path: Path) -> None:
    backend = OnnxBackend(save_graph(tmp_path / "model.onnx", "input_ids", "logits", 3))
    assert backend.run(np.array([[1, 2, 3]])).tolist() == [[1.0, 2.0, 3.0]]


def test_tokens_are_refused_where_the_graph_has_none(tiny_checkpoint: Path) -> None:
    backend = OnnxBackend(tiny_checkpoint / "model.onnx")
    with pytest.raises(CheckpointError, match=r"no token_logits.*\[token_head\]"):
        backend.run_tokens(np.full((1, 3), 7, dtype=np.int64))
