"""lists go by the promised time

What is off and planned anew stands in lists where it was promised; their indexes follow.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_events_promised_starts_at", "events", ["promised_starts_at"])
    op.create_index("ix_events_published_promised_ends_at", "events", ["published_at", "promised_ends_at"])
    op.drop_index("ix_events_published_ends_at", table_name="events")


def downgrade() -> None:
    op.create_index("ix_events_published_ends_at", "events", ["published_at", "ends_at"])
    op.drop_index("ix_events_published_promised_ends_at", table_name="events")
    op.drop_index("ix_events_promised_starts_at", table_name="events")
