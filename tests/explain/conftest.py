"""A tiny real checkpoint that marks tokens, and readers that need no more than a tokenizer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests import tiny
from tests.conftest import MakeOnce, export, unmeasured

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.model.calibration import Calibration
from toxic_tweets.model.checkpoint import (
    CHECKPOINT_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    write_checkpoint,
)
from toxic_tweets.policy import Thresholds

PARTS = {"token_head": {"threshold": 0.25}, "normalizer": {"version": 1}}


@pytest.fixture(scope="session")
def token_checkpoint(
    make_once: MakeOnce,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return a checkpoint that marks tokens and normalises texts. Do not write into it."""
    from toxic_tweets.model.export import quantise

    def fill(folder: Path) -> None:
        model = request.getfixturevalue("tiny_model")
        export(model, folder, unmeasured(train_token_head)(model))

    graph = make_once("tiny-tokens-graph", fill) / "fp32.onnx"
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny-tokens"
    folder.mkdir()
    quantise(graph, folder / MODEL_FILE)
    tiny.make_tokenizer().save(str(folder / TOKENIZER_FILE))
    write_checkpoint(
        folder,
        name="tiny-tokens",
        version="1",
        task="toxicity",
        labels=TOXICITY_NAMES,
        outputs=TOXICITY_NAMES,
        max_tokens=tiny.MAX_TOKENS,
        overlap_tokens=tiny.OVERLAP_TOKENS,
        calibration=Calibration.identity(len(TOXICITY_NAMES), "sigmoid"),
        thresholds=Thresholds.make_untuned(TOXICITY_NAMES),
        languages=["en"],
        licence="Apache-2.0",
        base="a model made in the tests",
        metrics={},
        parts=PARTS,
    )
    return folder


@pytest.fixture(scope="session")
def token_classifier(token_checkpoint: Path) -> Classifier:
    return load(token_checkpoint, threads=2)


@pytest.fixture(scope="session")
def normalising_classifier(
    tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Classifier:
    """Return a classifier that normalises texts and has no token head."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny-normalising"
    shutil.copytree(tiny_checkpoint, folder)
    raw = json.loads((folder / CHECKPOINT_FILE).read_text(encoding="utf-8"))
    raw["parts"] = {"normalizer": {"version": 1}}
    (folder / CHECKPOINT_FILE).write_text(json.dumps(raw), encoding="utf-8")
    return load(folder, threads=1)


def train_token_head(model: Any) -> Any:
    """Return a linear layer that knows the nasty words by the states of the tiny model."""
    import torch

    class Head(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.nn.Linear(model.config.hidden_size, 1)

        def forward(self, hidden: Any) -> Any:
            return self.linear(hidden).squeeze(-1)

    torch.manual_seed(0)
    random = Random(0)
    tokenizer = tiny.make_tokenizer()
    nasty = torch.tensor([tokenizer.token_to_id(word) for word in tiny.NASTY])
    words = [*tiny.WORDS * 2, *tiny.NASTY, *",.!?'-", "😀"]
    states, targets = [], []
    for length in range(1, 25):
        rows = [random.choices(words, k=length) for _ in range(24)]
        ids = torch.tensor([tokenizer.encode(" ".join(row)).ids for row in rows])
        with torch.no_grad():
            found = model(input_ids=ids, output_hidden_states=True).hidden_states[-1]
        states.append(found.flatten(0, 1))
        targets.append(torch.isin(ids, nasty).float().flatten())
    known, truth = torch.cat(states), torch.cat(targets)
    head = Head()
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.1, weight_decay=0.0)
    for _ in range(400):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(head(known), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return head.eval()
