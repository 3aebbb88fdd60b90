"""Run the server: in this process, or in several that share one port."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

import uvicorn
from fastapi import FastAPI

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.serve.app import create_app
from toxic_tweets.serve.logs import set_up_logs
from toxic_tweets.serve.metrics import FOLDER_VARIABLE
from toxic_tweets.serve.protocol import GuardedProtocol
from toxic_tweets.serve.settings import Settings
from toxic_tweets.store.database import open_database

_log = logging.getLogger(__name__)

_FAILED = 3  # uvicorn's own exit code for the same
_KEEP_ALIVE_S = 75  # longer than what usual proxies keep: they close first, and never mid-request
_BACKLOG = 2048
# A worker that dies this soon after its start would do so again and again.
_QUICK_DEATH_S = 5.0


def run_server(settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT, then end what is in flight and return.

    Raises:
        ToxicTweetsError: the server cannot start, or a worker cannot.
    """
    set_up_logs(settings.log_level)
    open_database(settings.database_url).close()  # its tables are made once, before any worker
    listener = bind(settings)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    facts = {"url": f"http://{shown}:{port}", "workers": settings.workers}
    _log.info("starting", extra=facts)
    if settings.workers > 1 and settings.rate_limit and settings.rate_limit_url == "memory://":
        _log.warning("rate_limit_counts_per_worker", extra={"way_out": "set rate_limit_url"})
    try:
        if settings.workers == 1:
            _serve(settings, listener)
        else:
            _Supervisor(settings, port).run()
    finally:
        listener.close()
    _log.info("stopped")


def bind(settings: Settings) -> socket.socket:
    """Return a socket on the address of the settings, which others may share.

    Raises:
        ToxicTweetsError: the address is taken, or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if settings.workers > 1:
            # Each worker has a queue of its own, so the kernel spreads the connections; of one
            # queue the first worker to wake would take nearly all.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise ToxicTweetsError(
            f"Nothing can listen on {settings.host}:{settings.port} ({error.strerror}). Give "
            "another --host or --port."
        ) from error
    listener.set_inheritable(True)
    return listener


def make_server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """Return what answers on a socket with an app."""
    GuardedProtocol.head_timeout_s = settings.body_timeout_s
    config = uvicorn.Config(
        app,
        http=GuardedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        limit_concurrency=settings.max_connections,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=settings.stop_timeout_s,
        backlog=_BACKLOG,
    )
    return uvicorn.Server(config)


def _serve(settings: Settings, listener: socket.socket) -> None:
    """Answer in this process.

    Raises:
        ToxicTweetsError: the server cannot start; the message says why.
    """
    app = create_app(settings)
    # uvicorn raises the signal that ended it once more, when all is done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    with suppress(SystemExit):
        make_server(app, settings).run(sockets=[listener])
    failure = app.state.failure
    if failure is not None:
        raise failure


def _work(settings: Settings, port: int, parent: int) -> None:
    """Answer as one of several processes.

    `parent` is told, not asked for: it may have been killed while this process was starting.
    """
    set_up_logs(settings.log_level)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    try:
        listener = bind(settings.model_copy(update={"port": port}))
        _serve(settings, listener)
    except ToxicTweetsError as error:
        _log.error("worker_failed", extra={"reason": str(error)})
        raise SystemExit(_FAILED) from None


def _end_with_parent(parent: int) -> None:
    """End this process once its parent was killed: nobody else would."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    started_at: float


class _Supervisor:
    """Start the workers, replace one that dies, and end them all."""

    def __init__(self, settings: Settings, port: int) -> None:
        self._settings = settings
        self._port = port
        self._workers: list[_Worker] = []
        self._stopping = threading.Event()
        self._reader, self._writer = socket.socketpair()

    def run(self) -> None:
        """Keep all workers alive until SIGTERM or SIGINT, then end them.

        Raises:
            ToxicTweetsError: a worker cannot start.
        """
        folder = tempfile.mkdtemp(prefix="toxic-tweets-metrics-")
        os.environ[FOLDER_VARIABLE] = folder
        before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            self._workers = [self._start() for _ in range(self._settings.workers)]
            self._watch()
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)
            del os.environ[FOLDER_VARIABLE]
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_work, args=(self._settings, self._port, os.getpid()))
        process.start()
        return _Worker(process, time.monotonic())

    def _watch(self) -> None:
        while not self._stopping.is_set():
            sentinels = [worker.process.sentinel for worker in self._workers]
            wait([*sentinels, self._reader])
            for index, worker in enumerate(self._workers):
                if self._stopping.is_set() or worker.process.is_alive():
                    continue
                code = worker.process.exitcode
                lived_s = time.monotonic() - worker.started_at
                if code == _FAILED:
                    raise ToxicTweetsError("A worker cannot start; the line before says why.")
                _log.error("worker_died", extra={"exit_code": code, "lived_s": round(lived_s, 1)})
                if lived_s < _QUICK_DEATH_S:
                    time.sleep(1)
                self._workers[index] = self._start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()
        self._writer.send(b"x")

    def _end_all(self) -> None:
        """Ask each worker to end, and kill those that do not in time."""
        for worker in self._workers:
            worker.process.terminate()
        deadline = time.monotonic() + self._settings.stop_timeout_s + 5
        for worker in self._workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
