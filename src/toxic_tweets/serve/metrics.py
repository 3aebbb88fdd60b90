"""What Prometheus is told: counts and times, never a text."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.metrics import MetricWrapperBase

from toxic_tweets.serve.versions import find_calibration

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier
    from toxic_tweets.prediction import Prediction

CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where the processes of one server share their numbers; set before they start."""

# Coral gives up after 300 ms in older versions, 500 ms in newer ones.
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30)
_TEXTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_SCORES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


class Metrics:
    """Hold every metric of one process."""

    def __init__(self) -> None:
        """Start at zero, apart from any other server in this process."""
        own = CollectorRegistry()
        self._registry = own
        self.requests = Counter(
            "toxic_tweets_requests",
            "Requests by route, method and HTTP status.",
            ("route", "method", "status"),
            registry=own,
        )
        self.request_seconds = Histogram(
            "toxic_tweets_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=own,
        )
        self.call_texts = Histogram(
            "toxic_tweets_call_texts", "Texts per call.", buckets=_TEXTS, registry=own
        )
        self.scoring_seconds = Histogram(
            "toxic_tweets_scoring_seconds",
            "Time of a call in the queue and on the threads.",
            buckets=_SECONDS,
            registry=own,
        )
        self.waiting_texts = Gauge(
            "toxic_tweets_waiting_texts",
            "Texts that wait for a thread now.",
            registry=own,
            multiprocess_mode="livesum",
        )
        self.flagged = Counter(
            "toxic_tweets_flagged",
            "Texts that a label was flagged for.",
            ("model", "label"),
            registry=own,
        )
        self.score = Histogram(
            "toxic_tweets_score",
            "Scores by label; a shape that changes is drift.",
            ("model", "label"),
            buckets=_SCORES,
            registry=own,
        )
        self.rejected = Counter(
            "toxic_tweets_rejected",
            "Calls that were refused, by the code of the error.",
            ("reason",),
            registry=own,
        )
        self.feedback = Counter(
            "toxic_tweets_feedback", "Pieces of feedback kept, by API.", ("source",), registry=own
        )
        self.model = Gauge(
            "toxic_tweets_model",
            "1 for each model that is loaded.",
            ("model", "checkpoint", "calibration"),
            registry=own,
            multiprocess_mode="livemax",
        )

    def add_model(self, classifier: Classifier) -> None:
        """Say that a model is loaded."""
        facts = classifier.checkpoint
        self.model.labels(facts.name, facts.id, find_calibration(classifier)).set(1)

    def add_predictions(self, model: str, predictions: Iterable[Prediction]) -> None:
        """Count the scores and the flagged labels of one call."""
        n_texts = 0
        for prediction in predictions:
            n_texts += 1
            for label, score in prediction.scores.items():
                self.score.labels(model, label).observe(score)
            for label in prediction.flagged:
                self.flagged.labels(model, label).inc()
        self.call_texts.observe(n_texts)

    def render(self) -> bytes:
        """Return all metrics as text, those of all processes together."""
        folder = os.environ.get(FOLDER_VARIABLE)
        if not folder:
            return generate_latest(self._registry)
        forget_dead(Path(folder))
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def all(self) -> list[MetricWrapperBase]:
        """Return every metric, for the documentation."""
        return [one for one in vars(self).values() if isinstance(one, MetricWrapperBase)]


def forget_dead(folder: Path) -> None:
    """Drop the gauges of processes that are gone; what they counted stays."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            multiprocess.mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]
