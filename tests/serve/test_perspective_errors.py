"""Every row of the specification's table of errors, against bodies that were checked by hand.

To write them anew after a wanted change: TOXIC_TWEETS_WRITE_GOLDEN=1 pytest THIS_FILE, then read
the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.serve.wire import Server, make_checkpoint, serve

from toxic_tweets.serve.errors import (
    BodyTooLargeError,
    FeedbackOffError,
    QueueFullError,
    SlowBodyError,
    TimedOutError,
    make_problem,
)
from toxic_tweets.serve.perspective_errors import make_body

GOLDEN = Path(__file__).parent.parent / "golden" / "perspective_errors.json"
TEXT = {"text": "you are kind"}
ANY: dict[str, Any] = {"TOXICITY": {}}
FRENCH = "Je pense que cette idée est vraiment très mauvaise et je ne comprends pas pourquoi."
RUNES = "ᚠᚢᚦᚨᚱᚲ ᚷᚹᚺᚾᛁᛃ ᛇᛈᛉᛊᛏᛒ ᛖᛗᛚᛜᛞᛟ ᚠᚢᚦᚨᚱᚲ"

ROWS: dict[str, Any] = {
    "empty text": {"comment": {"text": ""}, "requestedAttributes": ANY},
    "no comment": {"requestedAttributes": ANY},
    "blank text": {"comment": {"text": " \n"}, "requestedAttributes": ANY},
    "too long": {"comment": {"text": "a" * 20_992}, "requestedAttributes": ANY},
    "too long in bytes": {"comment": {"text": "é" * 10_241}, "requestedAttributes": ANY},
    "html": {"comment": {**TEXT, "type": "HTML"}, "requestedAttributes": ANY},
    "language": {"comment": TEXT, "requestedAttributes": ANY, "languages": ["om"]},
    "languages": {"comment": TEXT, "requestedAttributes": ANY, "languages": ["fr", "zu-ZA"]},
    "detected language": {"comment": {"text": FRENCH}, "requestedAttributes": ANY},
    "no language found": {"comment": {"text": RUNES}, "requestedAttributes": ANY},
    "no attributes": {"comment": TEXT},
    "empty attributes": {"comment": TEXT, "requestedAttributes": {}},
    "unknown attribute": {"comment": TEXT, "requestedAttributes": {"KINDNESS": {}}},
    "attribute without a model": {"comment": TEXT, "requestedAttributes": {**ANY, "SPAM": {}}},
    "score type": {
        "comment": TEXT,
        "requestedAttributes": {"TOXICITY": {"scoreType": "PERCENTILE"}},
    },
    "both contexts": {
        "comment": TEXT,
        "requestedAttributes": ANY,
        "context": {"entries": [TEXT], "articleAndParentComment": {"article": TEXT}},
    },
    "malformed json": b'{"comment": {"text": "you are kind"}',
    "not utf-8": b'{"comment": {"text": "\xff"}}',
    "not an object": [],
    "infinite number": b'{"comment": {"text": "a"}, "requestedAttributes": {"TOXICITY": '
    b'{"scoreThreshold": Infinity}}}',
    "deep nesting": b"[" * 100_000,
    "nothing": b"",
    "wrong type": {"comment": {"text": 5}, "requestedAttributes": ANY},
    "wrong type of the comment": {"comment": "you are kind", "requestedAttributes": ANY},
    "wrong type of a list": {"comment": TEXT, "requestedAttributes": ANY, "languages": "en"},
    "wrong type of a map": {"comment": TEXT, "requestedAttributes": ["TOXICITY"]},
    "wrong type of a flag": {"comment": TEXT, "requestedAttributes": ANY, "doNotStore": "yes"},
    "wrong type of a number": {
        "comment": TEXT,
        "requestedAttributes": {"TOXICITY": {"scoreThreshold": {"value": 0.5}}},
    },
    "wrong enum": {"comment": {**TEXT, "type": "MARKDOWN"}, "requestedAttributes": ANY},
    "very many attributes": {
        "comment": TEXT,
        "requestedAttributes": {f"TOXICITY@{version}": {} for version in range(101)},
    },
    "unknown field": {"comment": TEXT, "requestedAttributes": ANY, "requestedAttribute": ANY},
    "unknown field within": {"comment": {**TEXT, "lang": "en"}, "requestedAttributes": ANY},
}
SUGGESTIONS: dict[str, Any] = {
    "suggestion: empty text": {"comment": {"text": ""}, "attributeScores": {}},
    "suggestion: no scores": {"comment": TEXT, "attributeScores": {}},
    "suggestion: unknown attribute": {
        "comment": TEXT,
        "attributeScores": {"KINDNESS": {"summaryScore": {"value": 1}}},
    },
    "suggestion: empty score": {"comment": TEXT, "attributeScores": {"TOXICITY": {}}},
    "suggestion: over 1": {
        "comment": TEXT,
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 2}}},
    },
}
QUERIES = {
    "fields": "?fields=attributeScore",
    "fields below": "?fields=attributeScores/TOXICITY/summary",
    "fields syntax": "?fields=languages(",
    "callback": "?callback=alert(1)",
    "alt": "?alt=proto",
}


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tiny_checkpoint, tmp_path_factory.mktemp("errors") / "tiny")


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(checkpoint, tmp_path_factory.mktemp("errors") / "store.db") as running:
        yield running


def check(name: str, response: requests.Response) -> None:
    """Compare status and body with the golden ones."""
    assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
    found = {"status": response.status_code, "body": response.json()}
    golden = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    if os.environ.get("TOXIC_TWEETS_WRITE_GOLDEN"):
        golden[name] = found
        text = json.dumps(golden, indent=1, ensure_ascii=False)
        GOLDEN.write_text(f"{text}\n", encoding="utf-8")
    assert found == golden[name]
    assert found["body"]["error"]["code"] == found["status"]


@pytest.mark.parametrize("name", ROWS)
def test_analyze(server: Server, name: str) -> None:
    check(name, server.analyze(ROWS[name]))


@pytest.mark.parametrize("name", SUGGESTIONS)
def test_suggestscore(server: Server, name: str) -> None:
    check(name, server.post("/v1alpha1/comments:suggestscore", SUGGESTIONS[name]))


@pytest.mark.parametrize("name", QUERIES)
def test_parameters(server: Server, name: str) -> None:
    body = {"comment": TEXT, "requestedAttributes": ANY}
    check(name, server.analyze(body, QUERIES[name]))


def test_paths(server: Server) -> None:
    check("unknown path", server.post("/v1alpha1/comments:praise", {}))
    check("wrong method", requests.get(f"{server.url}/v1alpha1/comments:analyze", timeout=10))
    query = "/$discovery/rest?version=v2"
    check("unknown version", requests.get(f"{server.url}{query}", timeout=10))
    check("no batch", server.post("/batch", {}))


def test_keys(checkpoint: Path, tmp_path: Path) -> None:
    body = {"comment": TEXT, "requestedAttributes": ANY}
    with serve(checkpoint, tmp_path / "store.db", api_keys="required") as strict:
        check("no key where keys are required", strict.analyze(body))
        check("bad key", strict.analyze(body, "?key=AIzaWrong"))
        check("bad key", strict.analyze(body, headers={"X-Goog-Api-Key": "AIzaWrong"}))


def test_rates_and_sizes(checkpoint: Path, tmp_path: Path) -> None:
    body = {"comment": TEXT, "requestedAttributes": ANY}
    settings: dict[str, Any] = {"rate_limit": "2/minute", "max_body_bytes": 1024}
    with serve(checkpoint, tmp_path / "store.db", **settings) as limited:
        assert limited.analyze(body).status_code == 200
        check("large body", limited.analyze({"comment": {"text": "a" * 2000}}))
        refused = limited.analyze(body)
        check("quota", refused)
        assert int(refused.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("error", "status", "google"),
    [
        (QueueFullError("Too much waits.", retry_after_s=1), 503, "UNAVAILABLE"),
        (TimedOutError("Too slow.", retry_after_s=1), 503, "UNAVAILABLE"),
        (FeedbackOffError("Off."), 403, "PERMISSION_DENIED"),
        (SlowBodyError("Too slow."), 408, "DEADLINE_EXCEEDED"),
        (BodyTooLargeError("Too large."), 400, "INVALID_ARGUMENT"),
        (ZeroDivisionError(), 500, "INTERNAL"),
    ],
)
def test_all_else_has_the_same_form(error: Exception, status: int, google: str) -> None:
    found, body = make_body(make_problem(error))
    assert (found, body["error"]["status"], body["error"]["code"]) == (status, google, status)


def test_no_error_repeats_a_text(server: Server) -> None:
    secret = "zanzibar"
    bodies: list[Any] = [
        {"comment": {"text": [secret]}, "requestedAttributes": ANY},
        {"comment": secret, "requestedAttributes": ANY},
        f'{{"comment": {{"text": "{secret}"'.encode(),
        {"comment": {"text": f"{secret} {FRENCH}"}, "requestedAttributes": ANY},
    ]
    for body in bodies:
        response = server.analyze(body)
        assert response.status_code == 400
        assert secret not in response.text
