"""The messages of the Perspective API: their fields, declared once, and how JSON is read as one.

The discovery document, the reading of bodies and the parameter `fields` all follow this table.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from toxic_tweets.serve.perspective_errors import refuse_json, shorten

Shape = Literal["one", "list", "map"]


@dataclass(frozen=True, slots=True)
class Field:
    """Describe one field of a message.

    Attributes:
        kind: `string`, `boolean`, `float`, `int32`, `TextType`, or the name of a message.
        words: what it is, for the discovery document.
        shape: one value, a list of them, or a map from names to them.
    """

    kind: str
    words: str
    shape: Shape = "one"


TEXT_TYPES = ("TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML")
_TEXT_TYPE_NAME = "type.googleapis.com/google.commentanalyzer.v1alpha1.TextEntry.TextType"

_TOKEN = Field("string", "Any string; the answer repeats it.")
_COMMUNITY = Field("string", "Which community the text was written in; kept with feedback.")
_SESSION = Field("string", "Any string that the calls of one session share; not used.")
_CONTEXT = Field("Context", "What the text answers; accepted, but scores do not depend on it.")
_LANGUAGES = Field(
    "string", "Languages of the text (ISO 639-1 or BCP-47); detected where absent.", "list"
)
_NOT_STORED = Field("boolean", "Keep nothing of the text.")

MESSAGES: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "AnalyzeCommentRequest": {
            "clientToken": _TOKEN,
            "comment": Field("TextEntry", "The text to score."),
            "communityId": _COMMUNITY,
            "context": _CONTEXT,
            "doNotStore": _NOT_STORED,
            "languages": _LANGUAGES,
            "requestedAttributes": Field(
                "AttributeParameters", "Which attributes to score, by name.", "map"
            ),
            "sessionId": _SESSION,
            "spanAnnotations": Field("boolean", "Whether to score each sentence too."),
        },
        "AnalyzeCommentResponse": {
            "attributeScores": Field("AttributeScores", "Scores by attribute.", "map"),
            "clientToken": _TOKEN,
            "detectedLanguages": Field("string", "Languages that were detected.", "list"),
            "languages": Field("string", "Languages of the request, else the detected.", "list"),
        },
        "SuggestCommentScoreRequest": {
            "attributeScores": Field("AttributeScores", "What the scores should be.", "map"),
            "clientToken": _TOKEN,
            "comment": Field("TextEntry", "The text that was scored."),
            "communityId": _COMMUNITY,
            "context": _CONTEXT,
            "doNotStore": _NOT_STORED,
            "languages": _LANGUAGES,
            "sessionId": _SESSION,
        },
        "SuggestCommentScoreResponse": {
            "clientToken": _TOKEN,
            "detectedLanguages": Field("string", "Languages that were detected.", "list"),
            "requestedLanguages": Field("string", "Languages of the request.", "list"),
        },
        "ArticleAndParentComment": {
            "article": Field("TextEntry", "What was commented on."),
            "parentComment": Field("TextEntry", "What was answered."),
        },
        "AttributeParameters": {
            "scoreThreshold": Field("float", "Scores below it are not returned."),
            "scoreType": Field("string", "Only PROBABILITY, the default."),
        },
        "AttributeScores": {
            "spanScores": Field("SpanScore", "Scores of pieces of the text.", "list"),
            "summaryScore": Field("Score", "Score of the whole text."),
        },
        "Context": {
            "articleAndParentComment": Field("ArticleAndParentComment", "Either this,"),
            "entries": Field("TextEntry", "or a list of texts.", "list"),
        },
        "Score": {
            "type": Field("string", "PROBABILITY."),
            "value": Field("float", "The score, in [0, 1]."),
        },
        "SpanScore": {
            "begin": Field("int32", "First UTF-16 code unit of the piece."),
            "end": Field("int32", "The UTF-16 code unit after its last."),
            "score": Field("Score", "Score of the piece."),
        },
        "TextEntry": {
            "text": Field("string", "The text, at most 20,480 bytes of UTF-8."),
            "type": Field("TextType", "Only PLAIN_TEXT, the default."),
        },
    }
)

_TYPE_NAMES = {
    "string": "TYPE_STRING",
    "boolean": "TYPE_BOOL",
    "float": "TYPE_FLOAT",
    "int32": "TYPE_INT32",
    "TextType": _TEXT_TYPE_NAME,
}


def read_message(body: bytes, message: str) -> dict[str, Any]:
    """Return the fields of a JSON body, by their camelCase names, without nulls.

    As the JSON of protocol buffers goes: names in snake_case are known too, a null is as good as
    nothing, and numbers may be written as strings.

    Raises:
        WireError: it is no JSON object, or a field is unknown or of the wrong type.
    """
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise refuse_json("Invalid JSON payload received. The body is not UTF-8.") from None
    except RecursionError:
        raise refuse_json("Invalid JSON payload received. It is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise refuse_json(
            "Invalid JSON payload received. Unexpected token at line "
            f"{error.lineno}, column {error.colno}."
        ) from None
    except ValueError:
        raise refuse_json("Invalid JSON payload received. A number is not valid.") from None
    if not isinstance(value, dict):
        raise refuse_json("Invalid JSON payload received. The body must be a JSON object.")
    return _read_fields(value, message, "")


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _read_fields(value: Mapping[str, Any], message: str, path: str) -> dict[str, Any]:
    fields = MESSAGES[message]
    known = {**{_to_snake(name): name for name in fields}, **{name: name for name in fields}}
    found: dict[str, Any] = {}
    for key, one in value.items():
        if key not in known:
            where = f" at '{path}'" if path else ""
            raise refuse_json(
                f'Invalid JSON payload received. Unknown name "{shorten(key)}"{where}: '
                "Cannot find field.",
                path,
            )
        if one is not None:
            name = known[key]
            found[name] = _read_field(one, fields[name], f"{path}.{name}" if path else name)
    return found


def _read_field(value: Any, field: Field, path: str) -> Any:
    if field.shape == "list":
        if not isinstance(value, list):
            raise _wrong(path, "a list")
        return [_read_one(one, field.kind, f"{path}[{n}]") for n, one in enumerate(value)]
    if field.shape == "map":
        if not isinstance(value, dict):
            raise _wrong(path, "an object")
        return {
            name: _read_one(one, field.kind, f"{path}['{shorten(name)}']")
            for name, one in value.items()
        }
    return _read_one(value, field.kind, path)


def _read_one(value: Any, kind: str, path: str) -> Any:
    if kind in MESSAGES:
        if not isinstance(value, dict):
            raise _wrong(path, "an object")
        return _read_fields(value, kind, path)
    if kind == "string" and isinstance(value, str):
        return value
    if kind == "boolean" and (isinstance(value, bool) or value in ("true", "false")):
        return value in (True, "true")
    if kind in ("float", "int32"):
        number = _read_number(value)
        if number is not None and (kind == "float" or number.is_integer()):
            return number if kind == "float" else int(number)
    if kind == "TextType":
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(TEXT_TYPES):
            return TEXT_TYPES[value]
        if value in TEXT_TYPES:
            return value
    raise _wrong(path, _TYPE_NAMES[kind])


def _read_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _wrong(path: str, expected: str) -> Exception:
    return refuse_json(f"Invalid value at '{path}' ({expected})", path)


def _to_snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)
