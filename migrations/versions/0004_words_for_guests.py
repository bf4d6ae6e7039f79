"""what people who come should know: what to bring, accommodations and until when to ask for others

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = {"nullable": False, "server_default": ""}
    op.add_column("events", sa.Column("bring", sa.String(1000), comment="what people should bring along", **words))
    op.add_column(
        "events", sa.Column("accommodations", sa.String(1000), comment="what is provided: captions, ASL …", **words)
    )
    op.add_column(
        "events",
        sa.Column("accommodations_due_on", sa.Date(), nullable=True, comment="last day to ask for others, there"),
    )


def downgrade() -> None:
    for column in ("accommodations_due_on", "accommodations", "bring"):
        op.drop_column("events", column)
