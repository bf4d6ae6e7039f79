"""letter_mornings: who wants reminders together, in one letter in the morning

Revision ID: 0045
Revises: 0044
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_mornings",
        sa.Column("reader", sa.String(64), nullable=False, comment="digest of an address in small letters"),
        sa.Column("zone", sa.String(64), nullable=False, comment="IANA zone of the reader's mornings"),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_letter_mornings")),
    )


def downgrade() -> None:
    op.drop_table("letter_mornings")
