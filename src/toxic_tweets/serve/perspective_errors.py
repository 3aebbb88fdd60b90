"""Errors as the Perspective API words them: always `{"error": {...}}`, and never status 422."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toxic_tweets.serve.errors import (
    BodyTooLargeError,
    InvalidKeyError,
    MissingKeyError,
    Problem,
    RateLimitError,
    RequestError,
)

# Names of attributes and fields are repeated in messages, but no more of them than this.
_NAME_LENGTH = 100
_SERVICE = "commentanalyzer.googleapis.com"
_RPC = "type.googleapis.com/google.rpc."
_OWN = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_METRIC = "Analysis requests (AnalyzeComment)"


class WireError(RequestError):
    """Refuse a request in the very words of the Perspective API.

    Attributes:
        status: HTTP status, which is also the `code` in the body.
        google: canonical status.
        google_details: `details` of the body; left out where empty.
    """

    def __init__(
        self,
        message: str,
        google_details: Sequence[Mapping[str, Any]] = (),
        *,
        status: int = 400,
        google: str = "INVALID_ARGUMENT",
    ) -> None:
        """Keep what the body is made of."""
        super().__init__(message)
        self.status = status
        self.google = google
        self.google_details = [dict(one) for one in google_details]


def refuse_empty() -> WireError:
    """Say that there is no text."""
    return WireError("Comment must be non-empty.", [_own("COMMENT_EMPTY")])


def refuse_long(size_bytes: int, limit_bytes: int) -> WireError:
    """Say that the text has too many bytes."""
    return WireError(
        f"Comment text was too many bytes. Value ({size_bytes}) exceeded limit ({limit_bytes})."
    )


def refuse_type() -> WireError:
    """Say that HTML is not read."""
    return WireError("Currently, only 'PLAIN_TEXT' comments are supported")


def refuse_contexts() -> WireError:
    """Say that there are two kinds of context."""
    return WireError(
        "Context can have either entries or article_and_parent_comment, but both fields were "
        "populated."
    )


def refuse_no_attributes(field: str = "requested_attributes") -> WireError:
    """Say that no attribute is named."""
    return WireError(f"Missing {field}", [_own("NO_REQUESTED_ATTRIBUTES")])


def refuse_attribute(name: str) -> WireError:
    """Say that nothing here measures the attribute."""
    return WireError(f"Unknown requested attribute: {shorten(name)}", [_own("INVALID_REQUEST")])


def refuse_score_type(score_type: str, attribute: str) -> WireError:
    """Say that only probabilities are given."""
    return WireError(
        f"Requested score type {shorten(score_type)} is not supported by attribute "
        f"{shorten(attribute)}"
    )


def refuse_languages(attribute: str, codes: Sequence[str], *, detected: bool) -> WireError:
    """Say that no model reads these languages."""
    codes = [shorten(code) for code in codes[:20]]
    key = "detectedLanguages" if detected else "requestedLanguages"
    return WireError(
        f"Attribute {shorten(attribute)} does not support request languages: {', '.join(codes)}",
        [
            {
                **_own("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"),
                "languageNotSupportedByAttributeError": {
                    key: list(codes),
                    "attribute": shorten(attribute),
                },
            }
        ],
    )


def refuse_no_language() -> WireError:
    """Say that the text is in no language that can be told."""
    return WireError("Unable to detect language", [_own("LANGUAGE_DETECTION_FAILED")])


def refuse_json(message: str, field: str = "") -> WireError:
    """Say which field of a body is not what it must be, never its value."""
    violation = {"field": field, "description": message} if field else {"description": message}
    return WireError(message, [{"@type": f"{_RPC}BadRequest", "fieldViolations": [violation]}])


def refuse_fields(fields: str, path: str) -> WireError:
    """Say that the parameter `fields` selects what is not there."""
    violation = {
        "field": shorten(fields),
        "description": "Error expanding 'fields' parameter. Cannot find matching fields for path "
        f"'{shorten(path)}'.",
    }
    return WireError(
        "Request contains an invalid argument.",
        [{"@type": f"{_RPC}BadRequest", "fieldViolations": [violation]}],
    )


def make_body(problem: Problem) -> tuple[int, dict[str, Any]]:
    """Return the status and the body that answer a problem."""
    error = problem.error
    status, message, google = problem.status, problem.message, problem.google
    details: list[dict[str, Any]] = []
    if isinstance(error, WireError):
        status, google, details = error.status, error.google, error.google_details
    elif isinstance(error, MissingKeyError):
        status = 403
        message = (
            "Method doesn't allow unregistered callers (callers without established identity). "
            "Please use API Key or other form of API consumer identity to call this API."
        )
    elif isinstance(error, InvalidKeyError):
        status, message = 400, "API key not valid. Please pass a valid API key."
        details = [_info("API_KEY_INVALID", {"service": _SERVICE})]
    elif isinstance(error, RateLimitError):
        message, details = _refuse_rate(error)
    elif isinstance(error, BodyTooLargeError):
        limit = error.details.get("limit_bytes", "unknown")
        status, message = 400, f"Request payload size exceeds the limit: {limit} bytes."
    facts: dict[str, Any] = {"code": status, "message": message, "status": google}
    if details:
        facts["details"] = details
    return status, {"error": facts}


def shorten(name: str) -> str:
    """Return the start of a name that a caller made up."""
    return name if len(name) <= _NAME_LENGTH else f"{name[:_NAME_LENGTH]}…"


def _own(error_type: str) -> dict[str, Any]:
    return {"@type": _OWN, "errorType": error_type}


def _info(reason: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    return {
        "@type": f"{_RPC}ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": dict(metadata),
    }


def _refuse_rate(error: RateLimitError) -> tuple[str, list[dict[str, Any]]]:
    # There are no projects here; clients that read the number get one.
    project = "0"
    message = (
        f"Quota exceeded for quota metric '{_METRIC}' and limit '{_METRIC} per minute' of service "
        f"'{_SERVICE}' for consumer 'project_number:{project}'."
    )
    metadata = {
        "service": _SERVICE,
        "consumer": f"projects/{project}",
        "quota_location": "global",
        "quota_metric": "CommentAnalyzerService/analyze_requests",
        "quota_limit": "AnalyzeRequestsPerMinutePerProject",
        "quota_limit_value": str(error.details.get("limit", "")),
    }
    link = {
        "description": "Request a higher quota limit.",
        "url": "https://cloud.google.com/docs/quota#requesting_higher_quota",
    }
    return message, [
        _info("RATE_LIMIT_EXCEEDED", metadata),
        {"@type": f"{_RPC}Help", "links": [link]},
    ]
