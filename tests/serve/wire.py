"""A real server on loopback over a tiny model that has scales of the Perspective API."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import uvicorn
from tests import tiny

from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.model.calibration import Calibration
from toxic_tweets.model.checkpoint import write_checkpoint
from toxic_tweets.model.scales import PART
from toxic_tweets.policy import Thresholds
from toxic_tweets.serve.app import create_app
from toxic_tweets.serve.service import Core
from toxic_tweets.serve.settings import Settings

LINE = [[-6.0, -3.0], [0.0, -0.5], [6.0, 4.0]]
SCALES = {
    "TOXICITY": {"outputs": {"toxic": 1.0}, "knots": LINE},
    "PROFANITY": {"outputs": {"obscene": 1.0, "toxic": 0.25}, "knots": LINE},
    # The tiny model has no output of its own for it.
    "SEXUALLY_EXPLICIT": {"outputs": {"obscene": 1.0}, "knots": LINE},
}


@dataclass(frozen=True)
class Server:
    """A server that listens."""

    url: str
    core: Core

    def analyze(
        self, body: Any = None, query: str = "", headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Send a request as plain HTTP clients do; a body of bytes goes as it is."""
        return self.post("/v1alpha1/comments:analyze", body, query, headers)

    def post(
        self,
        path: str,
        body: Any = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        return requests.post(f"{self.url}{path}{query}", data, headers=sent, timeout=20)


def make_checkpoint(source: Path, folder: Path, parts: Mapping[str, Any] | None = None) -> Path:
    """Copy the tiny checkpoint, with scales, by default the ones above."""
    shutil.copytree(source, folder)
    write_checkpoint(
        folder,
        name="tiny",
        version="1",
        task="toxicity",
        labels=TOXICITY_NAMES,
        outputs=TOXICITY_NAMES,
        max_tokens=tiny.MAX_TOKENS,
        overlap_tokens=tiny.OVERLAP_TOKENS,
        calibration=Calibration.identity(6, "sigmoid"),
        thresholds=Thresholds.make_untuned(TOXICITY_NAMES),
        languages=["en"],
        licence="Apache-2.0",
        base="a model made in the tests",
        metrics={},
        parts={PART: SCALES} if parts is None else parts,
    )
    return folder


@contextmanager
def serve(checkpoint: Path, database: Path, **settings: Any) -> Iterator[Server]:
    """Run a server until the block ends."""
    values = {
        "models": (str(checkpoint),),
        "database_url": f"sqlite:///{database}",
        "threads": 2,
        "log_level": "error",
        **settings,
    }
    app = create_app(Settings(**values))
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="on", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(2000):
        if server.started:
            break
        if not thread.is_alive():
            raise RuntimeError("The server did not start; its log says why.")
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Server(f"http://127.0.0.1:{port}", app.state.core)
    finally:
        server.should_exit = True
        thread.join(timeout=20)
