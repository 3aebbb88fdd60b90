"""Measure the server over loopback, and print a Markdown table: see README.md beside this file.

Server, load and library share the machine, as they would share it nowhere else: the figures are on
the low side. The load comes from this process, which speaks HTTP by hand: a usual client would take
more of the processor than the server does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from speed import WORDS, show_machine  # noqa: E402 - the folder is no package

N_TEXTS = 500
WARM_UP_CALLS = 100
READY_S = 60
HOSTILE_AT_ONCE = 16


@dataclass
class Load:
    """What one round gave."""

    elapsed_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def calls_per_s(self) -> float:
        """Return how many calls were answered in a second."""
        return len(self.latencies_s) / self.elapsed_s

    def quantile_ms(self, share: float) -> float:
        """Return the latency that this share of the calls did not exceed."""
        ranked = sorted(self.latencies_s)
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def main() -> None:
    options = parse_arguments()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # rude clients lose their connections
    show_machine(options)
    texts = make_texts(options.seed)
    print(
        f"Model {options.model}, {options.workers} workers, {options.threads} threads each, "
        f"{options.seconds:g} s a round; {len(texts)} texts of tweet length."
    )
    library_per_s = measure_library(options, texts)
    rows = [
        ("library in bulk", f"{options.workers} threads", f"{library_per_s:.0f} texts/s", "", "")
    ]
    with run_server(options) as (port, process):
        asyncio.run(drive(port, texts, 8, calls=WARM_UP_CALLS))
        rates = {}
        for connections in options.connections:
            load = asyncio.run(drive(port, texts, connections, seconds=options.seconds))
            rates[connections] = load.calls_per_s
            rows.append(make_row("closed loop", f"{connections} connections", load))
        top = rates[max(rates)]
        half = asyncio.run(
            drive(port, texts, max(rates), seconds=options.seconds, rate_per_s=top / 2)
        )
        rows.append(make_row("open loop", f"{top / 2:.0f} calls/s, half of the highest", half))
        many = asyncio.run(drive(port, texts, 4, seconds=options.seconds, n_texts=100))
        rows.append(make_row("closed loop, 100 texts a call", "4 connections", many))
        show(rows, f"{100 * top / library_per_s:.0f} % of the library in bulk")
        if options.hostile:
            attack(port, process, options.hostile, options.seed)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the server over loopback.")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--model", default="small", help="as the setting models takes it")
    parser.add_argument("--workers", type=int, default=cores, help="processes of the server")
    parser.add_argument("--threads", type=int, default=1, help="scoring threads of each")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--seconds", type=float, default=8.0, help="length of a round")
    parser.add_argument("--hostile", type=int, default=0, help="hostile requests; 10000 for proof")
    parser.add_argument("--seed", type=int, default=13)
    return parser.parse_args()


def make_texts(seed: int) -> list[str]:
    """Make texts as long as tweets: 16 words, give or take 6."""
    source = random.Random(seed)
    return [
        " ".join(source.choices(WORDS, k=max(3, round(source.gauss(16, 6)))))
        for _ in range(N_TEXTS)
    ]


def measure_library(options: argparse.Namespace, texts: list[str]) -> float:
    """Return texts per second of the library, in a process of its own, on as many threads."""
    code = (
        "import json, sys, time; from toxic_tweets import load; "
        "name, threads, seconds, texts = json.load(sys.stdin); "
        "classifier = load(name, threads=threads); classifier.predict(texts); "
        "start = time.perf_counter(); count = 0\n"
        "while time.perf_counter() - start < seconds:\n"
        "    count += len(classifier.predict(texts))\n"
        "print(count / (time.perf_counter() - start))"
    )
    wanted = [options.model, options.workers * options.threads, options.seconds, texts]
    shown = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(shown.stdout)


@contextmanager
def run_server(options: argparse.Namespace) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Start the server in a folder of its own and give its port."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        values = {
            "PORT": "0",
            "MODELS": options.model,
            "WORKERS": str(options.workers),
            "THREADS": str(options.threads),
            "DATABASE_URL": f"sqlite:///{folder}/server.db",
            "BODY_TIMEOUT_S": "2",
        }
        environment = {f"TOXIC_TWEETS_{name}": value for name, value in values.items()}
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "toxic_tweets", "serve"],
                stderr=stream,
                env={**os.environ, **environment},
            )
            try:
                port = wait_for_port(log, process)
                yield port, process
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


def wait_for_port(log: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if match := re.search(rb'"url": "http://127\.0\.0\.1:(\d+)"', log.read_bytes()):
            with suppress(OSError, asyncio.IncompleteReadError):
                if asyncio.run(ask(int(match[1]), b"GET /readyz HTTP/1.1")) == 200:
                    return int(match[1])
        time.sleep(0.1)
    sys.exit(f"The server did not start:\n{log.read_text()}")


async def ask(port: int, line: bytes, body: bytes = b"") -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await exchange(reader, writer, line, body)
    finally:
        writer.close()


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: bytes, body: bytes
) -> int:
    writer.write(b"%s\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (line, len(body), body))
    head = await reader.readuntil(b"\r\n\r\n")
    match = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    if match:
        await reader.readexactly(int(match[1]))
    return int(head.split(None, 2)[1])


async def drive(
    port: int,
    texts: list[str],
    connections: int,
    *,
    seconds: float = 0.0,
    calls: int = 0,
    rate_per_s: float = 0.0,
    n_texts: int = 1,
) -> Load:
    """Call for so long, or so often, on so many connections.

    With a rate, calls are due at even distances whether or not earlier ones are answered, and a
    latency counts from when its call was due: waiting for a free connection is waiting too.
    """
    load = Load()
    source = random.Random(connections)
    bodies = [
        json.dumps({"texts": source.sample(texts, n_texts)}).encode() for _ in range(len(texts))
    ]
    start = time.perf_counter()
    n_begun = 0

    async def work() -> None:
        nonlocal n_begun
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            number = n_begun
            due = start + number / rate_per_s if rate_per_s else time.perf_counter()
            if (calls and number >= calls) or (not calls and due >= start + seconds):
                break
            n_begun += 1
            if (wait_s := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait_s)
            body = bodies[number % len(bodies)]
            status = await exchange(reader, writer, b"POST /v1/score HTTP/1.1", body)
            load.latencies_s.append(time.perf_counter() - due)
            load.statuses[status] = load.statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    load.elapsed_s = time.perf_counter() - start
    return load


def make_row(name: str, how: str, load: Load) -> tuple[str, str, str, str, str]:
    others = {status: count for status, count in load.statuses.items() if status != 200}
    rate = f"{load.calls_per_s:.0f} calls/s" + (f", not 200: {others}" if others else "")
    p50, p99 = (f"{load.quantile_ms(share):.1f} ms" for share in (0.5, 0.99))
    return name, how, rate, p50, p99


def show(rows: list[tuple[str, str, str, str, str]], ratio: str) -> None:
    print("\n| load | how | rate | p50 | p99 |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(f"\nOne text a call at the most connections: {ratio} (bar: 70 %).")


def attack(port: int, process: subprocess.Popen[bytes], n_requests: int, seed: int) -> None:
    """Send hostile requests, then look at the memory, the statuses and a good request."""
    asyncio.run(storm(port, n_requests // 10, seed + 1))  # what is cached once is no leak
    before_mb = measure_memory(process)
    statuses = asyncio.run(storm(port, n_requests, seed))
    after_mb = measure_memory(process)
    bad = {one: count for one, count in statuses.items() if one >= 500 and one != 503}
    good = asyncio.run(ask(port, b"POST /v1/score HTTP/1.1", b'{"texts": ["you are kind"]}'))
    print(
        f"\n{n_requests} hostile requests: answers {dict(sorted(statuses.items()))}; "
        f"5xx that are no 503: {bad or 'none'}; memory {before_mb:.0f} MB before, "
        f"{after_mb:.0f} MB after ({after_mb / before_mb:.2f} ×, bar 1.2 ×); "
        f"a good request then: {good}."
    )


def measure_memory(process: subprocess.Popen[bytes]) -> float:
    """Return the memory of all processes of the server, in MB."""
    root = psutil.Process(process.pid)
    everyone = [root, *root.children(recursive=True)]
    return float(sum(one.memory_info().rss for one in everyone) / 1e6)


async def storm(port: int, n_requests: int, seed: int) -> dict[int, int]:
    """Return how often each status came; 0 = the connection was closed without an answer."""
    statuses: dict[int, int] = {}
    source = random.Random(seed)
    left = n_requests

    async def work() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            status = await send_hostile(port, make_hostile(source), source.random())
            statuses[status] = statuses.get(status, 0) + 1

    await asyncio.gather(*(work() for _ in range(HOSTILE_AT_ONCE)))
    return statuses


async def send_hostile(port: int, request: bytes, chance: float) -> int:
    """Send bytes in one of several rude ways."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return 0
    try:
        if chance < 0.02:  # slowly
            for place in range(0, min(len(request), 60), 6):
                writer.write(request[place : place + 6])
                await asyncio.sleep(0.05)
            writer.write(request[60:])
        else:
            writer.write(request)
        if chance > 0.9:  # gone without reading
            return 0
        if chance > 0.4:
            writer.write_eof()
        head = await asyncio.wait_for(reader.readline(), 10)
        return int(head.split()[1]) if head else 0
    except (OSError, TimeoutError):
        return 0
    finally:
        writer.close()


def make_hostile(source: random.Random) -> bytes:
    """Return a request as nobody means it: torn, twisted, huge, or lying about itself."""
    paths = (
        "/v1/score",
        "/v1/feedback",
        "/v1/moderations",
        "/v1alpha1/comments:analyze",
        "/v1alpha1/comments:suggestscore",
        "/batch",
        "/$discovery/rest",
        "/v1/policies/%00",
        "/%ff",
        "/../x",
        "*",
    )
    good = json.dumps(
        {
            "texts": ["you are kind"],
            "input": "you are kind",
            "comment": {"text": "you are kind"},
            "requestedAttributes": {"TOXICITY": {}},
        }
    ).encode()
    bodies = (
        good,
        good[: source.randrange(len(good))],
        source.randbytes(source.randrange(300)),
        b"[" * source.randrange(30_000),
        b'{"texts": [' + b'"a",' * source.randrange(3000) + b'"a"]}',
        b'{"texts": ["' + b"\\ud800" * source.randrange(500) + b'"]}',
        b'{"input": ' + b"9" * source.randrange(6000) + b"}",
        b'{"comment": {"text": "' + b"\xe2\x98\x83" * source.randrange(9000) + b'"}}',
        b" " * source.randrange(200_000),
        b'{"text": "a", "targets": {"toxic": 1e400}}',
        b"--x\r\nContent-Type: application/http\r\n\r\nPOST /batch HTTP/9\r\n\r\n--x--",
    )
    body = source.choice(bodies)
    length = source.choice((len(body), len(body), len(body) + 5, max(0, len(body) - 3), 10**30, -1))
    method = source.choice(("POST", "POST", "POST", "GET", "PUT", "TRACE", "\x00")).encode()
    extra = source.choice(
        (
            b"",
            b"",
            b"Content-Type: multipart/mixed; boundary=x\r\n",
            b"Content-Type: text/\xff\r\n",
            b"Authorization: Bearer \xff\xfe\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Cookie: " + b"a" * source.randrange(60_000) + b"\r\n",
            b"Expect: 100-continue\r\n",
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
        )
    )
    head = b"%s %s HTTP/1.1\r\nHost: x\r\n" % (method, source.choice(paths).encode())
    whole = head + extra + b"Content-Length: %d\r\n\r\n" % length + body
    return whole[: source.randrange(1, len(whole))] if source.random() < 0.2 else whole


if __name__ == "__main__":
    main()
