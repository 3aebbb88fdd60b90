"""Fixtures that every test may use; the models in them are tiny and real."""

from __future__ import annotations

import logging
import os

# Before torch or tokenizers are imported: more threads are slower on a shared machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import tiny
from tests.fakes import FakeHub
from toxic_tweets.classifier import Classifier, load
from toxic_tweets.labels import SENTIMENT_NAMES, TOXICITY_NAMES

# No test asserts a time: on a busy machine the 200 ms that Hypothesis allows are over soon.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@contextmanager
def unmeasured() -> Iterator[None]:
    """Measure no coverage meanwhile: it makes torch and its exporter twice as slow.

    For what tests need, not for what they test.
    """
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(trace)


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
    with unmeasured():
        return tiny.train_model(TOXICITY_NAMES, tiny.NASTY, "multi_label_classification")


@pytest.fixture(scope="session")
def tiny_sentiment_model() -> Any:
    """Return a tiny BERT with the three sentiments."""
    with unmeasured():
        return tiny.train_model(SENTIMENT_NAMES, tiny.SENTIMENTS, "single_label_classification")


@pytest.fixture(scope="session")
def tiny_hf_folder(tiny_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Hugging Face folder of the tiny model. Do not write into it: copy it."""
    return tiny.save_hf_folder(tiny_model, tmp_path_factory.mktemp("hf") / "tiny-bert")


@pytest.fixture(scope="session")
def tiny_graph(tiny_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the fp32 ONNX graph of the tiny model."""
    return export(tiny_model, tmp_path_factory.mktemp("graphs"))


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint folder of the tiny model. Do not write into it: copy it."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    return tiny.save_checkpoint(tiny_graph, folder, "tiny", "sigmoid").folder


@pytest.fixture(scope="session")
def tiny_sentiment_checkpoint(
    tiny_sentiment_model: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a checkpoint folder of the tiny sentiment model. Do not write into it: copy it."""
    graph = export(tiny_sentiment_model, tmp_path_factory.mktemp("graphs"))
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny-sentiment"
    return tiny.save_checkpoint(graph, folder, "tiny-sentiment", "softmax").folder


def export(model: Any, folder: Path, token_head: Any = None) -> Path:
    """Export a model to an fp32 ONNX graph, which takes seconds."""
    from toxic_tweets.model.export import export_onnx

    with unmeasured():
        export_onnx(model, folder / "fp32.onnx", token_head)
    return folder / "fp32.onnx"


@pytest.fixture(scope="session")
def tiny_classifier(tiny_checkpoint: Path) -> Classifier:
    """Return a classifier over the tiny checkpoint that uses two threads."""
    return load(tiny_checkpoint, threads=2)


@pytest.fixture
def fake_hub() -> Iterator[FakeHub]:
    """Return a small Hugging Face Hub on loopback."""
    with FakeHub() as hub:
        yield hub
