"""holds know the event that they became

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # A column with its own constraint needs no rebuilding of the table.
        op.execute("ALTER TABLE holds ADD COLUMN event_id INTEGER CONSTRAINT fk_holds_event_id REFERENCES events (id)")
    else:
        op.add_column("holds", sa.Column("event_id", sa.Integer(), nullable=True, comment="what it became"))
        op.create_foreign_key("fk_holds_event_id", "holds", "events", ["event_id"], ["id"])
    op.create_index("ix_holds_event_id", "holds", ["event_id"])


def downgrade() -> None:
    op.drop_index("ix_holds_event_id", "holds")
    op.execute("ALTER TABLE holds DROP COLUMN event_id")
