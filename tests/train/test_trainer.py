"""Training that is killed, goes bad or gets no better: little is lost, and nothing bad is kept."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.train.test_run import OFFLINE, make_command

from toxic_tweets.classifier import load
from toxic_tweets.errors import TrainingError
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.train.config import read_recipe
from toxic_tweets.train.loss import masked_binary_cross_entropy
from toxic_tweets.train.run import train


def test_a_killed_run_goes_on_and_ends_the_same(
    full_recipe_file: Path, data_root: Path, tmp_path: Path
) -> None:
    recipe_file = full_recipe_file
    text = recipe_file.read_text(encoding="utf-8")
    longer = text.replace("epochs = 4", "epochs = 5").replace("average_decay = 0.9\n", "")
    recipe_file.write_text(longer.replace("1e-2", "1e-3"), encoding="utf-8")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    command = [sys.executable, *make_command(recipe_file, data_root, killed)]
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
