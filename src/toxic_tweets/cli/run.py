"""`toxic-tweets run`: the page and the API together, until Ctrl-C."""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from types import FrameType
from typing import Annotated

import typer

from toxic_tweets.errors import MissingExtraError, ToxicTweetsError

_HOST = "127.0.0.1"
_START_S = 180.0  # on a machine with nothing else to do it takes three seconds
_STOP_S = 15.0
_POLL_S = 0.1
_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold one process, and where it answers once it is ready."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    health: str

    @property
    def url(self) -> str:
        """Return the address that people open."""
        return f"http://{_HOST}:{self.port}"


def run_page_and_api(
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port of the page, or the next free one.")
    ] = 8501,
    api_port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port of the API, or the next free one.")
    ] = 8000,
) -> None:
    """Start the page and, where the extra serve is installed, the API; Ctrl-C ends both.

    What the API keeps (keys, feedback) goes when it ends, unless TOXIC_TWEETS_DATABASE_URL says
    where to keep it.
    """
    if find_spec("streamlit") is None:
        raise MissingExtraError("web", "streamlit")
    with _stop_on_signals() as stop, tempfile.TemporaryDirectory(prefix="toxic-tweets-") as folder:
        parts = []
        try:
            parts.append(_start_page(port))
            if find_spec("fastapi") is None:
                typer.echo('For the API as well: pip install "toxic-tweets[serve]"')
            else:
                parts.append(_start_api(api_port, folder, taken=parts[0].port))
            if _wait_until_ready(parts, stop):
                _tell(parts)
                _watch(parts, stop)
        finally:
            _end(parts)
    typer.echo("Stopped.")


def _start_page(port: int) -> _Part:
    free = _find_port("page", port)
    # Its own line about the address would come before it answers.
    process = _start(["web", "--port", str(free)], {}, stdout=subprocess.DEVNULL)
    return _Part("page", process, free, "/_stcore/health")


def _start_api(port: int, folder: str, taken: int) -> _Part:
    free = _find_port("API", port + 1 if port == taken else port)
    usual = {
        "TOXIC_TWEETS_DATABASE_URL": f"sqlite:///{folder}/toxic-tweets.db",
        "TOXIC_TWEETS_LOG_LEVEL": "warning",
    }
    process = _start(["serve", "--host", _HOST, "--port", str(free)], usual, stdout=None)
    return _Part("API", process, free, "/readyz")


def _find_port(name: str, port: int) -> int:
    from toxic_tweets.web.launch import find_port

    free = find_port(_HOST, port)
    if free != port:
        typer.echo(f"Port {port} is in use; the {name} takes {free}.")
    return free


def _start(
    arguments: list[str], usual: Mapping[str, str], stdout: int | None
) -> subprocess.Popen[bytes]:
    """Start a command of ours that ends when this process does, however that ends.

    It gets no Ctrl-C of its own: in the middle of its start that would show a traceback.
    """
    return subprocess.Popen(  # noqa: S603 - our own command, with numbers
        [sys.executable, "-m", "toxic_tweets", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        env={**usual, **os.environ},
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )


def _end_with_parent() -> None:
    """Have the kernel end this process when the one that started it is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C, a closed terminal or `kill` sets.

    A shell starts what runs in its background deaf to SIGINT; setting it here undoes that.
    """
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_until_ready(parts: list[_Part], stop: threading.Event) -> bool:
    """Return whether all of them answer; False if somebody wants to stop before."""
    deadline = time.monotonic() + _START_S
    for part in parts:
        while not _answers(part):
            _check_alive(parts)
            if time.monotonic() > deadline:
                raise ToxicTweetsError(
                    f"The {part.name} did not answer within {_START_S:.0f} s. Try again, or start "
                    f"it alone: toxic-tweets {'web' if part.name == 'page' else 'serve'}"
                )
            if stop.wait(_POLL_S):
                return False
    return not stop.is_set()


def _answers(part: _Part) -> bool:
    connection = http.client.HTTPConnection(_HOST, part.port, timeout=5)
    try:
        connection.request("GET", part.health)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _tell(parts: list[_Part]) -> None:
    typer.echo()
    for part in parts:
        more = "" if part.name == "page" else f"   (documentation: {part.url}/docs)"
        typer.echo(f"The {part.name}: {part.url}{more}")
    typer.echo("Ctrl-C ends it." if len(parts) == 1 else "Ctrl-C ends both.")


def _watch(parts: list[_Part], stop: threading.Event) -> None:
    while not stop.wait(_POLL_S):
        _check_alive(parts)


def _check_alive(parts: list[_Part]) -> None:
    for part in parts:
        code = part.process.poll()
        if code is not None:
            raise ToxicTweetsError(
                f"The {part.name} ended by itself (exit code {code}); the lines above say why."
            )


def _end(parts: list[_Part]) -> None:
    """Ask each process to end, and end those that do not in time."""
    for part in parts:
        part.process.terminate()
    deadline = time.monotonic() + _STOP_S
    for part in parts:
        try:
            part.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.process.kill()
            part.process.wait()
