"""The app as a whole: its OpenAPI document, CORS, readiness, hostile requests."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.serve.conftest import RunningServer, StartServer

from toxic_tweets.errors import CheckpointError, ToxicTweetsError
from toxic_tweets.serve.app import create_app
from toxic_tweets.serve.service import Core
from toxic_tweets.serve.settings import make_settings

OURS = r"^/(v1/(score|models|policies|feedback)|healthz|readyz)"
HOSTILE = 300


def test_examples_of_the_document_are_answered(server: RunningServer) -> None:
    document = server.get("/openapi.json").json()
    n_examples = 0
    for path in ("/v1/score", "/v1/feedback"):
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in content["examples"].values():
            assert server.post(path, example["value"]).status_code == 200, example
            n_examples += 1
    assert n_examples >= 4


def test_every_route_of_ours_is_described(server: RunningServer) -> None:
    document = server.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, facts in methods.items():
            assert facts["summary"], (path, method)
            assert facts["operationId"], (path, method)


def test_no_request_that_the_document_allows_breaks_the_server(server: RunningServer) -> None:
    """Let schemathesis make requests; a small number here, as many as one likes by hand."""
    import schemathesis  # takes seconds, which other processes need not spend
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.result import Ok
    from schemathesis.specs.openapi.checks import (
        response_schema_conformance,
        status_code_conformance,
    )

    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json").include(path_regex=OURS)
    checks = [not_a_server_error, status_code_conformance, response_schema_conformance]
    n_operations = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        n_operations += 1

        @settings(
            max_examples=6,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            case.call_and_validate(checks=checks)

        check()
    assert n_operations >= 8


def test_hostile_requests_do_no_harm(server: RunningServer) -> None:
    source = random.Random(7)
    statuses: list[int] = []
    for _ in range(HOSTILE):
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 10) as wire:
            wire.sendall(make_hostile(source))
            if source.random() < 0.2:
                continue  # gone without reading
            wire.shutdown(socket.SHUT_WR)
            answer = wire.recv(65_536)
            if answer:
                statuses.append(int(answer.split()[1]))
    assert len(statuses) > HOSTILE / 3
    assert not [status for status in statuses if status >= 500 and status != 503]
    assert server.post("/v1/score", {"texts": ["you are kind"]}).status_code == 200
    assert server.read_metric("toxic_tweets_waiting_texts") == 0


def make_hostile(source: random.Random) -> bytes:
    """Return a request as nobody means it: torn, twisted, or lying about itself."""
    paths = ("/v1/score", "/v1/feedback", "/v1/policies/%00", "/%ff", "/v1/policies/../../x", "*")
    good = json.dumps({"texts": ["you are kind"], "labels": ["toxic"]}).encode()
    bodies = (
        good[: source.randrange(len(good))],
        source.randbytes(source.randrange(200)),
        b"[" * source.randrange(2000),
        b'{"texts": [' + b'"a",' * source.randrange(2000) + b'"a"]}',
        b'{"texts": ["' + b"\\ud800" * source.randrange(100) + b'"]}',
        b'{"texts": [1e999, NaN, -0]}',
        b'{"text": "a", "targets": {"toxic": 1e400}}',
        good,
    )
    body = source.choice(bodies)
    length = source.choice((len(body), len(body) + 5, max(0, len(body) - 3), 10**30, -1))
    method = source.choice((b"POST", b"GET", b"PUT", b"DELETE", b"TRACE", b"\x00", b"POST"))
    head = b"%s %s HTTP/1.1\r\nHost: x\r\n" % (method, source.choice(paths).encode())
    extra = (
        b"",
        b"Content-Type: text/\xff\r\n",
        b"Authorization: Bearer \xff\xfe\r\n",
        b"X-Forwarded-For: ,,, \r\nX-Request-Id: \x01\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Cookie: " + b"a" * 5000 + b"\r\n",
        b"Expect: 100-continue\r\n",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
    )
    head += source.choice(extra) + b"Content-Length: %d\r\n\r\n" % length
    whole = head + body
    return whole[: source.randrange(1, len(whole))] if source.random() < 0.2 else whole


def test_other_origins_are_let_in_only_where_the_setting_says(
    server: RunningServer, start_server: StartServer
) -> None:
    origin = {"Origin": "https://garden.example"}
    closed = server.post("/v1/score", {"texts": ["a"]}, **origin)
    assert "Access-Control-Allow-Origin" not in closed.headers
    with start_server(cors_origins="https://garden.example") as running:
        opened = running.post("/v1/score", {"texts": ["a"]}, **origin)
        assert opened.headers["Access-Control-Allow-Origin"] == "https://garden.example"
        other = running.post("/v1/score", {"texts": ["a"]}, Origin="https://x.example")
        assert "Access-Control-Allow-Origin" not in other.headers
        refused = running.post("/v1/score", {}, **origin)  # errors too
        assert refused.headers["Access-Control-Allow-Origin"] == "https://garden.example"


def test_documents_can_be_off(start_server: StartServer) -> None:
    with start_server(docs=False) as running:
        assert running.get("/docs").status_code == 404
        assert running.get("/openapi.json").status_code == 404


def test_ready_only_with_a_database(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_server() as running:
        assert running.get("/readyz").json() == {"status": "ready", "models": ["tiny"]}

        def fail() -> None:
            raise ToxicTweetsError("down")

        monkeypatch.setattr(running.core.database, "check", fail)
        assert running.get("/readyz").status_code >= 400
        assert running.get("/healthz").status_code == 200


def test_nothing_is_ready_before_the_start() -> None:
    core = Core(make_settings())
    with pytest.raises(ToxicTweetsError, match="has not started"):
        core.check_ready()


def test_why_it_does_not_start_is_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'unused.db'}"
    app = create_app(make_settings(models="no-such-model", database_url=url))
    assert app.state.failure is None

    async def start() -> None:
        async with app.router.lifespan_context(app):
            raise AssertionError("It started.")

    with pytest.raises(CheckpointError, match="no-such-model"):
        asyncio.run(start())
    assert isinstance(app.state.failure, CheckpointError)
