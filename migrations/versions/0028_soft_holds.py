"""an index of soft holds, and who of a line-up agreed beforehand

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

IS_SOFT = sa.text("state = 'soft'")


def upgrade() -> None:
    op.create_index(
        "ix_reservations_soft",
        "reservations",
        ["resource_id", "busy_from"],
        sqlite_where=IS_SOFT,
        postgresql_where=IS_SOFT,
    )
    with op.batch_alter_table("seat_candidates") as candidates:
        candidates.add_column(
            sa.Column(
                "is_understudy",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="agreed beforehand to come if needed",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("seat_candidates") as candidates:
        candidates.drop_column("is_understudy")
    op.drop_index("ix_reservations_soft", "reservations")
