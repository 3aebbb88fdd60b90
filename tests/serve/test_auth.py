"""API keys over HTTP: off, optional, required; revoked; in every place a client puts them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.serve.conftest import RunningServer, StartServer

from toxic_tweets.store.keys import create_key, read_key_id, revoke_key

BODY = {"texts": ["you are kind"]}


@pytest.fixture(scope="module")
def guarded(start_server: StartServer) -> Iterator[RunningServer]:
    with start_server(api_keys="required") as running:
        yield running


@pytest.fixture(scope="module")
def key(guarded: RunningServer) -> str:
    made = create_key(guarded.core.database, "tests")
    guarded.core.keys.refresh()
    return made


def test_without_a_key(guarded: RunningServer) -> None:
    answer = guarded.post("/v1/score", BODY)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/v1/models", "/v1/policies", "/v1/policies/strict"])
def test_every_route_asks_for_one(guarded: RunningServer, path: str) -> None:
    assert guarded.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_machines_need_none(guarded: RunningServer, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_every_place_for_a_key(guarded: RunningServer, key: str) -> None:
    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"authorization": f"bearer {key}"},
        {"X-API-Key": key},
        {"X-Goog-Api-Key": key},
    ):
        assert guarded.post("/v1/score", BODY, **headers).status_code == 200
    assert guarded.client.post("/v1/score", params={"key": key}, json=BODY).status_code == 200


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key + "x", str.upper])
def test_a_wrong_key(guarded: RunningServer, key: str, change: object) -> None:
    assert callable(change)
    answer = guarded.post("/v1/score", BODY, **{"X-API-Key": change(key)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_key")
    assert key[4:] not in answer.text


def test_a_revoked_key_ends(guarded: RunningServer) -> None:
    made = create_key(guarded.core.database, "short-lived")
    guarded.core.keys.refresh()
    assert guarded.post("/v1/score", BODY, **{"X-API-Key": made}).status_code == 200
    revoke_key(guarded.core.database, read_key_id(made))
    guarded.core.keys.refresh()  # what the server does every few seconds
    assert guarded.post("/v1/score", BODY, **{"X-API-Key": made}).status_code == 401


def test_optional_keys(start_server: StartServer) -> None:
    with start_server(api_keys="optional") as running:
        assert running.post("/v1/score", BODY).status_code == 200
        assert running.post("/v1/score", BODY, **{"X-API-Key": "any"}).status_code == 401


def test_out_of_the_box_any_key_is_ignored(server: RunningServer) -> None:
    assert server.post("/v1/score", BODY, **{"X-API-Key": "any"}).status_code == 200


def test_the_rate_is_counted_per_key(start_server: StartServer) -> None:
    with start_server(api_keys="optional", rate_limit="2/hour") as running:
        first, second = (create_key(running.core.database, name) for name in ("a", "b"))
        running.core.keys.refresh()
        for key in (first, second):
            statuses = [
                running.post("/v1/score", BODY, **{"X-API-Key": key}).status_code for _ in range(3)
            ]
            assert statuses == [200, 200, 429]
        assert running.post("/v1/score", BODY).status_code == 200
