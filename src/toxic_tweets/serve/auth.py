"""API keys: where a call may carry one, and whether it is good."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl

from toxic_tweets.serve.errors import ForbiddenError, InvalidKeyError, MissingKeyError

if TYPE_CHECKING:
    from starlette.requests import Request

    from toxic_tweets.store.keys import ApiKey

Mode = Literal["off", "optional", "required"]
# A key that was made a moment ago works; guessing keys costs at most one look a second.
_LOOK_AGAIN_S = 1.0
_NOBODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Caller:
    """Say who calls.

    Attributes:
        key_id: public part of the key; None without a key, or where keys are off.
        name: what the key was called when it was made.
        is_admin: may change policies.
    """

    key_id: str | None = None
    name: str = ""
    is_admin: bool = False


ANYBODY = Caller()


def find_key(request: Request) -> str | None:
    """Return the key that a call carries, in any of the places that clients of the APIs use."""
    headers = request.headers
    authorization = headers.get("authorization", "")
    if authorization[:7].lower() == "bearer ":
        return authorization[7:].strip() or None
    for name in ("x-api-key", "x-goog-api-key"):
        if name in headers:
            return headers[name].strip() or None
    query = request.scope.get("query_string", b"")
    if b"key=" not in query:
        return None
    return dict(parse_qsl(query.decode("latin-1"))).get("key") or None


class KeyRing:
    """Know the keys that are good, as the store had them a few seconds ago."""

    def __init__(self, mode: Mode, read: Callable[[], Mapping[str, ApiKey]]) -> None:
        """Know no key yet: `refresh` reads them.

        Args:
            mode: the setting `api_keys`.
            read: returns the keys that were not revoked, by id; blocks.
        """
        self.mode = mode
        self._read = read
        self._keys: Mapping[str, ApiKey] = {}
        self._read_at = 0.0

    def refresh(self) -> None:
        """Read the keys anew; blocks."""
        self._keys = self._read()
        self._read_at = time.monotonic()

    async def check(self, key: str | None) -> Caller:
        """Return who calls.

        Raises:
            MissingKeyError: a key is required and none was given.
            InvalidKeyError: the key that was given is not good; where keys are off, it is ignored.
        """
        if self.mode == "off":
            return ANYBODY
        if key is None:
            if self.mode == "optional":
                return ANYBODY
            raise MissingKeyError(
                "An API key is required. Send it as header Authorization: Bearer KEY, or X-API-Key."
            )
        return await self.identify(key)

    async def identify(self, key: str | None) -> Caller:
        """Return whose key this is, whatever the mode.

        Raises:
            InvalidKeyError: nobody's.
        """
        caller = self._find(key or "")
        if caller is None and time.monotonic() - self._read_at > _LOOK_AGAIN_S:
            await asyncio.to_thread(self.refresh)
            caller = self._find(key or "")
        if caller is None:
            raise InvalidKeyError("The API key is not valid. Check it, or ask for a new one.")
        return caller

    async def require_admin(self, request: Request) -> Caller:
        """Return the administrator who calls; such a key is needed in every mode.

        Raises:
            MissingKeyError, InvalidKeyError: there is no good key.
            ForbiddenError: the key is not one of an administrator.
        """
        key = find_key(request)
        if key is None:
            raise MissingKeyError("This needs the key of an administrator: Authorization: Bearer …")
        caller = await self.identify(key)
        if not caller.is_admin:
            raise ForbiddenError(
                "This needs the key of an administrator. Make one: toxic-tweets keys create NAME "
                "--admin"
            )
        return caller

    def _find(self, key: str) -> Caller | None:
        """Compare digests, in the same time whether or not there is such a key."""
        from toxic_tweets.store.keys import hash_key, read_key_id

        found = self._keys.get(read_key_id(key))
        expected = _NOBODY if found is None else found.digest
        is_same = hmac.compare_digest(hash_key(key), expected)
        if found is None or not is_same:
            return None
        return Caller(found.id, found.name, found.is_admin)
