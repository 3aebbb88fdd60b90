"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcTime(TypeDecorator[datetime]):
    """Keep a moment in UTC, and give it back with its time zone: SQLite alone would lose it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment of any time zone into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Say that what was kept is UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData()

# SQLite counts up only a key that is an INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")

feedback = Table(
    "feedback",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("created_at", UtcTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("targets", JSON, nullable=False),
    Column("source", String(20), nullable=False),
    Column("community", String(500), nullable=False),
    Column("reference", String(500), nullable=False),
    Column("key_id", String(20), nullable=True),
    Column("checkpoint", String(200), nullable=False),
    Index("feedback_by_time", "created_at"),
    sqlite_autoincrement=True,
)
"""What people say a text is: one row per piece of feedback."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime, nullable=True),
)
"""API keys: never the key, only its SHA-256."""

policies = Table(
    "policies",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("toml", Text, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
"""Policies that administrators made, as TOML."""

audit = Table(
    "audit",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("created_at", UtcTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(50), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("details", JSON, nullable=False),
    Index("audit_by_time", "created_at"),
    sqlite_autoincrement=True,
)
"""Who did what when."""
