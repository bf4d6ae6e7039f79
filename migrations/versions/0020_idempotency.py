"""keys of calls that may be sent again, and editions of outside calendars

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "whose", sa.String(64), nullable=False, comment="digest of the credential, or of the link that is one"
        ),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column(
            "request",
            sa.String(64),
            nullable=False,
            comment="digest of method, path, query, If-Match and body; paths hold links, which are not stored",
        ),
        sa.Column("lease", sa.Uuid(), nullable=False, comment="who carries it out, or did"),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True, comment="of the answer; none while it is under way"),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("whose", "key", name=op.f("uq_idempotency_keys_whose_key")),
    )
    op.create_index(op.f("ix_idempotency_keys_claimed_at"), "idempotency_keys", ["claimed_at"])
    edition = "another with each source that people choose"
    op.add_column("outside_calendars", sa.Column("edition", sa.Uuid(), nullable=True, comment=edition))


def downgrade() -> None:
    op.drop_column("outside_calendars", "edition")
    op.drop_table("idempotency_keys")
