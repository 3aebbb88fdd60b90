"""API keys: made, listed and revoked; kept as digests, so that a stolen database opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from toxic_tweets.errors import StoreError
from toxic_tweets.store.audit import add_record
from toxic_tweets.store.database import Database
from toxic_tweets.store.tables import api_keys

_START = "tt"
_ID_BYTES = 6
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Describe a key, without the key.

    Attributes:
        id: its public part, by which it is listed and revoked.
        name: what it was called when it was made.
        digest: SHA-256 of the whole key, as 64 hexadecimal digits.
        is_admin: may change policies.
        created_at: when it was made.
        revoked_at: since when it is not good any more.
    """

    id: str
    name: str
    digest: str
    is_admin: bool
    created_at: datetime
    revoked_at: datetime | None


def hash_key(key: str) -> str:
    """Return the digest of a key.

    A plain SHA-256 is enough: slow hashes protect what people can guess, and the secret part is
    256 random bits.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def read_key_id(key: str) -> str:
    """Return the public part of a key, empty where it does not look like one of ours."""
    parts = key.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == _START else ""


def create_key(
    database: Database, name: str, *, is_admin: bool = False, actor: str = "command line"
) -> str:
    """Make a key and return it: this is the only time that anyone can read it.

    Raises:
        StoreError: the database cannot be written to, or the name is empty or too long.
    """
    if not 1 <= len(name.strip()) <= 200:
        raise StoreError("The name of a key must have 1 to 200 signs. Say who or what will use it.")
    key_id = secrets.token_hex(_ID_BYTES)
    key = f"{_START}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    values = {"id": key_id, "name": name.strip(), "digest": hash_key(key), "is_admin": is_admin}
    with database.begin() as connection:
        connection.execute(insert(api_keys).values(created_at=datetime.now(UTC), **values))
        details = {"name": name.strip(), "is_admin": is_admin}
        add_record(connection, actor, "key.create", key_id, details)
    return key


def revoke_key(database: Database, key_id: str, *, actor: str = "command line") -> None:
    """End a key; servers that run refuse it within seconds.

    Raises:
        StoreError: there is no such key, or it was revoked before.
    """
    with database.begin() as connection:
        is_good = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
        now = datetime.now(UTC)
        changed = connection.execute(update(api_keys).where(is_good).values(revoked_at=now))
        if changed.rowcount:
            add_record(connection, actor, "key.revoke", key_id, {})
    if not changed.rowcount:
        raise StoreError(
            f"There is no key {key_id!r} that could be revoked. List them: toxic-tweets keys list"
        )


def list_keys(database: Database) -> list[ApiKey]:
    """Return every key, revoked ones too, the oldest first."""
    with database.begin() as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id))
        return [ApiKey(**row._asdict()) for row in rows]


def read_good_keys(database: Database) -> Mapping[str, ApiKey]:
    """Return the keys that were not revoked, by their ids."""
    return {key.id: key for key in list_keys(database) if key.revoked_at is None}
