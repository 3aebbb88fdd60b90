"""What Google's parameters do to an answer: `fields`, `prettyPrint`, `callback` and `alt`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from toxic_tweets.serve.perspective_errors import WireError, refuse_fields, shorten
from toxic_tweets.serve.perspective_messages import MESSAGES, Field

# A selection: from names to what is selected below them; None = all of it.
Selection = dict[str, "Selection | None"]

_MAX_LENGTH = 2000
_MAX_DEPTH = 20
_CALLBACK = re.compile(r"[A-Za-z_$][\w$.\[\]]{0,127}", re.ASCII)
_TOKEN = re.compile(r"[(),/.]|[^(),/.\s]+")
_NAME = re.compile(r"[^(),/.\s]+")


@dataclass(frozen=True, slots=True)
class Style:
    """How a caller wants answers.

    Attributes:
        fields: what of the answer is wanted, in Google's notation; empty = all.
        pretty: with line breaks.
        callback: name of the function that the answer is wrapped in; empty = none.
    """

    fields: str = ""
    pretty: bool = True
    callback: str = ""


def read_style(request: Request, *, strict: bool = True) -> Style:
    """Return what the query says; parameters that are not known are passed over.

    Args:
        request: the request.
        strict: whether to refuse what is not valid; an error is answered whatever the query says.

    Raises:
        WireError: a callback or `alt` is not valid.
    """
    query = request.scope.get("query_string", b"").decode("latin-1")
    given: dict[str, str] = dict(parse_qsl(query)) if query else {}
    callback = given.get("callback", "")
    if callback and not _CALLBACK.fullmatch(callback):
        if strict:
            raise WireError("Invalid JSONP callback name: it must be the name of a function.")
        callback = ""
    alt = given.get("alt", given.get("$alt", "json"))
    if strict and alt != "json":
        raise WireError(f"Invalid value for the parameter alt: {shorten(alt)}. Only json is given.")
    pretty = given.get("prettyPrint", given.get("$prettyPrint", "true")).lower()
    fields = given.get("fields", given.get("$fields", ""))
    return Style(fields, pretty not in ("false", "0"), callback)


def answer(body: dict[str, Any], style: Style, status: int = 200) -> Response:
    """Return a JSON answer in the style that is wanted."""
    layout: dict[str, Any] = {"indent": 2} if style.pretty else {"separators": (",", ":")}
    text = json.dumps(body, ensure_ascii=False, **layout) + ("\n" if style.pretty else "")
    headers = {"X-Content-Type-Options": "nosniff"}
    media_type = "application/json; charset=UTF-8"
    if style.callback:
        # The comment in front keeps the answer from being read as anything but a script.
        safe = text.strip().replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        text = f"// API callback\n{style.callback}({safe});"
        media_type = "text/javascript; charset=UTF-8"
    headers["Content-Type"] = media_type
    return Response(text.encode("utf-8", "replace"), status, headers)


def select(body: dict[str, Any], fields: str, message: str) -> dict[str, Any]:
    """Return the part of an answer that `fields` names.

    Args:
        body: the answer.
        fields: such as `attributeScores/TOXICITY/summaryScore(value),languages`; empty = all.
        message: what the answer is, by its name in `MESSAGES`.

    Raises:
        WireError: it is not in the notation, or names what such an answer never has.
    """
    if not fields.strip():
        return body
    selection = _parse(fields)
    _check(selection, message, fields, "")
    chosen: dict[str, Any] = _keep(body, selection)
    return chosen


def _parse(fields: str) -> Selection:
    tokens = _TOKEN.findall(fields)
    if len(fields) > _MAX_LENGTH:
        raise refuse_fields(fields, fields)
    selection: Selection = {}
    end = _parse_list(tokens, 0, selection, fields, 0)
    if end != len(tokens):
        raise refuse_fields(fields, fields)
    return selection


def _parse_list(
    tokens: list[str], place: int, selection: Selection, fields: str, depth: int
) -> int:
    """Read `item,item,...` from a place on, and return the place after it."""
    if depth > _MAX_DEPTH:
        raise refuse_fields(fields, fields)
    while True:
        here = selection
        while True:
            if place >= len(tokens) or not _NAME.fullmatch(tokens[place]):
                raise refuse_fields(fields, fields)
            name = tokens[place]
            place += 1
            is_path = place < len(tokens) and tokens[place] in "/."
            is_group = place < len(tokens) and tokens[place] == "("
            if not is_path and not is_group:
                here[name] = None
                break
            below = here.setdefault(name, {})
            here = {} if below is None else below  # all of it is wanted already
            place += 1
            if is_group:
                place = _parse_list(tokens, place, here, fields, depth + 1)
                if place >= len(tokens) or tokens[place] != ")":
                    raise refuse_fields(fields, fields)
                place += 1
                break
        if place >= len(tokens) or tokens[place] != ",":
            return place
        place += 1


def _check(selection: Selection, message: str, fields: str, path: str) -> None:
    for name, below in selection.items():
        here = f"{path}.{name}" if path else name
        if name == "*":
            continue
        field = MESSAGES[message].get(name)
        if field is None:
            raise refuse_fields(fields, here)
        if below is not None:
            _check_below(below, field, fields, here)


def _check_below(selection: Selection, field: Field, fields: str, path: str) -> None:
    if field.shape == "map":
        for name, below in selection.items():
            if below is not None:
                _check(below, field.kind, fields, f"{path}.{name}")
    elif field.kind in MESSAGES:
        _check(selection, field.kind, fields, path)
    else:
        raise refuse_fields(fields, f"{path}.{next(iter(selection))}")


def _keep(value: Any, selection: Selection) -> Any:
    if isinstance(value, list):
        return [_keep(one, selection) for one in value]
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    for name, one in value.items():
        if name in selection:
            below = selection[name]
        elif "*" in selection:
            below = selection["*"]
        else:
            continue
        chosen = one if below is None else _keep(one, below)
        if chosen not in ({}, []):
            kept[name] = chosen
    return kept
