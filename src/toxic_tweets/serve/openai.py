"""OpenAI's moderation endpoint: `POST /v1/moderations`."""

from __future__ import annotations

import json
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from toxic_tweets.labels import TOXICITY
from toxic_tweets.serve.errors import (
    InvalidKeyError,
    MissingKeyError,
    Problem,
    RateLimitError,
    RequestError,
    UnknownModelError,
)
from toxic_tweets.serve.limits import finish
from toxic_tweets.serve.versions import make_headers

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier
    from toxic_tweets.prediction import Prediction
    from toxic_tweets.serve.service import Core
    from toxic_tweets.serve.settings import Settings

PATH = "/v1/moderations"
PATHS = (PATH,)

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
"""Every category of the current schema; those without a label of ours are 0.0, and say so."""

LABELS = {category: label.name for label in TOXICITY for category in label.openai}
"""Our label for each category that is measured."""

# Whatever model a client was written for, the default one here answers.
_PREFIXES = ("omni-moderation", "text-moderation")

_CODES: dict[type[Exception], str] = {
    MissingKeyError: "invalid_api_key",
    InvalidKeyError: "invalid_api_key",
    RateLimitError: "rate_limit_exceeded",
    UnknownModelError: "model_not_found",
}


class ModerationError(RequestError):
    """Refuse a request to this endpoint.

    Attributes:
        param: the field that is wrong.
        code: a name for what is wrong with it.
    """

    def __init__(self, message: str, param: str = "input", code: str = "invalid_value") -> None:
        """Keep what the body is made of."""
        super().__init__(message)
        self.param = param
        self.code = code


def render_error(request: Request, problem: Problem) -> Response:
    """Return the body of an error in OpenAI's form."""
    error = problem.error
    param, code = None, _CODES.get(type(error), problem.code)
    if isinstance(error, ModerationError):
        param, code = error.param, error.code
    elif isinstance(error, UnknownModelError):
        param = "model"
    facts = {"message": problem.message, "type": problem.openai, "param": param, "code": code}
    return _answer({"error": facts}, problem.status)


def make_router(core: Core, settings: Settings) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["OpenAI API"])

    @router.post(
        PATH,
        summary="Classify texts, as OpenAI's moderation endpoint does",
        operation_id="openai_moderations",
        responses=_RESPONSES,
        openapi_extra=_BODY,
    )
    async def moderations(request: Request) -> Response:
        """Return a score and a decision per category for each text."""
        admitted = await core.gate.admit(request)
        texts, model = read_request(admitted.body)
        is_ours = model is not None and not model.startswith(_PREFIXES)
        name = model if is_ours else None
        classifier = core.classifier(name)
        if not set(LABELS.values()) & set(classifier.labels):
            raise ModerationError(
                "This model measures none of the categories. Leave `model` out, or take another.",
                "model",
            )
        predictions = await finish(request, core.score(texts, model=name))
        body = {
            "id": f"modr-{token_hex(16)}",
            "model": classifier.checkpoint.id,
            "results": [_make_result(classifier, one) for one in predictions],
        }
        return _answer(body, headers=make_headers(classifier))

    return router


def read_request(body: bytes) -> tuple[list[str], str | None]:
    """Return the texts and the model of a request; fields that are not known are passed over.

    Raises:
        ModerationError: it is malformed, or brings what is not text.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        message = "We could not parse the JSON body of your request. Send a JSON object in UTF-8."
        raise ModerationError(message, "", "invalid_json") from None
    if not isinstance(value, dict):
        raise ModerationError("The body must be a JSON object.", "", "invalid_json")
    model = value.get("model")
    if model is not None and not isinstance(model, str):
        raise ModerationError("`model` must be a string.", "model", "invalid_type")
    if "input" not in value:
        raise ModerationError("Missing required parameter: 'input'.", code="missing_parameter")
    return _read_input(value["input"]), model


def _read_input(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        message = "`input` must be a string, a list of strings, or a list of text parts."
        raise ModerationError(message, code="invalid_type")
    if not value:
        raise ModerationError("`input` is an empty list. Give at least one text.")
    if all(isinstance(one, str) for one in value):
        return value
    # The parts are one input together, and have one result.
    return ["\n".join(_read_part(one, index) for index, one in enumerate(value))]


def _read_part(value: Any, index: int) -> str:
    where = f"input[{index}]"
    if not isinstance(value, dict):
        message = f"`{where}` must be a string, as all others, or a part with a type."
        raise ModerationError(message, where, "invalid_type")
    kind = value.get("type")
    if kind == "image_url":
        message = f"`{where}` is an image, but this server reads texts only. Leave images out."
        raise ModerationError(message, where, "unsupported_image")
    if kind != "text":
        raise ModerationError(f"`{where}.type` must be text.", f"{where}.type")
    text = value.get("text")
    if not isinstance(text, str):
        raise ModerationError(f"`{where}.text` must be a string.", f"{where}.text", "invalid_type")
    return text


def _make_result(classifier: Classifier, prediction: Prediction) -> dict[str, Any]:
    """Return what is said about one text; `flagged` is about the categories, as in OpenAI's API.

    The language is ours: a text that the model was not trained to read is never scored silently.
    """
    labels = {category: label for category, label in LABELS.items() if label in classifier.labels}
    categories = {one: labels.get(one) in prediction.flagged for one in CATEGORIES}
    return {
        "flagged": any(categories.values()),
        "categories": categories,
        "category_scores": {
            one: prediction.scores[labels[one]] if one in labels else 0.0 for one in CATEGORIES
        },
        "category_applied_input_types": {
            one: ["text"] if one in labels else [] for one in CATEGORIES
        },
        "language": prediction.language,
        "language_supported": prediction.language_supported,
    }


def _answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, headers, "application/json")


_WORDS = {
    400: "The request is malformed, or brings what is not text.",
    401: "A key is missing or not valid.",
    404: "There is no such model.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    429: "Too many calls; Retry-After says when to call again.",
    503: "Too much waits already, or it took too long; Retry-After says when to call again.",
}
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": "string"},
            },
        }
    },
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {"application/json": {"schema": _ERROR}}}
    for status, words in _WORDS.items()
}
_PART = {
    "type": "object",
    "required": ["type", "text"],
    "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["input"],
                    "properties": {
                        "input": {
                            "anyOf": [
                                {"type": "string"},
                                {"type": "array", "items": {"type": "string"}, "minItems": 1},
                                {"type": "array", "items": _PART, "minItems": 1},
                            ]
                        },
                        "model": {"type": "string"},
                    },
                },
                "examples": {
                    "one text": {"value": {"input": "what an idiot"}},
                    "texts": {"value": {"input": ["you are kind", "what an idiot"]}},
                },
            }
        },
    }
}
