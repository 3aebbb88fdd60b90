"""What our OpenAPI document says about the routes of the Perspective API."""

from __future__ import annotations

from typing import Any

_JSON = "application/json"
_STATUSES = {
    400: "The request asks for what there is not, is malformed, or the key is not valid.",
    403: "A key is required, or this server keeps no feedback.",
    408: "The body did not arrive in time.",
    429: "Too many calls; Retry-After says when to call again.",
    503: "Too much waits already, or it took too long; Retry-After says when to call again.",
}
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "status"],
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string"},
                "status": {"type": "string"},
                "details": {"type": "array", "items": {"type": "object"}},
            },
        }
    },
}
_TEXT = {"text": "what an idiot"}
_SCORE = {"value": 0.92, "type": "PROBABILITY"}
_EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "analyze": (
        {"comment": _TEXT, "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"]},
        {
            "attributeScores": {
                "TOXICITY": {
                    "spanScores": [{"begin": 0, "end": 13, "score": _SCORE}],
                    "summaryScore": _SCORE,
                }
            },
            "languages": ["en"],
            "detectedLanguages": ["en"],
        },
    ),
    "suggestscore": (
        {"comment": _TEXT, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}},
        {"detectedLanguages": ["en"]},
    ),
}
_SUMMARIES = {
    "analyze": "Score a text, as the Perspective API did",
    "suggestscore": "Say what the scores of a text should be",
    "batch": "Send many such requests at once",
    "discovery": "Describe this API to Google's clients",
    "discovery_alias": "Describe this API to Google's clients, by another path",
}


def describe(name: str) -> dict[str, Any]:
    """Return the arguments that describe a route to FastAPI."""
    facts: dict[str, Any] = {"summary": _SUMMARIES[name], "operation_id": f"perspective_{name}"}
    if name.startswith("discovery"):
        refused = {400: "A parameter is not valid.", 404: "There is no such version."}
        return {**facts, "responses": _refusals(refused)}
    content: dict[str, Any]
    responses = _refusals(_STATUSES)
    if name == "batch":
        content = {"multipart/mixed": {"schema": {"type": "string"}}}
        responses[200] = {"description": "The answers, in order.", "content": content}
    else:
        asked, answered = _EXAMPLES[name]
        content = {_JSON: {"schema": {"type": "object"}, "example": asked}}
        responses[200] = {
            "description": "The answer.",
            "content": {_JSON: {"schema": {"type": "object"}, "example": answered}},
        }
        if name == "analyze":
            content[_JSON]["schema"] = {
                "type": "object",
                "required": ["comment", "requestedAttributes"],
                "properties": {
                    "comment": {"type": "object", "properties": {"text": {"type": "string"}}},
                    "requestedAttributes": {"type": "object"},
                    "languages": {"type": "array", "items": {"type": "string"}},
                    "spanAnnotations": {"type": "boolean"},
                    "doNotStore": {"type": "boolean"},
                    "clientToken": {"type": "string"},
                },
            }
    body = {"requestBody": {"required": True, "content": content}}
    return {**facts, "responses": responses, "openapi_extra": body}


def _refusals(statuses: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    content = {_JSON: {"schema": _ERROR}}
    return {
        status: {"description": words, "content": content} for status, words in statuses.items()
    }
