"""The acceptance test: Google's own client, pointed at the server by its discovery URL alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from tests.serve.wire import Server, make_checkpoint, serve

from toxic_tweets.serve.perspective_discovery import make_document
from toxic_tweets.serve.perspective_messages import MESSAGES


@pytest.fixture(scope="module")
def server(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("discovery")
    checkpoint = make_checkpoint(tiny_checkpoint, folder / "tiny")
    with serve(checkpoint, folder / "store.db") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Any]:
    with build(
        "commentanalyzer",
        "v1alpha1",
        developerKey="AIzaAnything",
        discoveryServiceUrl=f"{server.url}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    ) as service:
        yield service


def ask(text: str, **more: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, **more}


def test_analyze(client: Any) -> None:
    found = client.comments().analyze(body=ask("what an idiot")).execute()
    assert found["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.5
    assert found["languages"] == ["en"]


def test_spans(client: Any) -> None:
    text = "😀 you are kind. what an idiot!"
    found = client.comments().analyze(body=ask(text, spanAnnotations=True)).execute()
    spans = found["attributeScores"]["TOXICITY"]["spanScores"]
    assert [(one["begin"], one["end"]) for one in spans] == [(0, 16), (17, 31)]


def test_fields(client: Any) -> None:
    fields = "attributeScores/TOXICITY/summaryScore/value"
    found = client.comments().analyze(body=ask("you are kind"), fields=fields).execute()
    assert list(found["attributeScores"]["TOXICITY"]) == ["summaryScore"]


def test_suggestscore(client: Any) -> None:
    body = {
        "comment": {"text": "what an idiot"},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        "clientToken": "t",
    }
    assert client.comments().suggestscore(body=body).execute()["clientToken"] == "t"


def test_errors(client: Any) -> None:
    with pytest.raises(HttpError) as caught:
        client.comments().analyze(body=ask("")).execute()
    assert caught.value.status_code == 400
    assert caught.value.reason == "Comment must be non-empty."
    assert caught.value.error_details[0]["errorType"] == "COMMENT_EMPTY"
    with pytest.raises(HttpError, match="does not support request languages: om") as caught:
        client.comments().analyze(body=ask("you are kind", languages=["om"])).execute()


def test_a_batch_of_100(client: Any) -> None:
    answers: dict[str, Any] = {}
    errors: dict[str, Exception] = {}

    def note(request_id: str, answer: Any, error: Exception | None) -> None:
        if error is None:
            answers[request_id] = answer
        else:
            errors[request_id] = error

    batch = client.new_batch_http_request(callback=note)
    for number in range(100):
        text = "" if number == 50 else "what an idiot" if number % 2 else "you are kind"
        batch.add(client.comments().analyze(body=ask(text)), request_id=f"tweet {number}/+é")
    batch.execute()
    assert len(answers) == 99
    assert list(errors) == ["tweet 50/+é"]
    for name, found in answers.items():
        value = found["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
        assert (value > 0.5) == bool(int(name.split()[1].partition("/")[0]) % 2)


def test_the_address_is_the_one_that_the_caller_sees(server: Server) -> None:
    path = "/$discovery/rest?version=v1alpha1&key=k"
    document = requests.get(f"{server.url}{path}", timeout=10).json()
    assert document["rootUrl"] == f"{server.url}/"
    behind = requests.get(f"{server.url}{path}", headers={"Host": "score.example"}, timeout=10)
    assert behind.json()["rootUrl"] == "http://score.example/"
    proxied = {"Host": "score.example", "X-Forwarded-Proto": "https"}
    behind = requests.get(f"{server.url}{path}", headers=proxied, timeout=10)
    assert behind.json()["rootUrl"] == "https://score.example/"


def test_the_document_is_also_where_googles_directory_had_it(server: Server) -> None:
    path = "/discovery/v1/apis/commentanalyzer/v1alpha1/rest"
    assert requests.get(f"{server.url}{path}", timeout=10).json()["name"] == "commentanalyzer"


def test_a_setting_names_the_address(tiny_checkpoint: Path, tmp_path: Path) -> None:
    url = "https://score.example/perspective/"
    with serve(tiny_checkpoint, tmp_path / "store.db", public_url=url) as public:
        found = requests.get(f"{public.url}/$discovery/rest", timeout=10).json()
    assert found["rootUrl"] == url


def test_every_reference_of_the_document_is_in_it() -> None:
    document = make_document("http://localhost/")
    schemas = document["schemas"]
    assert set(schemas) == set(MESSAGES)
    text = json.dumps(document)
    for name in (part.partition('"')[0] for part in text.split('"$ref": "')[1:]):
        assert name in schemas
    assert document["kind"] == "discovery#restDescription"
    assert document["id"] == "commentanalyzer:v1alpha1"
    assert document["servicePath"] == ""
    assert document["batchPath"] == "batch"
