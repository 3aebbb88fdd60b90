"""Real servers on loopback, over the tiny checkpoint."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from toxic_tweets.serve.app import create_app
from toxic_tweets.serve.server import bind, make_server
from toxic_tweets.serve.service import Core
from toxic_tweets.serve.settings import Settings, make_settings

StartServer = Callable[..., AbstractContextManager["RunningServer"]]
StartProcess = Callable[..., AbstractContextManager["ServerProcess"]]


@dataclass
class RunningServer:
    """Point at a server in a thread of this process."""

    url: str
    port: int
    core: Core
    client: httpx2.Client
    settings: Settings

    def post(self, path: str, body: object, **headers: str) -> httpx2.Response:
        return self.client.post(path, json=body, headers=headers)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(path, headers=headers)

    def read_metric(self, line: str) -> float:
        """Return the number of the metric that begins like this, 0 if there is none."""
        for one in self.get("/metrics").text.splitlines():
            if one.startswith(f"{line} "):
                return float(one.rpartition(" ")[2])
        return 0.0


@dataclass
class ServerProcess:
    """Point at a server in a process of its own."""

    url: str
    port: int
    process: subprocess.Popen[str]
    log: list[str]


@pytest.fixture(scope="session")
def start_server(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> StartServer:
    """Return a function that runs a server in a thread, with settings of its own."""

    @contextmanager
    def start(**given: Any) -> Iterator[RunningServer]:
        database = tmp_path_factory.mktemp("server") / "server.db"
        values: dict[str, Any] = {
            "models": (str(tiny_checkpoint),),
            "database_url": f"sqlite:///{database}",
            "port": 0,
            "threads": 2,
            "stop_timeout_s": 5,
        }
        settings = make_settings(**{**values, **given})
        listener = bind(settings)
        port = listener.getsockname()[1]
        app = create_app(settings)
        server = make_server(app, settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            assert server.started, "The server did not start."
            url = f"http://127.0.0.1:{port}"
            with httpx2.Client(base_url=url, timeout=20) as client:
                yield RunningServer(url, port, app.state.core, client, settings)
        finally:
            server.should_exit = True
            thread.join(20)
            listener.close()

    return start


@pytest.fixture(scope="session")
def server(start_server: StartServer) -> Iterator[RunningServer]:
    """Return a server as it comes out of the box, but for the tiny model."""
    with start_server() as running:
        yield running


@pytest.fixture
def start_process(tiny_checkpoint: Path, tmp_path: Path) -> StartProcess:
    """Return a function that runs `toxic-tweets serve` in a process of its own."""

    @contextmanager
    def start(*options: str, **settings: str) -> Iterator[ServerProcess]:
        values = {
            "MODELS": str(tiny_checkpoint),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'process.db'}",
            "PORT": "0",
            "THREADS": "1",
            **settings,
        }
        environment = {f"TOXIC_TWEETS_{name}": value for name, value in values.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "toxic_tweets", "serve", *options],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        assert process.stderr is not None
        log: list[str] = []
        port = 0
        for line in process.stderr:
            log.append(line)
            if match := re.search(r'"url": "http://127\.0\.0\.1:(\d+)"', line):
                port = int(match[1])
                break
        reader = threading.Thread(target=log.extend, args=(process.stderr,))
        reader.start()
        url = f"http://127.0.0.1:{port}"
        try:
            assert port, log
            wait_until_ready(url, process)
            yield ServerProcess(url, port, process, log)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(20)
            reader.join(20)
            process.stderr.close()

    return start


def wait_until_ready(url: str, process: subprocess.Popen[str]) -> None:
    for _ in range(3000):
        assert process.poll() is None, "The server ended."
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.02)
    raise AssertionError("The server did not become ready.")
