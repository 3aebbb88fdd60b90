"""A run that starts from another one's model, and the average of both that it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

from toxic_tweets.classifier import load
from toxic_tweets.errors import RecipeError
from toxic_tweets.train.blend import blend
from toxic_tweets.train.config import read_recipe
from toxic_tweets.train.run import train


def test_weights_move_by_their_share_and_strange_ones_stay(
    tiny_hf_folder: Path, tmp_path: Path
) -> None:
    newer = AutoModelForSequenceClassification.from_pretrained(tiny_hf_folder)
    older = AutoModelForSequenceClassification.from_pretrained(tiny_hf_folder)
    with torch.no_grad():
        for weights in older.parameters():
            weights.add_(1.0)
        older.classifier = torch.nn.Linear(older.config.hidden_size, 2)
    older.save_pretrained(tmp_path)
    before = {name: weights.clone() for name, weights in newer.state_dict().items()}
    blend(newer, tmp_path, 0.25)
    for name, weights in newer.state_dict().items():
        moved = 0.0 if name.startswith("classifier.") else 0.25
        torch.testing.assert_close(weights, before[name] + moved)


def test_a_recipe_runs_the_one_it_starts_from_and_keeps_an_average(
    recipe_file: Path, data_root: Path, tmp_path: Path
) -> None:
    before = tmp_path / "before.toml"
    before.write_text(recipe_file.read_text(encoding="utf-8"), encoding="utf-8")
    settings = {"first": f'"{before.as_posix()}"', "first_share": "0.5", "training.epochs": "1"}
    # A rate of nearly zero: what comes out is what it started from.
    settings |= {"training.learning_rate": "1e-9", "training.head_learning_rate": "1e-9"}
    recipe, output = read_recipe(str(recipe_file), settings), tmp_path / "out"
    said: list[str] = []
    checkpoint = train(recipe, data_root, output, say=said.append)
    assert checkpoint is not None
    assert any(line.startswith("First the recipe") for line in said)
    first, last = (load_file(output / at / "model.safetensors") for at in ("first/model", "model"))
    for name, weights in last.items():
        torch.testing.assert_close(weights, first[name], atol=1e-5, rtol=0.0)
    assert "insult" in load(checkpoint).predict_one("you are an idiot").flagged


def test_a_share_without_a_first_recipe_is_refused(recipe_file: Path) -> None:
    with pytest.raises(RecipeError, match=r"first_share is 0\.5, expected within \[0, 1\), and 0"):
        read_recipe(str(recipe_file), {"first_share": "0.5"})
