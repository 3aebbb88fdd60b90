"""The discovery document: what lets Google's own clients find and call this server."""

from __future__ import annotations

from typing import Any

from toxic_tweets.serve.perspective_messages import MESSAGES, TEXT_TYPES, Field

VERSION = "v1alpha1"
_REVISION = "20261122"  # of this document; clients may cache by it

_PARAMETERS: dict[str, Any] = {
    "$.xgafv": {
        "type": "string",
        "description": "V1 error format.",
        "enum": ["1", "2"],
        "enumDescriptions": ["v1 error format", "v2 error format"],
        "location": "query",
    },
    "alt": {
        "type": "string",
        "description": "Data format for response.",
        "default": "json",
        "enum": ["json"],
        "enumDescriptions": ["Responses with Content-Type of application/json"],
        "location": "query",
    },
    "callback": {"type": "string", "description": "JSONP", "location": "query"},
    "fields": {
        "type": "string",
        "description": "Selector specifying which fields to include in a partial response.",
        "location": "query",
    },
    "key": {"type": "string", "description": "API key.", "location": "query"},
    "prettyPrint": {
        "type": "boolean",
        "description": "Returns response with indentations and line breaks.",
        "default": "true",
        "location": "query",
    },
    "quotaUser": {"type": "string", "description": "Accepted, not used.", "location": "query"},
}
_METHODS = {
    "analyze": (
        "Analyzes the provided text and returns scores for requested attributes.",
        "AnalyzeCommentRequest",
        "AnalyzeCommentResponse",
    ),
    "suggestscore": (
        "Suggest comment scores as training data.",
        "SuggestCommentScoreRequest",
        "SuggestCommentScoreResponse",
    ),
}


def make_document(root_url: str) -> dict[str, Any]:
    """Return the document.

    No `auth` is named: a client would look for Google credentials, and there are none to give.

    Args:
        root_url: the address of this server as the caller sees it, with a slash at its end.
    """
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"commentanalyzer:{VERSION}",
        "name": "commentanalyzer",
        "canonicalName": "Comment Analyzer",
        "version": VERSION,
        "version_module": True,
        "revision": _REVISION,
        "title": "Perspective Comment Analyzer API",
        "description": "Scores texts for toxicity, as the Perspective API did. Served by Toxic "
        "Tweets.",
        "ownerDomain": "google.com",
        "ownerName": "Toxic Tweets",
        "documentationLink": f"{root_url}docs",
        "protocol": "rest",
        "rootUrl": root_url,
        "servicePath": "",
        "baseUrl": root_url,
        "basePath": "",
        "batchPath": "batch",
        "fullyEncodeReservedExpansion": True,
        "parameters": _PARAMETERS,
        "resources": {"comments": {"methods": {name: _method(name) for name in _METHODS}}},
        "schemas": {name: _schema(name) for name in sorted(MESSAGES)},
    }


def _method(name: str) -> dict[str, Any]:
    description, request, response = _METHODS[name]
    path = f"{VERSION}/comments:{name}"
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "description": description,
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": request},
        "response": {"$ref": response},
    }


def _schema(name: str) -> dict[str, Any]:
    properties = {key: _property(field) for key, field in MESSAGES[name].items()}
    return {"id": name, "type": "object", "properties": properties}


def _property(field: Field) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "string": {"type": "string"},
        "boolean": {"type": "boolean"},
        "float": {"type": "number", "format": "float"},
        "int32": {"type": "integer", "format": "int32"},
        "TextType": {
            "type": "string",
            "enum": list(TEXT_TYPES),
            "enumDescriptions": ["As PLAIN_TEXT.", "Plain text.", "Not supported."],
        },
    }
    one = kinds.get(field.kind, {"$ref": field.kind})
    words = {"description": field.words}
    if field.shape == "list":
        return {"type": "array", "items": one, **words}
    if field.shape == "map":
        return {"type": "object", "additionalProperties": one, **words}
    return {**one, **words}
