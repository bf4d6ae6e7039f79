"""feed_entries: what public calendars say of each event, ready to be sent; one number for all feeds

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_entries",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="the event's, of which this was made"),
        sa.Column(
            "written_by", sa.String(16), nullable=False, comment="digest of the way of writing and of PUBLIC_URL"
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="from BEGIN:VEVENT to the last line break"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_feed_entries_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_feed_entries")),
    )
    # Numbers are drawn from one row now, and must be greater than any that was given before.
    op.execute(
        "INSERT INTO feed_versions (key, version, changed_at) "
        "SELECT '', max(version), max(changed_at) FROM feed_versions HAVING count(*) > 0"
    )


def downgrade() -> None:
    op.execute("DELETE FROM feed_versions WHERE key = ''")
    op.drop_table("feed_entries")
