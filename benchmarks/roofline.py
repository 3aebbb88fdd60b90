"""Measure how near the graph comes to what the chip can do: see README.md beside this file.

Two numbers bound the time of a text: its operations at the rate of the chip's best matrix product,
and the bytes of its weights at the bandwidth of the memory. One thread; the time that counts is
that of the thread on the processor, so that other work disturbs little.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from speed import describe_machine  # noqa: E402 - the folder is no package

LENGTHS = (20, 64, 128, 256)
# The products of MiniLM-L6: Q, K and V at once, the output of attention, and the two of a layer's
# end; the last is a square one that suits any kernel.
SHAPES = ((384, 1152), (384, 384), (384, 1536), (1536, 384), (1024, 1024))
ROWS = (64, 128, 512)
KINDS = {"int8": np.int8, "fp32": np.float32}
COPY_BYTES = 256 << 20  # far more than any cache holds
PRODUCTS = {"MatMul", "FusedMatMul", "Gemm", "MatMulInteger", "MatMulIntegerToFloat"}
PRODUCTS |= {"DynamicQuantizeMatMul"}


@dataclass(frozen=True)
class Profile:
    """What one run of a graph does.

    Attributes:
        n_operations: multiplications and additions in products of matrices.
        weight_bytes: what the constant sides of those products hold.
        shares: part of the time by operator.
    """

    n_operations: int
    weight_bytes: int
    shares: Mapping[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how near to the chip's limit we are.")
    parser.add_argument("--checkpoint", default="small", help="as load() takes it")
    parser.add_argument("--runs", type=int, default=40, help="runs of each product and length")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--seed", type=int, default=13)
    options = parser.parse_args()
    print(describe_machine(options.seed) + "\n")
    peaks = {kind: measure_products(kind, options.runs) for kind in KINDS}
    show(
        ("one thread, best of the runs", *(f"{k} × {n}" for k, n in SHAPES), "peak, GOP/s"),
        [(kind, *map(str, rates), f"{max(rates)}") for kind, rates in peaks.items()],
    )
    bandwidth = measure_bandwidth(options.runs)
    print(f"\nMemory: {bandwidth:.1f} GB/s, read and written by a copy of {COPY_BYTES >> 20} MB.\n")
    path = find_graph(options.checkpoint)
    rows, shares = [], []
    for length in options.lengths:
        profile = profile_graph(path, make_ids(length, options.seed), options.runs)
        n_operations = profile.n_operations
        seconds = time_graph(path, make_ids(length, options.seed), options.runs)
        rows.append(
            (
                length,
                f"{n_operations / 1e6:.0f} M",
                f"{1000 * n_operations / max(peaks['int8']) / 1e9:.2f}",
                f"{profile.weight_bytes / 1e6:.1f} MB",
                f"{1000 * profile.weight_bytes / bandwidth / 1e9:.2f}",
                f"{1000 * seconds:.2f}",
                f"{100 * n_operations / seconds / 1e9 / max(peaks['int8']):.0f} %",
            )
        )
        shares.append((length, profile.shares))
    head = ("tokens", "operations", "at the int8 peak, ms", "weights", "at that bandwidth, ms")
    show((*head, "measured, ms", "share of the peak"), rows)
    print("\nWhere the time of a run goes, by ONNX Runtime's own profile:\n")
    names = sorted(shares[-1][1], key=lambda name: -shares[-1][1][name])[:10]
    show(("tokens", *names), [(n, *(f"{100 * by[k]:.0f} %" for k in names)) for n, by in shares])


def measure_products(kind: str, runs: int) -> list[int]:
    """Return the best rate of each shape over the numbers of rows, in 10⁹ operations a second."""
    rates = []
    for inner, outer in SHAPES:
        session = make_product(kind, inner, outer)
        best = 0.0
        for rows in ROWS:
            dtype = np.float32 if kind == "fp32" else np.uint8
            given = {"rows": np.ones((rows, inner), dtype=dtype)}
            seconds = min(clock(lambda: session.run(None, given)) for _ in range(runs))  # noqa: B023
            best = max(best, 2 * rows * inner * outer / seconds)
        rates.append(round(best / 1e9))
    return rates


def make_product(kind: str, inner: int, outer: int) -> Any:
    """Return a session that multiplies rows with constant weights, as those of a checkpoint are."""
    weights = np.ones((inner, outer), dtype=KINDS[kind])
    constants = [numpy_helper.from_array(weights, "weights")]
    if kind == "fp32":
        node = helper.make_node("MatMul", ["rows", "weights"], ["product"])
        types = TensorProto.FLOAT, TensorProto.FLOAT
    else:
        constants.append(numpy_helper.from_array(np.array(128, dtype=np.uint8), "zero"))
        node = helper.make_node("MatMulInteger", ["rows", "weights", "zero"], ["product"])
        types = TensorProto.UINT8, TensorProto.INT32
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("rows", types[0], ["rows", inner])],
        [helper.make_tensor_value_info("product", types[1], ["rows", outer])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return open_session(model.SerializeToString())


def open_session(model: bytes | str, profile: Path | None = None) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    return onnxruntime.InferenceSession(
        model,
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],  # as the backend has it
    )


def measure_bandwidth(runs: int) -> float:
    """Return 10⁹ bytes a second, read and written."""
    source = np.ones(COPY_BYTES, dtype=np.uint8)
    target = np.zeros_like(source)
    seconds = min(clock(lambda: np.copyto(target, source)) for _ in range(min(runs, 10)))
    return 2 * COPY_BYTES / seconds / 1e9


def find_graph(checkpoint: str) -> Path:
    from toxic_tweets.model.checkpoint import MODEL_FILE, find_checkpoint

    return find_checkpoint(checkpoint) / MODEL_FILE


def make_ids(length: int, seed: int) -> Any:
    return np.random.default_rng(seed).integers(5, 60, (1, length))


def time_graph(path: Path, ids: Any, runs: int) -> float:
    """Return the seconds of the best run for the logits, as of the products."""
    session = open_session(str(path))
    session.run(["logits"], {"input_ids": ids})
    return min(clock(lambda: session.run(["logits"], {"input_ids": ids})) for _ in range(runs))


def profile_graph(path: Path, ids: Any, runs: int) -> Profile:
    """Let ONNX Runtime tell what it runs for the logits, with the shapes of each operator."""
    with tempfile.TemporaryDirectory() as folder:
        session = open_session(str(path), Path(folder) / "profile")
        for _ in range(runs):
            session.run(["logits"], {"input_ids": ids})
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    nodes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if event["name"].endswith("_kernel_time"):
            nodes[event["name"]].append(event)
    times: dict[str, float] = defaultdict(float)
    n_operations = weight_bytes = 0
    for found in nodes.values():
        operator = found[0]["args"]["op_name"]
        times[operator] += statistics.median(event["dur"] for event in found)
        n_operations += count_operations(found[0]["args"])
        weight_bytes += count_weight_bytes(found[0]["args"])
    whole = sum(times.values())
    shares = {operator: time_us / whole for operator, time_us in times.items()}
    return Profile(n_operations, weight_bytes, shares)


def count_operations(event: Mapping[str, Any]) -> int:
    """Count two per multiplication with its addition."""
    shapes = [shape for one in event["input_type_shape"] for shape in one.values()]
    if event["op_name"] in PRODUCTS:
        (output,) = event["output_type_shape"][0].values()
        return 2 * int(np.prod(output)) * int(shapes[0][-1])
    if event["op_name"] == "MultiHeadAttention":  # queries × keys, and what they weigh × values
        queries, keys = shapes[0], shapes[1]
        return 4 * int(np.prod(queries)) * int(keys[1])
    return 0


def count_weight_bytes(event: Mapping[str, Any]) -> int:
    """Count the bytes of the second factor where it is constant: what attention multiplies is not.

    A constant factor is packed when the graph is opened, so the profile no longer shows its shape.
    """
    (output,) = event["output_type_shape"][0].values()
    if event["op_name"] not in PRODUCTS or len(output) > 3:
        return 0
    (given,) = event["input_type_shape"][0].values()
    is_int8 = event["op_name"] not in {"MatMul", "FusedMatMul", "Gemm"}
    return int(given[-1]) * int(output[-1]) * (1 if is_int8 else 4)


def clock(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def show(head: Sequence[object], rows: Sequence[Sequence[object]]) -> None:
    for line in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(map(str, line))} |")


if __name__ == "__main__":
    main()
