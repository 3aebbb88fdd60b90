"""Google's HTTP batch: many requests in one body of `multipart/mixed`, answered in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from secrets import token_hex
from urllib.parse import unquote, urlsplit

from toxic_tweets.serve.perspective_errors import WireError

MAX_PARTS = 1000
"""As Google allows; its clients keep to it."""

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})[ \t]*:[ \t]*(.*)")
_METHOD = re.compile(r"[A-Z]{1,20}")


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one request of a batch.

    Attributes:
        content_id: what the client calls it, angle brackets included; empty = nothing.
        method: HTTP method.
        path: without the query, percent signs decoded.
        query: without the question mark.
        headers: by name in lower case.
        body: its body.
    """

    content_id: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """Hold the answer to one request of a batch."""

    content_id: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Return the requests of a batch, in order.

    Args:
        content_type: header of the whole request, which names the boundary.
        body: the whole body. Lines may end in CRLF or LF.

    Raises:
        WireError: it is not such a batch, or has no part or too many.
    """
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/mixed" or not isinstance(boundary, str):
        raise _refuse("the content type must be multipart/mixed with a boundary")
    if not 0 < len(boundary) <= 256:
        raise _refuse("the boundary must have 1 to 256 characters")
    line = rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("latin-1", "replace")) + rb"(--)?[ \t]*"
    marks = list(re.finditer(line + rb"(?:\r?\n|\Z)", body))
    if not marks:
        raise _refuse("0 items")
    if len(marks) > MAX_PARTS + 1:
        raise _refuse(f"more than {MAX_PARTS} items")
    # A mark may end where the next begins: an empty part in between is then none at all.
    pieces: list[bytes] = []
    for number, mark in enumerate(marks):
        if mark.group(1):
            break
        end = marks[number + 1].start() if number + 1 < len(marks) else len(body)
        pieces.append(body[mark.end() : end])
    if len(pieces) > MAX_PARTS:  # the last mark may be missing
        raise _refuse(f"more than {MAX_PARTS} items")
    if not pieces:
        raise _refuse("0 items")
    return [_read_part(piece, number) for number, piece in enumerate(pieces, start=1)]


def write_answers(answers: Iterable[PartAnswer]) -> tuple[str, bytes]:
    """Return the content type and the body that hold all answers, in order."""
    boundary = f"batch_{token_hex(16)}"
    pieces: list[bytes] = []
    for one in answers:
        outer = ["Content-Type: application/http"]
        if one.content_id:
            outer.append(f"Content-ID: {_answer_id(one.content_id)}")
        inner = [f"HTTP/1.1 {one.status} {_phrase(one.status)}"]
        inner += [f"{name}: {value}" for name, value in one.headers.items()]
        head = "\r\n".join((f"--{boundary}", *outer, "", *inner, "", ""))
        pieces += [head.encode("latin-1", "replace"), one.body, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return f"multipart/mixed; boundary={boundary}", b"".join(pieces)


def _read_part(piece: bytes, number: int) -> Part:
    outer, rest = _split_head(piece)
    content_id = _read_headers(outer).get("content-id", "")
    head, body = _split_head(rest.lstrip(b"\r\n"))
    request_line, _, lines = head.partition(b"\n")
    words = request_line.decode("latin-1").split()
    if len(words) not in (2, 3) or not _METHOD.fullmatch(words[0]):
        raise _refuse(f"item {number} does not begin with a request line")
    try:
        url = urlsplit(words[1])
    except ValueError:
        raise _refuse(f"item {number} has an address that is not valid") from None
    # Some clients count characters in content-length; white space after JSON does no harm.
    return Part(content_id, words[0], unquote(url.path), url.query, _read_headers(lines), body)


def _split_head(piece: bytes) -> tuple[bytes, bytes]:
    """Return what is before the first blank line, and what is after it."""
    if piece.startswith((b"\n", b"\r\n")):  # no headers at all
        return b"", piece
    found = _BLANK_LINE.search(piece)
    if found is None:
        return piece, b""
    return piece[: found.start()], piece[found.end() :]


def _read_headers(lines: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines.split(b"\n"):
        found = _HEADER.fullmatch(line.strip())
        if found is not None:
            headers[found[1].decode("latin-1").lower()] = found[2].decode("latin-1")
    return headers


def _answer_id(content_id: str) -> str:
    """Return `<response-ID>` for `<ID>`, which is how clients find their request again."""
    bare = "".join(sign for sign in content_id if sign.isprintable())
    return f"<response-{bare[1:]}" if bare.startswith("<") else f"response-{bare}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _refuse(reason: str) -> WireError:
    return WireError(f"Failed to parse batch request, error: {reason}.")
