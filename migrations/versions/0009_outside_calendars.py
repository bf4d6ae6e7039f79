"""outside calendars know how far they reach

Until when a calendar was read, and how many of its entries nobody could understand.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    reach = "how far ahead it was read"
    op.add_column("outside_calendars", sa.Column("read_until", sa.DateTime(timezone=True), comment=reach))
    skipped = "entries that could not be understood"
    op.add_column(
        "outside_calendars", sa.Column("skipped", sa.Integer(), nullable=False, server_default="0", comment=skipped)
    )


def downgrade() -> None:
    op.drop_column("outside_calendars", "skipped")
    op.drop_column("outside_calendars", "read_until")
