"""letters_stopped: which kinds of letters an address does not want any more

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letters_stopped",
        sa.Column("reader", sa.String(64), nullable=False, comment="digest of an address in small letters"),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was first switched off"),
        sa.PrimaryKeyConstraint("reader", "topic", name=op.f("pk_letters_stopped")),
    )


def downgrade() -> None:
    op.drop_table("letters_stopped")
