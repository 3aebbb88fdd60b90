"""Fixtures that every test may use; the models in them are tiny and real."""

from __future__ import annotations

import logging
import os

# Before torch or tokenizers are imported: more threads are slower on a shared machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import tiny
from tests.fakes import FakeHub
from toxic_tweets.classifier import Classifier, load
from toxic_tweets.labels import SENTIMENT_NAMES, TOXICITY_NAMES


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Undo what a command did to the logs of this process: the next test reads them too."""
    loggers = [logging.getLogger(name) for name in ("toxic_tweets", "uvicorn", "uvicorn.access")]
    before = [(one.handlers[:], one.propagate, one.level) for one in loggers]
    yield
    for one, (handlers, propagate, level) in zip(loggers, before, strict=True):
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


@pytest.fixture(scope="session")
def tiny_model() -> Any:
    """Return a tiny BERT with the six labels of toxicity."""
    return tiny.train_model(TOXICITY_NAMES, tiny.NASTY, "multi_label_classification")


@pytest.fixture(scope="session")
def tiny_sentiment_model() -> Any:
    """Return a tiny BERT with the three sentiments."""
    return tiny.train_model(SENTIMENT_NAMES, tiny.SENTIMENTS, "single_label_classification")


@pytest.fixture(scope="session")
def tiny_hf_folder(tiny_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Hugging Face folder of the tiny model. Do not write into it: copy it."""
    return tiny.save_hf_folder(tiny_model, tmp_path_factory.mktemp("hf") / "tiny-bert")


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint folder of the tiny model. Do not write into it: copy it."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    return tiny.save_checkpoint(tiny_model, folder, "tiny", "sigmoid").folder


@pytest.fixture(scope="session")
def tiny_sentiment_checkpoint(
    tiny_sentiment_model: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a checkpoint folder of the tiny sentiment model. Do not write into it: copy it."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny-sentiment"
    return tiny.save_checkpoint(tiny_sentiment_model, folder, "tiny-sentiment", "softmax").folder


@pytest.fixture(scope="session")
def tiny_classifier(tiny_checkpoint: Path) -> Classifier:
    """Return a classifier over the tiny checkpoint that uses two threads."""
    return load(tiny_checkpoint, threads=2)


@pytest.fixture
def fake_hub() -> Iterator[FakeHub]:
    """Return a small Hugging Face Hub on loopback."""
    with FakeHub() as hub:
        yield hub
