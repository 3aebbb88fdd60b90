"""API keys: shown once, kept as digests, revoked for good."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from toxic_tweets.errors import StoreError
from toxic_tweets.store.audit import read_records
from toxic_tweets.store.database import Database
from toxic_tweets.store.keys import (
    create_key,
    hash_key,
    list_keys,
    read_good_keys,
    read_key_id,
    revoke_key,
)


def test_a_key_is_kept_as_a_digest(database: Database) -> None:
    key = create_key(database, " forum ")
    (kept,) = list_keys(database)
    assert (kept.name, kept.is_admin, kept.revoked_at) == ("forum", False, None)
    assert kept.digest == hash_key(key)
    assert kept.id == read_key_id(key)
    with database.begin() as connection:
        for table in ("api_keys", "audit"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert key.rpartition("_")[2] not in repr(rows)


def test_keys_differ(database: Database) -> None:
    assert len({create_key(database, "same") for _ in range(5)}) == 5


def test_revoked_is_revoked(database: Database) -> None:
    first, second = (read_key_id(create_key(database, name)) for name in ("a", "b"))
    revoke_key(database, first)
    assert set(read_good_keys(database)) == {second}
    assert [key.revoked_at is None for key in list_keys(database)] == [False, True]
    for gone in (first, "none"):
        with pytest.raises(StoreError, match="could be revoked"):
            revoke_key(database, gone)


def test_every_change_is_recorded(database: Database) -> None:
    number = read_key_id(create_key(database, "boss", is_admin=True))
    revoke_key(database, number, actor="someone")
    made, revoked = read_records(database)
    assert (made.action, made.subject, made.actor) == ("key.create", number, "command line")
    assert made.details == {"name": "boss", "is_admin": True}
    assert (revoked.action, revoked.subject, revoked.actor) == ("key.revoke", number, "someone")


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_key_needs_a_name(database: Database, name: str) -> None:
    with pytest.raises(StoreError, match="1 to 200"):
        create_key(database, name)


@pytest.mark.parametrize("key", ["", "x", "tt_", "tt_a", "sk_a_b", "_a_b", "tt", "\ud800"])
def test_what_is_no_key_of_ours(key: str) -> None:
    assert read_key_id(key) == ""
    assert len(hash_key(key)) == 64
