"""Let a call in: who calls, how often, how much it brings; and drop it when nobody waits."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.serve.auth import Caller, KeyRing, find_key
from toxic_tweets.serve.errors import (
    BodyTooLargeError,
    ClientGoneError,
    RateLimitError,
    SlowBodyError,
)

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.aio.strategies import RateLimiter

    from toxic_tweets.serve.settings import Settings

T = TypeVar("T")
_log = logging.getLogger(__name__)

# Most calls are done by then, and so need no second task that watches the connection.
_WATCH_AFTER_S = 0.05
# What comes over the limit is read and thrown away for so long: a client that is still sending
# when the connection is closed would never see why.
_DRAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Admitted:
    """Hold a call that was let in.

    Attributes:
        caller: who calls.
        body: the whole body.
    """

    caller: Caller
    body: bytes


class Gate:
    """Check the key, the rate and the size of every call, in this order."""

    def __init__(self, settings: Settings, keys: KeyRing) -> None:
        """Prepare the counting; `rate_limit_url` is not called before the first call.

        Raises:
            ToxicTweetsError: rate_limit or rate_limit_url is malformed.
        """
        self._settings = settings
        self._keys = keys
        self._limits = parse_limits(settings.rate_limit)
        self._limiter = _make_limiter(settings.rate_limit_url) if self._limits else None
        self._warned_at = -math.inf

    async def admit(self, request: Request, *, key: str | None = None) -> Admitted:
        """Let a call in, with its whole body.

        Args:
            request: not read from yet.
            key: the API key, where it stands in another place than usual.

        Raises:
            MissingKeyError, InvalidKeyError: see `auth`.
            RateLimitError: this key or address calls too often.
            BodyTooLargeError, SlowBodyError: see the settings.
        """
        caller = await self._keys.check(find_key(request) if key is None else key)
        await self.charge(request, caller)
        return Admitted(caller, await self.read(request))

    async def charge(self, request: Request, caller: Caller) -> None:
        """Count one call of a key or, without a key, of an address.

        Raises:
            RateLimitError: that is more than allowed.
        """
        if self._limiter is None:
            return
        name = f"key:{caller.key_id}" if caller.key_id else f"address:{_address(request)}"
        for limit in self._limits:
            try:
                is_allowed = await self._limiter.hit(limit, name)
                stats = None if is_allowed else await self._limiter.get_window_stats(limit, name)
            except Exception as error:
                self._warn(error)
                return
            if stats is not None:
                wait_s = max(1, math.ceil(stats.reset_time - time.time()))
                raise RateLimitError(
                    f"More calls than allowed: {limit.amount} per {limit.get_expiry()} s. "
                    f"Try again in {wait_s} s.",
                    retry_after_s=wait_s,
                    details={"limit": limit.amount, "window_s": limit.get_expiry()},
                )

    def _warn(self, error: Exception) -> None:
        """Say once a minute that calls are not counted; refusing them all would be worse."""
        if time.monotonic() - self._warned_at > 60:
            self._warned_at = time.monotonic()
            _log.warning("rate_limit_storage_down", extra={"error": type(error).__name__})

    async def read(self, request: Request) -> bytes:
        """Return the body, whatever the client says about its length."""
        limit = self._settings.max_body_bytes
        declared = request.headers.get("content-length", "")
        too_large = declared.isdecimal() and (len(declared) > 18 or int(declared) > limit)
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(_DRAIN_S if too_large else self._settings.body_timeout_s):
                while True:
                    message = await request.receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGoneError("The client went away while it sent the body.")
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > limit:
                        too_large = True
                        chunks.clear()
                    if not too_large:
                        chunks.append(chunk)
                    if not message.get("more_body", False) or size > 4 * limit:
                        break
        except TimeoutError:
            if not too_large:
                raise SlowBodyError(
                    f"The body did not arrive within {self._settings.body_timeout_s:g} s. "
                    "Send it faster, or in several calls."
                ) from None
        if too_large:
            raise BodyTooLargeError(
                f"The body has more than {limit} bytes. Send fewer texts in a call.",
                details={"limit_bytes": limit},
            )
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def finish(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what the work returns; once the client is gone, cancel it.

    Call it after the body was read.

    Raises:
        ClientGoneError: nobody waits for the answer.
    """
    task = asyncio.ensure_future(work)
    watch: asyncio.Future[None] | None = None
    try:
        await asyncio.wait((task,), timeout=_WATCH_AFTER_S)
        if not task.done():
            watch = asyncio.ensure_future(_wait_until_gone(request))
            await asyncio.wait((task, watch), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGoneError("The client went away before its answer was there.")
        return task.result()
    finally:
        for one in (task, watch):
            if one is not None and not one.done():
                one.cancel()


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def parse_limits(notation: str) -> list[RateLimitItem]:
    """Read a rate limit such as `100/minute` or `5/second;1000/hour`; none from an empty string.

    Raises:
        ToxicTweetsError: it is not in this notation.
    """
    if not notation.strip():
        return []
    from limits import parse_many

    try:
        return parse_many(notation)
    except ValueError:
        raise ToxicTweetsError(
            f"Setting rate_limit is {notation!r}, but must look like 100/minute or "
            "5/second;1000/hour."
        ) from None


def _make_limiter(url: str) -> RateLimiter:
    from limits.aio.strategies import MovingWindowRateLimiter
    from limits.errors import ConfigurationError
    from limits.storage import storage_from_string

    scheme = url if url.startswith("async+") else f"async+{url}"
    options: dict[str, Any] = {} if "memory" in scheme else {"implementation": "redispy"}
    make: Callable[..., Any] = storage_from_string
    try:
        return MovingWindowRateLimiter(make(scheme, **options))
    except (ConfigurationError, ValueError) as error:
        raise ToxicTweetsError(
            f"Setting rate_limit_url is not a storage that is there ({type(error).__name__}). Give "
            "memory:// or redis://HOST:PORT, and for Redis install the package redis."
        ) from None
