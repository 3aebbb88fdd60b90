from __future__ import annotations

from dataclasses import replace

import pytest

from toxic_tweets.classifier import Classifier
from toxic_tweets.evaluate.cost import make_texts, measure_cost
from toxic_tweets.evaluate.system import System, make_system


def test_texts_are_the_same_each_time() -> None:
    texts = make_texts(40, 13)
    assert texts == make_texts(40, 13)
    assert texts != make_texts(40, 14)
    assert len({len(text.split()) for text in texts}) > 10


def test_a_function_has_speed_and_waiting_time(system: System) -> None:
    found = {one.name: one for one in measure_cost(system, 13, n_texts=8)}
    assert list(found) == ["texts_per_s", "latency_p50_ms", "latency_p99_ms"]
    speed = found["texts_per_s"]
    assert speed.value is not None
    assert speed.low is not None
    assert speed.high is not None
    assert 0 < speed.low <= speed.value <= speed.high
    assert speed.path == "cost/texts_per_s"
    assert speed.n == 8


def test_a_checkpoint_has_size_and_memory_too(tiny_classifier: Classifier) -> None:
    found = {one.name: one for one in measure_cost(make_system(tiny_classifier), 13, n_texts=4)}
    size = found["size_mb"].value
    assert size == pytest.approx(tiny_classifier.checkpoint.size_bytes / 1e6)
    memory = found["peak_memory_mb"].value
    assert memory is not None
    assert 10 < memory < 1000


def test_a_file_of_scores_costs_nothing(system: System) -> None:
    assert measure_cost(replace(system, scores_any_text=False), 13) == []
