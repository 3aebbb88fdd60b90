"""Audit records: who did what when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from toxic_tweets.store.database import Database
from toxic_tweets.store.tables import audit


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Say who did what when.

    Attributes:
        id: counts up.
        created_at: when.
        actor: `command line`, `server`, or the id of an API key.
        action: such as `key.create`, `policy.set` or `feedback.prune`.
        subject: id of the key or name of the policy.
        details: plain values; never a key, never a text.
    """

    id: int
    created_at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, object]


def add_record(
    connection: Connection, actor: str, action: str, subject: str, details: Mapping[str, object]
) -> None:
    """Write a record in the transaction of what it is about: both are kept, or neither."""
    values = {"actor": actor, "action": action, "subject": subject, "details": dict(details)}
    connection.execute(insert(audit).values(created_at=datetime.now(UTC), **values))


def read_records(database: Database) -> Iterator[AuditRecord]:
    """Yield every record, the oldest first."""
    with database.begin() as connection:
        for row in connection.execute(select(audit).order_by(audit.c.id)):
            yield AuditRecord(**row._asdict())
