"""What can go wrong with a call, and the one table that says how each API answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from toxic_tweets.errors import (
    LabelError,
    MissingExtraError,
    PolicyError,
    StoreError,
    TextError,
    ToxicTweetsError,
)


class ServeError(ToxicTweetsError):
    """Catch everything that the server refuses on purpose.

    Attributes:
        retry_after_s: after how many seconds it is worth trying again; None where it never is.
        details: plain values that help the caller, such as a limit; never a text.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: int | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Keep what an answer is made of."""
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.details = dict(details or {})


class RequestError(ServeError):
    """Say what is malformed in a request: JSON, a type, a field."""


class BodyTooLargeError(ServeError):
    """Say that the body is over the limit."""


class SlowBodyError(ServeError):
    """Say that the body did not arrive in time."""


class TooManyTextsError(ServeError):
    """Say that one call brings more texts than allowed."""


class TextTooLongError(ServeError):
    """Say that a text has more bytes than allowed."""


class MissingKeyError(ServeError):
    """Say that an API key is required and none was given."""


class InvalidKeyError(ServeError):
    """Say that the API key is not known, or was revoked."""


class ForbiddenError(ServeError):
    """Say that the key may not do this."""


class RateLimitError(ServeError):
    """Say that a key or an address calls more often than allowed."""


class UnknownModelError(ServeError):
    """Say that the server holds no such model, and list those it holds."""


class UnknownPolicyError(ServeError):
    """Say that the server knows no such policy, and list those it knows."""


class FeedbackOffError(ServeError):
    """Say that this server keeps no feedback."""


class QueueFullError(ServeError):
    """Say that as many texts wait as may wait."""


class TimedOutError(ServeError):
    """Say that a call took longer than it may."""


class ClientGoneError(ServeError):
    """Say that nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """Say how a class of errors is answered.

    Attributes:
        error: the class; subclasses without a row of their own are answered the same way.
        status: HTTP status.
        code: stable name in our own API, in metrics and in logs.
        google: canonical status of Google's APIs.
        openai: `type` of OpenAI's errors.
    """

    error: type[Exception]
    status: int
    code: str
    google: str
    openai: str


_BAD = "invalid_request_error"
_BUSY = "server_error"
_RETRY_S = 5  # where nothing better is known
TABLE: tuple[Row, ...] = (
    Row(RequestError, 400, "invalid_request", "INVALID_ARGUMENT", _BAD),
    Row(BodyTooLargeError, 413, "body_too_large", "INVALID_ARGUMENT", _BAD),
    Row(SlowBodyError, 408, "slow_body", "DEADLINE_EXCEEDED", _BAD),
    Row(TooManyTextsError, 400, "too_many_texts", "INVALID_ARGUMENT", _BAD),
    Row(TextTooLongError, 400, "text_too_long", "INVALID_ARGUMENT", _BAD),
    Row(TextError, 400, "invalid_text", "INVALID_ARGUMENT", _BAD),
    Row(LabelError, 400, "unknown_label", "INVALID_ARGUMENT", _BAD),
    Row(PolicyError, 400, "invalid_policy", "INVALID_ARGUMENT", _BAD),
    Row(UnknownPolicyError, 404, "unknown_policy", "NOT_FOUND", _BAD),
    Row(UnknownModelError, 404, "unknown_model", "NOT_FOUND", _BAD),
    Row(MissingKeyError, 401, "missing_key", "PERMISSION_DENIED", _BAD),
    Row(InvalidKeyError, 401, "invalid_key", "INVALID_ARGUMENT", _BAD),
    Row(ForbiddenError, 403, "forbidden", "PERMISSION_DENIED", _BAD),
    Row(FeedbackOffError, 403, "feedback_off", "PERMISSION_DENIED", _BAD),
    Row(RateLimitError, 429, "rate_limited", "RESOURCE_EXHAUSTED", "rate_limit_error"),
    Row(QueueFullError, 503, "queue_full", "UNAVAILABLE", _BUSY),
    Row(TimedOutError, 503, "timed_out", "UNAVAILABLE", _BUSY),
    Row(StoreError, 503, "store_down", "UNAVAILABLE", _BUSY),
    Row(ClientGoneError, 499, "client_gone", "CANCELLED", _BUSY),
    Row(MissingExtraError, 501, "missing_extra", "UNIMPLEMENTED", _BUSY),
    Row(ToxicTweetsError, 400, "invalid_request", "INVALID_ARGUMENT", _BAD),
)
_BUG = Row(Exception, 500, "internal", "INTERNAL", _BUSY)
_BY_CLASS = {row.error: row for row in TABLE}


@dataclass(frozen=True, slots=True)
class Problem:
    """Hold all that an error body is made of, whatever the API.

    Attributes:
        status: HTTP status in our own API; an adapter may have to answer another one.
        code: stable name, as in `Row`.
        message: one sentence or two for people; never holds a text.
        google: as in `Row`.
        openai: as in `Row`.
        retry_after_s: for the header Retry-After; None = no such header.
        error: what was raised.
    """

    status: int
    code: str
    message: str
    google: str
    openai: str
    retry_after_s: int | None
    error: Exception


def make_problem(error: Exception) -> Problem:
    """Look an error up in the table; one without a row is a bug of ours and says nothing."""
    row = next((_BY_CLASS[one] for one in type(error).__mro__ if one in _BY_CLASS), _BUG)
    message = str(error) if row is not _BUG else "Internal error. The server's log says more."
    retry_after_s = error.retry_after_s if isinstance(error, ServeError) else None
    if row.status == 503 and retry_after_s is None:
        retry_after_s = _RETRY_S
    return Problem(row.status, row.code, message, row.google, row.openai, retry_after_s, error)


def make_http_problem(status: int, message: str, error: Exception) -> Problem:
    """Return the problem of a path or method that no route takes."""
    code = {404: "not_found", 405: "method_not_allowed"}.get(status, "invalid_request")
    google = {404: "NOT_FOUND", 405: "UNIMPLEMENTED"}.get(status, "INVALID_ARGUMENT")
    return Problem(status, code, message, google, _BAD, None, error)
