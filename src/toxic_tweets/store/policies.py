"""Policies that administrators keep, each change with its audit record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from toxic_tweets.errors import PolicyError
from toxic_tweets.policy import PRESETS, Policy
from toxic_tweets.store.audit import add_record
from toxic_tweets.store.database import Database
from toxic_tweets.store.tables import policies

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def set_policy(database: Database, policy: Policy, actor: str) -> None:
    """Keep a policy under its name, in place of the one that was there.

    Raises:
        PolicyError: the name cannot be part of a URL, or is that of a preset.
        StoreError: the database does not take it.
    """
    if not _NAME.fullmatch(policy.name):
        raise PolicyError(
            f"name is {policy.name[:100]!r}, but must have 1 to 100 letters, digits, dots, dashes "
            "and underscores."
        )
    if policy.name in PRESETS:
        raise PolicyError(f"{policy.name!r} is a preset, which stays as it is. Take another name.")
    toml = policy.to_toml()
    values = {"toml": toml, "updated_at": datetime.now(UTC)}
    with database.begin() as connection:
        is_there = policies.c.name == policy.name
        changed = connection.execute(update(policies).where(is_there).values(**values))
        if not changed.rowcount:
            connection.execute(insert(policies).values(name=policy.name, **values))
        digest = hashlib.sha256(toml.encode()).hexdigest()
        details = {"sha256": digest, "is_new": not changed.rowcount}
        add_record(connection, actor, "policy.set", policy.name, details)


def delete_policy(database: Database, name: str, actor: str) -> bool:
    """Delete a policy; tell whether there was one."""
    with database.begin() as connection:
        gone = connection.execute(delete(policies).where(policies.c.name == name)).rowcount
        if gone:
            add_record(connection, actor, "policy.delete", name, {})
    return bool(gone)


def read_policies(database: Database) -> Mapping[str, Policy]:
    """Return every policy that is kept, by its name."""
    with database.begin() as connection:
        rows = connection.execute(select(policies).order_by(policies.c.name)).all()
    return {row.name: Policy.from_toml(row.toml) for row in rows}
