"""delivery_pause: the one row that stands while nothing may leave the house

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_pause",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(10), nullable=False),
        sa.Column("by_whom", sa.String(120), nullable=False, comment="a role or an id, as in the audit log"),
        sa.Column(
            "taken_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="of the backup; what left later is not known here",
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_delivery_pause_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_pause")),
    )


def downgrade() -> None:
    op.drop_table("delivery_pause")
