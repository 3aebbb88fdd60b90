"""Whole runs with a tiny encoder: what they leave, and what is not done twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForSequenceClassification

from toxic_tweets.classifier import load
from toxic_tweets.errors import TrainingError
from toxic_tweets.model.checkpoint import read_checkpoint
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.train.config import read_recipe
from toxic_tweets.train.run import draw_curves, train
from toxic_tweets.train.word_threshold import score_texts

OFFLINE = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def make_command(recipe: Path, data: Path, output: Path) -> list[str]:
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
            *make_command(recipe, data_root, folder / "out"),
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
