"""Metrics of several processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from toxic_tweets.serve.metrics import FOLDER_VARIABLE, Metrics, forget_dead

COUNT = """
from toxic_tweets.serve.metrics import Metrics
metrics = Metrics()
metrics.rejected.labels("queue_full").inc(2)
metrics.waiting_texts.set(5)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of metrics after one process has counted and ended."""
    environment = {**os.environ, FOLDER_VARIABLE: str(tmp_path)}
    subprocess.run([sys.executable, "-c", COUNT], env=environment, check=True)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    return tmp_path


def test_what_a_dead_process_counted_stays_but_not_what_it_was(folder: Path) -> None:
    assert list(folder.glob("gauge_livesum_*.db"))
    text = Metrics().render().decode()
    assert 'toxic_tweets_rejected_total{reason="queue_full"} 2.0' in text
    assert "toxic_tweets_waiting_texts 5" not in text
    assert not list(folder.glob("gauge_livesum_*.db"))


def test_the_living_are_not_forgotten(folder: Path) -> None:
    living = folder / f"gauge_livesum_{os.getpid()}.db"
    living.write_bytes(b"")
    forget_dead(folder)
    assert living.exists()


def test_every_metric_is_described() -> None:
    for metric in Metrics().all():
        (facts,) = metric.describe()
        assert facts.name.startswith("toxic_tweets_")
        assert facts.documentation.endswith(".")
