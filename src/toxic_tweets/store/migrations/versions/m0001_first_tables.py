"""The first tables: feedback, API keys, policies, audit.

Revision 0001, of 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "feedback",
        sa.Column("id", _Number, primary_key=True, autoincrement=True),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("targets", sa.JSON, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("community", sa.String(500), nullable=False),
        sa.Column("reference", sa.String(500), nullable=False),
        sa.Column("key_id", sa.String(20), nullable=True),
        sa.Column("checkpoint", sa.String(200), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("feedback_by_time", "feedback", ["created_at"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("is_admin", sa.Boolean, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("revoked_at", _Time, nullable=True),
    )
    op.create_table(
        "policies",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("toml", sa.Text, nullable=False),
        sa.Column("updated_at", _Time, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", _Number, primary_key=True, autoincrement=True),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_by_time", "audit", ["created_at"])


def downgrade() -> None:
    """Take the change back."""
    for table in ("audit", "policies", "api_keys", "feedback"):
        op.drop_table(table)
