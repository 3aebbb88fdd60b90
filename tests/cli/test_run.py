from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from toxic_tweets.cli import run as module
from toxic_tweets.cli.run import run_page_and_api
from toxic_tweets.errors import MissingExtraError, ToxicTweetsError

for _extra, _package in (("web", "streamlit"), ("serve", "fastapi")):
    pytest.importorskip(_package, reason=f"misses the extra {_extra}: make run was not tried")


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def fetch(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_both_start_answer_and_leave_nothing_behind() -> None:
    page, api = find_free_port(), find_free_port()
    # As in the background of a script: no terminal, and SIGINT ignored until we undo it.
    started = subprocess.Popen(
        [sys.executable, "-m", "toxic_tweets", "run", "--port", str(page), "--api-port", str(api)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TOXIC_TWEETS_MODELS": "small"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        assert started.stdout is not None
        lines = [line.decode() for line in iter(started.stdout.readline, b"Ctrl-C ends both.\n")]
        urls = re.findall(r"The \w+: http://127\.0\.0\.1:(\d+)", "".join(lines))
        assert urls == [str(page), str(api)], lines
        assert fetch(page, "/") == 200
        assert fetch(api, "/readyz") == 200
        children = psutil.Process(started.pid).children(recursive=True)
        assert len(children) >= 2
        started.send_signal(signal.SIGINT)
        rest, _ = started.communicate(timeout=60)
    finally:
        started.kill()
        started.wait()
    assert started.returncode == 0, rest
    assert rest.decode().splitlines()[-1] == "Stopped."
    assert not any(child.is_running() for child in children)


def find_children() -> set[int]:
    """Return the processes that this one has started; other tests may have some, too."""
    return {child.pid for child in psutil.Process().children()}


@contextmanager
def signalled_once(is_time: Callable[[], bool], number: signal.Signals) -> Iterator[None]:
    """Send this process a signal as soon as it is time, which is after it has a handler."""

    def wait() -> None:
        while not is_time():
            time.sleep(0.05)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    yield
    thread.join()


def test_a_taken_port_is_told_and_a_term_signal_ends_both(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOXIC_TWEETS_MODELS", "small")
    api = find_free_port()
    before = find_children()
    told: list[str] = []
    monkeypatch.setattr(module, "_tell", lambda parts: told.extend(part.url for part in parts))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        with signalled_once(lambda: bool(told), signal.SIGTERM):
            run_page_and_api(port, api)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Port {port} is in use; the page takes ")
    assert lines[-1] == "Stopped."
    assert told[1] == f"http://127.0.0.1:{api}"
    assert find_children() <= before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that puts a line of Python in the place of the page; no API is there."""

    def put(line: str) -> None:
        def start(*_: object, **__: object) -> subprocess.Popen[bytes]:
            return subprocess.Popen([sys.executable, "-c", line])

        monkeypatch.setattr(module, "_start", start)
        monkeypatch.setattr(module, "find_spec", lambda name: name == "streamlit" or None)

    return put


def test_without_the_extra_serve_there_is_the_page_alone(
    stand_in: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in("import time; time.sleep(600)")
    answered: list[bool] = []

    def answer(part: object) -> bool:
        answered.append(True)
        return True

    monkeypatch.setattr(module, "_answers", answer)
    with signalled_once(lambda: bool(answered), signal.SIGINT):
        run_page_and_api(find_free_port(), find_free_port())
    shown = capsys.readouterr().out
    assert 'pip install "toxic-tweets[serve]"' in shown
    assert "The page: http://127.0.0.1:" in shown
    assert "Ctrl-C ends it." in shown


def test_ctrl_c_before_anything_answers_is_no_error(
    stand_in: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in("import time; time.sleep(600)")
    before = find_children()
    with signalled_once(lambda: not find_children() <= before, signal.SIGINT):
        run_page_and_api(find_free_port(), find_free_port())
    assert "The page: " not in capsys.readouterr().out


def test_a_part_that_ends_by_itself_ends_the_command(stand_in: Callable[[str], None]) -> None:
    stand_in("raise SystemExit(7)")
    with pytest.raises(ToxicTweetsError, match=r"The page ended by itself \(exit code 7\)"):
        run_page_and_api(find_free_port(), find_free_port())


def test_a_part_that_never_answers_is_given_up(
    stand_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Deaf to being asked, so that it has to be killed.
    stand_in("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")
    before = find_children()
    monkeypatch.setattr(module, "_START_S", 1.0)
    monkeypatch.setattr(module, "_STOP_S", 0.1)
    with pytest.raises(ToxicTweetsError, match="The page did not answer within 1 s"):
        run_page_and_api(find_free_port(), find_free_port())
    assert find_children() <= before


@pytest.mark.skipif(sys.platform != "linux", reason="misses prctl: only Linux has it")
def test_a_killed_parent_takes_the_page_along() -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "toxic_tweets", "run", "--port", str(find_free_port())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    children: list[psutil.Process] = []
    try:
        while not children and started.poll() is None:
            children = psutil.Process(started.pid).children()
            time.sleep(0.05)
    finally:
        started.kill()
        started.wait()
    assert children
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive


def test_without_streamlit_the_command_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"toxic-tweets\[web\]"):
        run_page_and_api()
