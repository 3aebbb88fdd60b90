import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import tiny

from toxic_tweets.classifier import load
from toxic_tweets.errors import CheckpointError, MissingExtraError
from toxic_tweets.labels import SENTIMENT_NAMES, TOXICITY_NAMES
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.model.torch_backend import TorchBackend, check_weights, open_hf_folder


@pytest.fixture
def folder(tiny_hf_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_hf_folder, tmp_path / "tiny-bert"))


def change(folder: Path, changer: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    changer(config)
    path.write_text(json.dumps(config), encoding="utf-8")


def test_labels_and_activation_come_from_the_config(tiny_hf_folder: Path) -> None:
    opened = open_hf_folder(tiny_hf_folder)
    assert opened.checkpoint.labels == opened.checkpoint.outputs == TOXICITY_NAMES
    assert opened.checkpoint.activation == "sigmoid"
    assert opened.checkpoint.max_tokens == 64
    assert opened.backend.n_outputs == 6
    assert opened.checkpoint.id.startswith("tiny-bert@")


def test_single_choice_is_a_softmax(tiny_sentiment_model: Any, tmp_path: Path) -> None:
    classifier = load(tiny.save_hf_folder(tiny_sentiment_model, tmp_path / "sentiment"))
    assert (classifier.labels, classifier.activation) == (SENTIMENT_NAMES, "softmax")
    prediction = classifier.predict_one("good day")
    assert prediction.top.label == "positive"
    assert sum(prediction.scores.values()) == pytest.approx(1)
    assert (prediction.flagged, prediction.verdict) == ((), "allow")


@pytest.mark.parametrize(
    ("problem_type", "activation"),
    [
        ("multi_label_classification", "sigmoid"),
        ("single_label_classification", "softmax"),
        (None, "softmax"),
    ],
)
def test_activation_by_problem_type(
    folder: Path, problem_type: str | None, activation: str
) -> None:
    change(folder, lambda config: config.update(problem_type=problem_type))
    assert open_hf_folder(folder).checkpoint.activation == activation


def test_torch_and_onnx_agree(tiny_graph: Path, tiny_hf_folder: Path) -> None:
    onnx, torch = OnnxBackend(tiny_graph), TorchBackend(tiny_hf_folder)
    random = np.random.default_rng(0)
    for shape in ((1, 2), (1, 9), (1, 64), (3, 17)):
        ids = random.integers(5, 60, shape)
        np.testing.assert_allclose(onnx.run(ids), torch.run(ids), atol=1e-4)


def test_long_text_becomes_windows(tiny_hf_folder: Path) -> None:
    classifier = load(tiny_hf_folder, threads=2)
    prediction = classifier.predict_one("you are kind " * 60 + "you idiot")  # 182 tokens
    assert prediction.windows == 5  # of 62, which move on by 30


def test_id_follows_the_weights(folder: Path) -> None:
    before = open_hf_folder(folder).checkpoint.id
    assert open_hf_folder(folder).checkpoint.id == before
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert open_hf_folder(folder).checkpoint.id != before


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "tf_model.h5", "model.ckpt"])
def test_pickled_weights_are_refused(folder: Path, name: str) -> None:
    (folder / "model.safetensors").rename(folder / name)
    with pytest.raises(CheckpointError, match=f"{name} only, but pickled weights can run code"):
        load(folder)
    with pytest.raises(CheckpointError, match="refused"):
        TorchBackend(folder)


def test_no_weights_at_all(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"has no model.safetensors"):
        check_weights(folder)


def test_weights_of_another_shape(folder: Path) -> None:
    change(folder, lambda config: config.update(hidden_size=16, intermediate_size=32))
    with pytest.raises(CheckpointError, match="cannot be opened as a sequence classifier"):
        load(folder)


def test_code_in_a_folder_never_runs(folder: Path) -> None:
    (folder / "evil.py").write_text("raise SystemExit('ran')\n", encoding="utf-8")
    auto_map = {"AutoModelForSequenceClassification": "evil.Evil", "AutoConfig": "evil.Evil"}
    change(folder, lambda config: config.update(auto_map=auto_map, model_type="evil"))
    with pytest.raises(CheckpointError):
        load(folder)


@pytest.mark.parametrize(
    ("changer", "message"),
    [
        (
            lambda config: config.update(architectures=["BertForMaskedLM"]),
            "no head that gives scores",
        ),
        (lambda config: config.pop("architectures"), "architectures is None"),
        (lambda config: config.update(id2label={"0": "a", "2": "b"}), "must number the labels"),
        (lambda config: config.update(id2label={"0": "a", "1": "a"}), "each once"),
        (lambda config: config.update(id2label={"x": "a"}), "id2label is malformed"),
    ],
)
def test_other_configs_are_refused(
    folder: Path, changer: Callable[[dict[str, Any]], object], message: str
) -> None:
    change(folder, changer)
    with pytest.raises(CheckpointError, match=message):
        open_hf_folder(folder)


def test_any_other_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"neither checkpoint.json nor config.json"):
        load(tmp_path)
    (tmp_path / "config.json").write_text("[", encoding="utf-8")
    with pytest.raises(CheckpointError, match="cannot be read as JSON"):
        load(tmp_path)


def test_tokenizer_is_made_of_a_vocabulary_if_need_be(folder: Path) -> None:
    expected = load(folder).score_array(["you are an idiot"])
    vocabulary = tiny.make_tokenizer().get_vocab()
    (folder / "tokenizer.json").unlink()
    lines = sorted(vocabulary, key=lambda piece: vocabulary[piece])
    (folder / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert (load(folder).score_array(["you are an idiot"]) == expected).all()
    (folder / "vocab.txt").unlink()
    with pytest.raises(CheckpointError, match=r"no tokenizer.json"):
        load(folder)


def test_missing_torch_names_the_extra(
    tiny_hf_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r'pip install "toxic-tweets\[train\]"'):
        load(tiny_hf_folder)


def test_opening_is_silent(tiny_hf_folder: Path) -> None:
    code = "import sys; from toxic_tweets import load; print(load(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_hf_folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Classifier('tiny-bert@")
    assert done.stderr == ""
