from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.serve.wire import Server, make_checkpoint, serve

from toxic_tweets.serve.perspective_batch import (
    MAX_PARTS,
    Part,
    PartAnswer,
    read_parts,
    write_answers,
)
from toxic_tweets.serve.perspective_errors import WireError
from toxic_tweets.store.keys import create_key

TYPE = 'multipart/mixed; boundary="==b=="'
BODY = b'{"comment": {"text": "you are kind"}, "requestedAttributes": {"TOXICITY": {}}}'


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tiny_checkpoint, tmp_path_factory.mktemp("batch") / "tiny")


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(checkpoint, tmp_path_factory.mktemp("batch") / "store.db") as running:
        yield running


def make_part(
    number: int, body: bytes = BODY, line: str = "POST /v1alpha1/comments:analyze?key=k HTTP/1.1"
) -> bytes:
    head = (
        f"--==b==\r\nContent-Type: application/http\r\nContent-ID: <uuid + {number}>\r\n\r\n"
        f"{line}\r\nContent-Type: application/json\r\n\r\n"
    )
    return head.encode() + body + b"\r\n"


def send(
    server: Server, body: bytes, headers: dict[str, str] | None = None
) -> list[tuple[str, int, dict[str, object]]]:
    response = requests.post(
        f"{server.url}/batch", body, headers={"Content-Type": TYPE, **(headers or {})}, timeout=30
    )
    assert response.status_code == 200, response.text
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    found = []
    parts: Any = message_from_bytes(head + response.content).get_payload()
    for part in parts:
        inner = part.get_payload(decode=True)
        status_line, _, rest = inner.partition(b"\r\n")
        content = rest.partition(b"\r\n\r\n")[2]
        found.append((part["Content-ID"], int(status_line.split()[1]), json.loads(content)))
    return found


def test_each_part_is_answered_by_its_id_and_in_order(server: Server) -> None:
    body = make_part(1) + make_part(2, b'{"comment": {"text": ""}}')
    body += make_part(3, b"", "GET /v1alpha1/comments:praise HTTP/1.1") + b"--==b==--"
    found = send(server, body)
    assert [one[0] for one in found] == [f"<response-uuid + {n}>" for n in (1, 2, 3)]
    assert [one[1] for one in found] == [200, 400, 404]
    alone = requests.post(f"{server.url}/v1alpha1/comments:analyze", BODY, timeout=10)
    assert found[0][2] == alone.json()


def test_many_parts_do_not_fill_the_queue(checkpoint: Path, tmp_path: Path) -> None:
    settings = {"max_texts": 20, "max_waiting_texts": 20}
    with serve(checkpoint, tmp_path / "store.db", **settings) as small:
        found = send(small, b"".join(make_part(n) for n in range(150)) + b"--==b==--\r\n")
    assert {one[1] for one in found} == {200}
    assert len(found) == 150


def test_keys_may_stand_in_the_parts_alone(checkpoint: Path, tmp_path: Path) -> None:
    with serve(checkpoint, tmp_path / "store.db", api_keys="required") as strict:
        key = create_key(strict.core.database, "tests")
        strict.core.keys.refresh()
        good = f"POST /v1alpha1/comments:analyze?key={key} HTTP/1.1"
        body = make_part(1, BODY, good) + make_part(2)
        body += make_part(3, BODY, "POST /v1alpha1/comments:analyze HTTP/1.1") + b"--==b==--"
        assert [one[1] for one in send(strict, body)] == [200, 400, 403]
        outer = send(strict, body, {"X-Goog-Api-Key": key})
        assert [one[1] for one in outer] == [200, 400, 200]


def test_parts_count_as_calls(checkpoint: Path, tmp_path: Path) -> None:
    with serve(checkpoint, tmp_path / "store.db", rate_limit="3/minute") as limited:
        found = send(limited, b"".join(make_part(n) for n in range(5)) + b"--==b==--")
    assert sorted(one[1] for one in found) == [200, 200, 200, 429, 429]


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_lines_may_end_either_way(newline: bytes) -> None:
    body = (b"preamble\r\n" + make_part(1) + b"--==b==--\r\nepilogue").replace(b"\r\n", newline)
    (part,) = read_parts(TYPE, body)
    assert part == Part(
        "<uuid + 1>",
        "POST",
        "/v1alpha1/comments:analyze",
        "key=k",
        {"content-type": "application/json"},
        BODY,
    )


def test_absolute_and_escaped_addresses_are_taken() -> None:
    line = "POST https://commentanalyzer.googleapis.com/v1alpha1/comments%3Aanalyze HTTP/1.1"
    (part,) = read_parts(TYPE, make_part(1, BODY, line))
    assert part.path == "/v1alpha1/comments:analyze"


def test_a_part_needs_no_headers_of_its_own() -> None:
    (part,) = read_parts(TYPE, b"--==b==\r\n\r\nPOST /a HTTP/1.1\r\n\r\nbody\r\n--==b==--")
    assert part == Part("", "POST", "/a", "", {}, b"body")


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("application/json", b"{}", "must be multipart/mixed"),
        ("multipart/mixed", b"", "must be multipart/mixed"),
        ("multipart/mixed; boundary=" + "b" * 300, b"", "1 to 256"),
        (TYPE, b"", "0 items"),
        (TYPE, b"--==b==--", "0 items"),
        (TYPE, b"--==b==\r\nContent-Type: application/http\r\n\r\n\r\n--==b==--", "item 1"),
        (TYPE, b"--==b==\r\n\r\nPOST http://[ HTTP/1.1\r\n\r\n--==b==--", "item 1"),
        (TYPE, b"--==b==\r\n\r\nPOST /\r\n\r\n" * (MAX_PARTS + 1), "more than 1000"),
        (TYPE, b"--==b==\r\n\r\nPOST /\r\n\r\n" * (MAX_PARTS + 2), "more than 1000"),
    ],
)
def test_what_is_no_batch_is_refused(content_type: str, body: bytes, message: str) -> None:
    with pytest.raises(WireError, match=message):
        read_parts(content_type, body)


def test_an_id_cannot_smuggle_a_header() -> None:
    _, body = write_answers([PartAnswer("<a\r\nEvil: yes>", 200, {}, b"{}")])
    assert b"\r\nEvil" not in body
