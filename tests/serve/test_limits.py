"""Limits over HTTP: sizes, times, rates, and clients that go away."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest
from tests.serve.conftest import RunningServer, StartServer

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.serve.limits import parse_limits
from toxic_tweets.serve.service import Core
from toxic_tweets.serve.settings import make_settings

LIMITS = {
    "max_body_bytes": 4096,
    "max_texts": 10,
    "max_text_bytes": 200,
    "body_timeout_s": 0.3,
}


@pytest.fixture(scope="module")
def narrow(start_server: StartServer) -> Iterator[RunningServer]:
    with start_server(**LIMITS) as running:
        yield running


def post_raw(port: int, request: bytes, *, then: bytes = b"", pause_s: float = 0.0) -> bytes:
    """Send bytes as they are and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        if then:
            time.sleep(pause_s)
            connection.sendall(then)
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received


def read_code(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


def test_too_many_texts(narrow: RunningServer) -> None:
    assert narrow.post("/v1/score", {"texts": ["a"] * 10}).status_code == 200
    answer = narrow.post("/v1/score", {"texts": ["a"] * 11})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"]) == ("too_many_texts", {"n_texts": 11, "limit": 10})


def test_too_long_texts_are_counted_in_bytes(narrow: RunningServer) -> None:
    assert narrow.post("/v1/score", {"texts": ["é" * 100]}).status_code == 200
    answer = narrow.post("/v1/score", {"texts": ["a", "é" * 101]})
    assert answer.status_code == 400
    facts = {"index": 1, "size_bytes": 202, "limit_bytes": 200}
    assert answer.json()["error"]["details"] == facts


def test_a_large_body_is_refused_with_an_answer(narrow: RunningServer) -> None:
    answer = narrow.client.post("/v1/score", content=b" " * 5000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert narrow.read_metric('toxic_tweets_rejected_total{reason="body_too_large"}') >= 1


def test_a_large_body_in_chunks_is_refused(narrow: RunningServer) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(12):
            yield b" " * 512

    answer = narrow.client.post("/v1/score", content=chunks())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_a_body_that_only_claims_to_be_large(narrow: RunningServer) -> None:
    request = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{}"
    assert read_code(post_raw(narrow.port, request)) == (413, "body_too_large")


def test_a_slow_body_is_given_up(narrow: RunningServer) -> None:
    request = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n{"
    assert read_code(post_raw(narrow.port, request)) == (408, "slow_body")


def test_a_slow_head_is_given_up(narrow: RunningServer) -> None:
    assert post_raw(narrow.port, b"POST /v1/score HTTP/1.1\r\nHost") == b""


def test_an_endless_head_is_given_up(narrow: RunningServer) -> None:
    head = b"POST /v1/score HTTP/1.1\r\nX-Long: " + b"a" * 40_000
    assert b" 400 " in post_raw(narrow.port, head)[:20]


def test_connections_are_kept(narrow: RunningServer) -> None:
    body = json.dumps({"texts": ["you are kind"]}).encode()
    one = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" % len(body)
    received = post_raw(
        narrow.port,
        one + b"\r\n" + body,
        then=one + b"Connection: close\r\n\r\n" + body,
        pause_s=0.5,  # over the time for a head: it only counts once a head has begun
    )
    assert received.count(b"HTTP/1.1 200 OK") == 2


def test_a_call_that_takes_too_long(start_server: StartServer) -> None:
    with start_server(call_timeout_s=0.01, threads=1) as running:
        answer = running.post("/v1/score", {"texts": ["you are kind " * 1000] * 20})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "timed_out")
        assert answer.headers["Retry-After"] == "1"
        assert running.read_metric("toxic_tweets_waiting_texts") == 0


def test_a_full_queue_is_said_at_once(start_server: StartServer) -> None:
    with start_server(max_texts=20, max_waiting_texts=20, threads=1) as running:
        held = hold(running, ["you are kind " * 1500] * 20)
        while running.read_metric("toxic_tweets_waiting_texts") < 5:
            time.sleep(0.005)
        answer = running.post("/v1/score", {"texts": ["a"] * 20})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_full")
        assert int(answer.headers["Retry-After"]) >= 1
        held.close()


def test_the_work_of_a_client_that_is_gone_is_dropped(start_server: StartServer) -> None:
    with start_server(threads=1, call_timeout_s=600) as running:
        held = hold(running, ["you are kind " * 1500] * 200)
        while running.read_metric("toxic_tweets_waiting_texts") < 100:
            time.sleep(0.005)
        held.close()
        gone = 'toxic_tweets_requests_total{method="POST",route="/v1/score",status="499"}'
        while running.read_metric(gone) < 1:
            time.sleep(0.01)
        assert running.read_metric("toxic_tweets_waiting_texts") == 0
        assert running.post("/v1/score", {"texts": ["you are kind"]}).status_code == 200


def hold(running: RunningServer, texts: list[str]) -> socket.socket:
    """Send a call and do not wait for the answer."""
    body = json.dumps({"texts": texts}).encode()
    connection = socket.create_connection(("127.0.0.1", running.port), timeout=20)
    head = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    connection.sendall(head + body)
    return connection


def test_a_rate_limit_per_address(start_server: StartServer) -> None:
    with start_server(rate_limit="3/hour") as running:
        answers = [running.post("/v1/score", {"texts": ["a"]}) for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["error"]["code"] == "rate_limited"
        assert 3000 < int(answers[-1].headers["Retry-After"]) <= 3601
        # Machines that watch the server are not counted.
        assert running.get("/healthz").status_code == 200
        # Behind a proxy that is trusted, its clients are told apart.
        other = {"X-Forwarded-For": "203.0.113.7"}
        assert running.post("/v1/score", {"texts": ["a"]}, **other).status_code == 200


def test_without_its_storage_calls_are_not_counted(start_server: StartServer) -> None:
    nobody = socket.socket()
    nobody.bind(("127.0.0.1", 0))
    url = f"redis://127.0.0.1:{nobody.getsockname()[1]}"
    with start_server(rate_limit="1/hour", rate_limit_url=url) as running:
        answers = [running.post("/v1/score", {"texts": ["a"]}) for _ in range(2)]
        assert [one.status_code for one in answers] == [200, 200]
    nobody.close()


@pytest.mark.parametrize("notation", ["many", "5", "5/fortnight", "x/minute"])
def test_a_malformed_rate_limit_is_refused(notation: str) -> None:
    with pytest.raises(ToxicTweetsError, match="must look like 100/minute"):
        parse_limits(notation)


def test_a_malformed_storage_is_refused() -> None:
    with pytest.raises(ToxicTweetsError, match="rate_limit_url is not a storage"):
        Core(make_settings(rate_limit="1/second", rate_limit_url="carrier-pigeon://x"))
