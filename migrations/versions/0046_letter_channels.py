"""letter_channels: by which way a reader wants to be reminded

Revision ID: 0046
Revises: 0045
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_channels",
        sa.Column("reader", sa.String(64), nullable=False, comment="digest of an address in small letters"),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_letter_channels")),
    )


def downgrade() -> None:
    op.drop_table("letter_channels")
