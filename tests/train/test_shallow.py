"""The shallow network: padding changes nothing, and its graph gives what it gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from toxic_tweets.errors import RecipeError
from toxic_tweets.model.export import SHALLOW_OPERATORS, export_onnx, quantise, torch_logits
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.train.config import read_recipe
from toxic_tweets.train.encoder import open_base
from toxic_tweets.train.shallow import ShallowForSequenceClassification, reduce_vectors

WINDOWS = [[2, 3], [2, 40, 3], [2, *range(5, 60), 3]]


@pytest.fixture
def model(student_recipe_file: Path) -> ShallowForSequenceClassification:
    """Return a fresh network over the word vectors of the tiny BERT."""
    opened, _, _ = open_base(read_recipe(str(student_recipe_file)))
    assert isinstance(opened, ShallowForSequenceClassification)
    opened.train(False)
    assert opened.bigrams is not None
    torch.nn.init.normal_(opened.bigrams.table.weight, std=0.3)  # as if it had learned
    return opened


def test_padding_changes_nothing(model: ShallowForSequenceClassification) -> None:
    longest = max(map(len, WINDOWS))
    ids = torch.tensor([[*window, *[0] * (longest - len(window))] for window in WINDOWS])
    mask = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in WINDOWS])
    with torch.no_grad():
        padded = model(input_ids=ids, attention_mask=mask).logits
    np.testing.assert_allclose(padded.numpy(), torch_logits(model, WINDOWS), atol=1e-6)


def test_the_graph_gives_what_the_network_gives(
    model: ShallowForSequenceClassification, tmp_path: Path
) -> None:
    export_onnx(model, tmp_path / "fp32.onnx")
    quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx", SHALLOW_OPERATORS)
    expected = torch_logits(model, WINDOWS)
    for name, tolerance in (("fp32", 1e-5), ("int8", 2e-2)):
        backend = OnnxBackend(tmp_path / f"{name}.onnx")
        found = np.concatenate(backend.run_each(WINDOWS))
        np.testing.assert_allclose(found, expected, atol=tolerance)
    sizes = [(tmp_path / f"{name}.onnx").stat().st_size for name in ("int8", "fp32")]
    assert sizes[0] < sizes[1]


def test_texts_that_run_at_once_give_what_each_gives_alone(
    model: ShallowForSequenceClassification,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export_onnx(model, tmp_path / "fp32.onnx")
    quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx", SHALLOW_OPERATORS)
    backend = OnnxBackend(tmp_path / "int8.onnx")
    assert backend.takes_many
    random = np.random.default_rng(13)
    windows = [random.integers(5, 60, n).tolist() for n in (*range(1, 40), 200, 16, 16)]
    alone = [backend.run_each([window])[0].tobytes() for window in windows]
    run, shapes = backend.run, []

    def note_shapes(input_ids: np.ndarray) -> np.ndarray:
        shapes.append(input_ids.shape)
        return run(input_ids)

    monkeypatch.setattr(backend, "run", note_shapes)
    for some in (range(len(windows)), random.permutation(len(windows)), [3, 3, 41]):
        found = backend.run_each([windows[place] for place in some])
        assert [logits.shape for logits in found] == [(1, backend.n_outputs)] * len(some)
        assert [logits.tobytes() for logits in found] == [alone[place] for place in some]
    assert shapes[:4] == [(18, 16), (16, 32), (7, 48), (1, 208)]
    assert shapes[8:] == [(3, 16)]


def test_it_is_saved_and_opened_like_any_model(
    model: ShallowForSequenceClassification, tmp_path: Path
) -> None:
    model.save_pretrained(tmp_path)
    opened = ShallowForSequenceClassification.from_pretrained(tmp_path)
    found, expected = torch_logits(opened, WINDOWS), torch_logits(model, WINDOWS)
    np.testing.assert_allclose(found, expected, atol=1e-6)  # where weights lie in memory counts


def test_a_pair_of_neighbours_counts_for_its_label_alone(
    model: ShallowForSequenceClassification,
) -> None:
    assert model.bigrams is not None
    with torch.no_grad():
        model.bigrams.table.weight.zero_()
        before = torch_logits(model, [[2, 40, 41, 3], [2, 41, 40, 3]])
        bucket = (40 * 1_000_003 + 41) & 511
        model.bigrams.table.weight[bucket, 1] = 7.0
        after = torch_logits(model, [[2, 40, 41, 3], [2, 41, 40, 3]])
    expected = np.zeros_like(before)
    expected[0, 1] = 7.0 / 7**0.5  # there are four tokens and three pairs
    np.testing.assert_allclose(after - before, expected, atol=1e-5)


def test_buckets_must_hold_every_token(student_recipe_file: Path) -> None:
    for buckets in (64, 600):
        recipe = read_recipe(str(student_recipe_file), {"shallow.buckets": f"{buckets}"})
        with pytest.raises(RecipeError, match=f"is {buckets}, expected 0 or a power of two"):
            open_base(recipe)


def test_reduced_vectors_keep_what_differs_most() -> None:
    random = torch.Generator().manual_seed(0)
    plane = torch.randn(200, 2, generator=random) @ torch.randn(2, 32, generator=random)
    reduced = reduce_vectors(plane + 5.0, 2)
    assert reduced.shape == (200, 2)
    distances, before = torch.pdist(reduced), torch.pdist(plane)
    np.testing.assert_allclose(distances / distances.max(), before / before.max(), atol=1e-4)
