"""Fixtures that every test may use; the models in them are tiny and real."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil

# Before torch or tokenizers are imported: more threads are slower on a shared machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import tiny
from tests.fakes import FakeHub
from toxic_tweets.classifier import Classifier, load
from toxic_tweets.labels import SENTIMENT_NAMES, TOXICITY_NAMES

LONGEST = ("e2e", "notebooks", "train")  # folders

# No test asserts a time: on a busy machine the 200 ms that Hypothesis allows are over soon.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def unmeasured(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, of whose run no coverage is measured: torch is twice as fast then.

    For what tests need, not for what they test.
    """

    @wraps(function)
    def run(*arguments: Any, **options: Any) -> Any:
        trace = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*arguments, **options)
        finally:
            sys.settrace(trace)
            _take_over()

    return run


def _take_over() -> None:
    """Be the call at which coverage goes on: else it would miss the end of the frame above.

    And then it would take the lines that follow in the caller for lines of that frame.
    """


MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Return a function that gives a folder which one process of this run filled for all.

    It takes the folder's name and what fills it. Do not write into the folder.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder, aside = root / name, root / f"{name}.partial"
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(aside, ignore_errors=True)
                aside.mkdir()
                fill(aside)
                aside.rename(folder)
        return folder

    return make


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left alone with it in the end."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.path.parent.name not in LONGEST)


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
    return unmeasured(tiny.train_model)(TOXICITY_NAMES, tiny.NASTY, "multi_label_classification")


@pytest.fixture(scope="session")
def tiny_sentiment_model() -> Any:
    """Return a tiny BERT with the three sentiments."""
    return unmeasured(tiny.train_model)(
        SENTIMENT_NAMES, tiny.SENTIMENTS, "single_label_classification"
    )


@pytest.fixture(scope="session")
def tiny_hf_folder(tiny_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Hugging Face folder of the tiny model. Do not write into it: copy it."""
    return tiny.save_hf_folder(tiny_model, tmp_path_factory.mktemp("hf") / "tiny-bert")


@pytest.fixture(scope="session")
def tiny_graph(make_once: MakeOnce, request: pytest.FixtureRequest) -> Path:
    """Return the fp32 ONNX graph of the tiny model."""

    def fill(folder: Path) -> None:
        export(request.getfixturevalue("tiny_model"), folder)

    return make_once("tiny-graph", fill) / "fp32.onnx"


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint folder of the tiny model. Do not write into it: copy it."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    return tiny.save_checkpoint(tiny_graph, folder, "tiny", "sigmoid").folder


@pytest.fixture(scope="session")
def tiny_sentiment_checkpoint(
    make_once: MakeOnce,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return a checkpoint folder of the tiny sentiment model. Do not write into it: copy it."""

    def fill(folder: Path) -> None:
        export(request.getfixturevalue("tiny_sentiment_model"), folder)

    graph = make_once("tiny-sentiment-graph", fill) / "fp32.onnx"
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny-sentiment"
    return tiny.save_checkpoint(graph, folder, "tiny-sentiment", "softmax").folder


def export(model: Any, folder: Path, token_head: Any = None) -> Path:
    """Export a model to an fp32 ONNX graph, which takes seconds."""
    from toxic_tweets.model.export import export_onnx

    unmeasured(export_onnx)(model, folder / "fp32.onnx", token_head)
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
