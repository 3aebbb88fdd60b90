"""Whole servers in processes of their own: several workers, a graceful stop, a sudden one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2
import psutil
import pytest
from tests.serve.conftest import ServerProcess, StartProcess, wait_until_ready

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.serve.server import bind
from toxic_tweets.serve.settings import make_settings
from toxic_tweets.store.database import open_database
from toxic_tweets.store.feedback import read_feedback


def wait_for(is_so: Callable[[], bool]) -> None:
    for _ in range(3000):
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("It did not come to that.")


def find_workers(running: ServerProcess) -> list[psutil.Process]:
    """Return the processes that listen; another child of Python's only tracks resources."""
    workers = []
    for one in psutil.Process(running.process.pid).children(recursive=True):
        with suppress(psutil.Error):  # it is just ending
            if "spawn_main" in " ".join(one.cmdline()):
                workers.append(one)
    return workers


def test_curl_is_answered(start_process: StartProcess) -> None:
    with start_process() as running:
        body = json.dumps({"texts": ["you are an idiot"]})
        shown = subprocess.run(
            ["curl", "-sS", "-d", body, f"{running.url}/v1/score"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert json.loads(shown)["predictions"][0]["verdict"] != "allow"
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) == 0
    events = [json.loads(line)["event"] for line in running.log]
    assert events[0] == "starting"
    assert events[-1] == "stopped"
    assert "request" in events


def test_several_workers_are_one_server(start_process: StartProcess) -> None:
    with start_process("--workers", "2") as running:
        workers = find_workers(running)
        assert len(workers) == 2
        for _ in range(12):  # each on a connection of its own, so that both are asked
            body = {"texts": ["you are kind"]}
            answer = httpx2.post(f"{running.url}/v1/score", json=body, timeout=60)
            assert answer.status_code == 200
        line = 'toxic_tweets_requests_total{method="POST",route="/v1/score",status="200"} 12.0'
        assert line in httpx2.get(f"{running.url}/metrics", timeout=60).text
        # One that dies is replaced, and nobody notices for long.
        workers[0].kill()
        wait_for(lambda: workers[0].pid not in {one.pid for one in find_workers(running)})
        wait_for(lambda: len(find_workers(running)) == 2)
        wait_until_ready(running.url, running.process)
        running.process.terminate()
        assert running.process.wait(20) == 0
        assert not [one for one in workers if one.is_running()]


def test_calls_in_flight_are_answered_when_it_stops(start_process: StartProcess) -> None:
    with start_process() as running:
        answers: list[int] = []

        def call() -> None:
            texts = ["you are kind " * 400] * 40
            answer = httpx2.post(f"{running.url}/v1/score", json={"texts": texts}, timeout=60)
            answers.append(len(answer.json()["predictions"]))

        caller = threading.Thread(target=call)
        caller.start()
        metrics = f"{running.url}/metrics"
        wait_for(
            lambda: "toxic_tweets_waiting_texts 0.0" not in httpx2.get(metrics, timeout=60).text
        )
        running.process.terminate()
        caller.join(60)
        assert answers == [40]
        assert running.process.wait(20) == 0


def test_killed_under_load_it_loses_nothing_acknowledged(
    start_process: StartProcess, tmp_path: Path
) -> None:
    acknowledged: list[int] = []

    def send(start: int) -> None:
        with httpx2.Client(timeout=20) as client:
            for number in range(start, start + 10_000):
                body = {"text": str(number), "targets": {"toxic": 0}}
                try:
                    answer = client.post(f"{running.url}/v1/feedback", json=body)
                except httpx2.TransportError:
                    return
                assert answer.json()["stored"] is True
                acknowledged.append(number)

    with start_process() as running:
        senders = [threading.Thread(target=send, args=(10_000 * n,)) for n in range(4)]
        for sender in senders:
            sender.start()
        wait_for(lambda: len(acknowledged) >= 40)
        running.process.kill()
        for sender in senders:
            sender.join(20)
    database = open_database(f"sqlite:///{tmp_path / 'process.db'}")
    kept = {int(item.text) for item in read_feedback(database)}
    database.close()
    assert set(acknowledged) <= kept


def test_workers_end_with_a_parent_that_was_killed(start_process: StartProcess) -> None:
    with start_process("--workers", "2") as running:
        workers = find_workers(running)
        os.kill(running.process.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(workers, timeout=30)
        assert not alive


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ToxicTweetsError, match="Give another --host or --port"):
            bind(make_settings(port=taken.getsockname()[1]))
