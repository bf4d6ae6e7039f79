"""submission

The digest of the form that an event was planned by, so that the same form sent twice makes one event.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column and an index of its own need no rebuilding of the table on SQLite.
    op.add_column("events", sa.Column("submission", sa.String(length=64), nullable=True, comment=COMMENT))
    op.create_index("uq_events_submission", "events", ["submission"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_events_submission", table_name="events")
    op.drop_column("events", "submission")


COMMENT = "digest of the form it was planned by; sending that form again finds it"
