"""Whole runs with a tiny encoder: what they leave, and that a kill costs little."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import AutoModelForSequenceClassification

from toxic_tweets.classifier import load
from toxic_tweets.errors import TrainingError
from toxic_tweets.model.checkpoint import read_checkpoint
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.train.config import read_recipe
from toxic_tweets.train.loss import masked_binary_cross_entropy
from toxic_tweets.train.run import draw_curves, train
from toxic_tweets.train.word_threshold import score_texts

OFFLINE = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def _command(recipe: Path, data: Path, output: Path) -> list[str]:
    return [
        "-m",
        "toxic_tweets",
        "train",
        str(recipe),
        "--data",
        str(data),
        "--output",
        str(output),
    ]


@pytest.fixture(scope="module")
def finished(
    tiny_hf_folder: Path, data_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the folder of a finished run of two workers, started by torchrun."""
    from tests.train.conftest import full_recipe_file, recipe_file

    folder = tmp_path_factory.mktemp("run")
    plain = recipe_file.__wrapped__(tiny_hf_folder, folder)  # type: ignore[attr-defined]
    recipe = full_recipe_file.__wrapped__(plain)  # type: ignore[attr-defined]
    subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"),
            *_command(recipe, data_root, folder / "out"),
        ],
        env=OFFLINE,
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder / "out"


def test_a_run_leaves_its_facts_numbers_picture_and_card(finished: Path) -> None:
    facts = json.loads((finished / "run.json").read_text(encoding="utf-8"))
    assert facts["workers"] == 2
    assert facts["seed"] == 13
    assert facts["versions"]["torch"].startswith("2.13.0")
    assert len(facts["data"][0]["sha256"]) == 64
    assert facts["machine"]["cores"] == os.cpu_count()
    lines = (finished / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert any("eval_quality" in json.loads(line) for line in lines)
    assert (finished / "curves.png").read_bytes().startswith(b"\x89PNG")
    card = (finished / "checkpoint" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: apache-2.0")
    assert "| made-up | toxic |" in card


def test_copies_and_places_are_declared(finished: Path) -> None:
    facts = json.loads((finished / "run.json").read_text(encoding="utf-8"))
    made_up, spans, trial = facts["data"][:3]
    assert made_up["repeated"] == round(0.25 * made_up["learned"])
    assert 0 < made_up["disguised"] <= round(0.3 * made_up["learned"])
    assert (trial["learned"], trial["held_out"]) == (0, trial["texts"])
    learned = made_up["learned"] + made_up["repeated"] + made_up["disguised"] + spans["learned"]
    assert facts["texts"]["train"] == learned
    card = (finished / "checkpoint" / "README.md").read_text(encoding="utf-8")
    assert "| source | learned from | once more | in disguise | held out |" in card
    assert f"{made_up['disguised']} of the rows learned from were generated" in card


def test_what_two_workers_trained_knows_the_places(finished: Path) -> None:
    checkpoint = read_checkpoint(finished / "checkpoint")
    assert checkpoint.normalizer == 1
    part = checkpoint.parts["token_head"]
    assert part["char_f1"] == checkpoint.metrics["toxic-spans-trial.char_f1"] > 0.8
    backend = OnnxBackend(finished / "checkpoint" / "model.onnx")
    assert backend.has_tokens
    scored, clean = score_texts(backend, checkpoint, ["you are an idiot", "you are nice"])
    assert scored.find_places(part["threshold"]) == ((11, 16),)
    assert clean.find_places(part["threshold"]) == ()
    plain = AutoModelForSequenceClassification.from_pretrained(finished / "model")
    assert not any("token_head" in name for name in plain.state_dict())


def test_what_two_workers_trained_knows_its_words(finished: Path) -> None:
    classifier = load(finished / "checkpoint")
    nasty, kind = classifier.predict(["you are an idiot", "you are nice"])
    assert nasty.scores["insult"] > 0.5 > kind.scores["insult"]
    assert "insult" in nasty.flagged
    assert kind.flagged == ()
    metrics = classifier.checkpoint.metrics
    assert metrics["validation.made-up.mean_auc"] > 0.95
    assert abs(metrics["parity.int8_mean_auc_loss"]) < 0.02


def test_a_finished_run_is_not_trained_again(finished: Path, data_root: Path) -> None:
    weights = finished / "model" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    recipe = read_recipe(str(finished.parent / "tiny.toml"))
    said: list[str] = []
    folder = train(recipe, data_root, finished, say=said.append)
    assert folder == finished / "checkpoint"
    assert weights.stat().st_mtime_ns == before
    assert not any(line.startswith("step") for line in said)


def test_a_folder_of_another_recipe_is_refused(finished: Path, data_root: Path) -> None:
    recipe = read_recipe(str(finished.parent / "tiny.toml"), {"training.epochs": "1"})
    with pytest.raises(TrainingError, match="another recipe"):
        train(recipe, data_root, finished)


def test_a_killed_run_goes_on_and_ends_the_same(
    full_recipe_file: Path, data_root: Path, tmp_path: Path
) -> None:
    recipe_file = full_recipe_file
    text = recipe_file.read_text(encoding="utf-8")
    longer = text.replace("epochs = 4", "epochs = 5").replace("average_decay = 0.9\n", "")
    recipe_file.write_text(longer.replace("1e-2", "1e-3"), encoding="utf-8")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    command = [sys.executable, *_command(recipe_file, data_root, killed)]
    process = subprocess.Popen(command, env=OFFLINE, stderr=subprocess.DEVNULL)
    deadline_s = time.monotonic() + 120
    while not any(killed.glob("steps/checkpoint-*/COMPLETE")):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "model").exists()
    # As if the kill had come while a later step was being written.
    torn = killed / "steps" / "checkpoint-100000"
    torn.mkdir()
    recipe = read_recipe(str(recipe_file))
    said: list[str] = []
    resumed = train(recipe, data_root, killed, say=said.append)
    straight = train(recipe, data_root, whole, say=said.append)
    assert resumed is not None
    assert straight is not None
    assert not torn.exists()
    steps = [
        json.loads(line)["step"]
        for line in (killed / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert steps.count(max(steps)) >= 1
    texts = ["you are a stupid idiot", "this is the day", "damn"]
    np.testing.assert_allclose(load(resumed).logits(texts), load(straight).logits(texts), atol=0.05)
    ids = np.array([[2, *range(5, 20), 3]], dtype=np.int64)
    one, other = (OnnxBackend(run / "model.onnx").run_tokens(ids)[1] for run in (resumed, straight))
    np.testing.assert_allclose(one, other, atol=0.05)


def test_a_loss_that_is_not_finite_stops_the_run(
    recipe_file: Path, data_root: Path, tmp_path: Path
) -> None:
    recipe = read_recipe(
        str(recipe_file),
        {"training.learning_rate": "1e30", "training.gradient_clip": "1e30"},
    )
    with pytest.raises(TrainingError, match="expected a finite number"):
        train(recipe, data_root, tmp_path / "out", say=lambda line: None)
    assert not (tmp_path / "out" / "model").exists()


def test_a_run_that_goes_bad_goes_on_from_its_last_good_step(
    recipe_file: Path, data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def goes_bad(*arguments: Any) -> Any:
        calls.append(1)
        return masked_binary_cross_entropy(*arguments) * (float("nan") if len(calls) > 40 else 1.0)

    recipe, output = read_recipe(str(recipe_file)), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("toxic_tweets.train.trainer.masked_binary_cross_entropy", goes_bad)
        with pytest.raises(TrainingError, match="last good checkpoint is kept"):
            train(recipe, data_root, output, say=lambda line: None)
    kept = [*output.glob("steps/checkpoint-*/COMPLETE")]
    assert kept
    assert train(recipe, data_root, output, say=lambda line: None) == output / "checkpoint"


def test_a_run_that_starts_anew_keeps_nothing_of_the_old_one(
    finished: Path, data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    shutil.copytree(finished, output)
    assert [*output.glob("steps/checkpoint-*")]
    other = read_recipe(str(finished.parent / "tiny.toml"), {"training.seed": "7"})

    def killed(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("toxic_tweets.train.trainer.masked_binary_cross_entropy", killed)
        with pytest.raises(KeyboardInterrupt):
            train(other, data_root, output, resume=False, say=lambda line: None)
    # Resuming now must train the new recipe, not go on with what the old one left.
    assert not (output / "model").exists()
    assert not [*output.glob("steps/checkpoint-*")]


def test_a_run_that_no_longer_gets_better_stops_early(
    recipe_file: Path, data_root: Path, tmp_path: Path
) -> None:
    settings = {"learning_rate": "1e-12", "head_learning_rate": "1e-12", "patience": "2"}
    settings |= {"epochs": "20", "evaluations": "40", "average_decay": "0.0"}
    overrides = {f"training.{key}": value for key, value in settings.items()}
    recipe = read_recipe(str(recipe_file), overrides)
    train(recipe, data_root, tmp_path / "out", say=lambda line: None)
    lines = (tmp_path / "out" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    n_evaluations = sum("eval_quality" in json.loads(line) for line in lines)
    assert n_evaluations == 3


def test_int8_that_costs_too_much_is_refused(
    finished: Path, data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from toxic_tweets.train import finish

    shutil.copytree(
        finished, tmp_path / "out", ignore=shutil.ignore_patterns("checkpoint", "steps")
    )
    monkeypatch.setattr(finish, "MAX_LOGIT_GAP", -1.0)
    with pytest.raises(TrainingError, match="exported graph"):
        train(
            read_recipe(str(finished.parent / "tiny.toml")),
            data_root,
            tmp_path / "out",
            say=lambda line: None,
        )
    assert not (tmp_path / "out" / "checkpoint").exists()


def test_drawing_curves_leaves_the_pictures_of_others_alone(tmp_path: Path) -> None:
    import matplotlib

    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 0.5}\n', encoding="utf-8")
    before = matplotlib.get_backend(auto_select=False)
    draw_curves(tmp_path / "metrics.jsonl", tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert matplotlib.get_backend(auto_select=False) == before
