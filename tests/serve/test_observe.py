"""Request ids, logs and numbers, and what never stands in them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.serve.conftest import RunningServer, StartServer

from toxic_tweets.serve.logs import JsonFormatter

SECRET = "xylophone"


@pytest.fixture
def records() -> Iterator[list[dict[str, Any]]]:
    """Collect what is logged, as it would be written."""
    lines: list[dict[str, Any]] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonFormatter().format(record)))

    logger = logging.getLogger("toxic_tweets.serve")
    handler, before = Collect(), logger.level
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(before)


def test_every_request_has_an_id(server: RunningServer) -> None:
    first, second = (server.get("/healthz").headers["X-Request-Id"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_an_id_of_the_caller_is_kept_where_it_is_harmless(server: RunningServer) -> None:
    assert server.get("/healthz", **{"X-Request-Id": "mine-1"}).headers["X-Request-Id"] == "mine-1"
    strange = server.get("/healthz", **{"X-Request-Id": 'a" onload="'}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", strange)


def test_requests_are_logged_without_what_they_say(
    server: RunningServer, records: list[dict[str, Any]]
) -> None:
    server.post("/v1/score", {"texts": [SECRET]}, **{"X-Request-Id": "r1", "X-API-Key": SECRET})
    server.post("/v1/score", {"texts": [SECRET, 7]})
    server.post("/v1/score", {"texts": ["a"], "policy": SECRET})
    server.post("/v1/feedback", {"text": SECRET, "targets": {"toxic": 1}, "reference": SECRET})
    server.get(f"/{SECRET}?key={SECRET}&text={SECRET}")
    assert SECRET not in json.dumps(records)
    assert SECRET not in server.get("/metrics").text
    first = next(one for one in records if one.get("request_id") == "r1")
    assert (first["event"], first["method"], first["route"]) == ("request", "POST", "/v1/score")
    assert first["status"] == 200
    assert first["latency_ms"] > 0
    assert {one.get("code") for one in records} >= {"invalid_request", "unknown_policy"}


def test_a_bug_is_answered_and_logged_without_its_message(
    start_server: StartServer, records: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_server() as running:

        def fail(*_: object) -> None:
            raise RuntimeError(SECRET)

        monkeypatch.setattr(running.core, "check_texts", fail)
        answer = running.post("/v1/score", {"texts": ["a"]})
        assert answer.status_code == 500
        assert answer.json()["error"]["code"] == "internal"
        assert SECRET not in answer.text
        bug = next(one for one in records if one["event"] == "bug")
        assert bug["request_id"] == answer.json()["error"]["request_id"]
        assert bug["error"] == "RuntimeError"
        assert any("test_observe.py" in place for place in bug["trace"])
        assert SECRET not in json.dumps(records)


def test_an_error_in_a_record_shows_its_place_only() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        record = logging.getLogger("x").makeRecord("x", 40, "f", 1, "failed\n%s", ("more",), None)
        import sys

        record.exc_info = sys.exc_info()
    line = json.loads(JsonFormatter().format(record))
    assert line["event"] == "failed"
    assert line["error"] == "ValueError"
    assert SECRET not in json.dumps(line)


def test_numbers_are_counted(start_server: StartServer) -> None:
    with start_server() as running:
        running.post("/v1/score", {"texts": ["you are an idiot", "you are kind"]})
        running.post("/v1/score", {})
        for line, number in {
            'toxic_tweets_requests_total{method="POST",route="/v1/score",status="200"}': 1,
            'toxic_tweets_requests_total{method="POST",route="/v1/score",status="400"}': 1,
            'toxic_tweets_request_seconds_count{route="/v1/score"}': 2,
            "toxic_tweets_call_texts_sum": 2,
            "toxic_tweets_scoring_seconds_count": 1,
            "toxic_tweets_waiting_texts": 0,
            'toxic_tweets_flagged_total{label="insult",model="tiny"}': 1,
            'toxic_tweets_score_count{label="threat",model="tiny"}': 2,
            'toxic_tweets_rejected_total{reason="invalid_request"}': 1,
        }.items():
            assert running.read_metric(line) == number, line
        facts = running.core.classifier().checkpoint
        assert f'checkpoint="{facts.id}"' in running.get("/metrics").text


def test_strange_paths_and_methods_are_one_row(server: RunningServer) -> None:
    for number in range(5):
        server.get(f"/nowhere/{number}")
        server.client.request(f"BREW{number}", "/v1/score")
    text = server.get("/metrics").text
    assert "nowhere" not in text
    assert "BREW" not in text


def test_what_no_route_takes_is_an_error_like_others(server: RunningServer) -> None:
    answer = server.get("/v1/score")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"
    assert server.get("/v1/nowhere").json()["error"]["code"] == "not_found"
