"""monday_letters: which offices have had their letter of a week

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "monday_letters",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False, comment="in the office's zone"),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_monday_letters_office_id_offices")),
        sa.PrimaryKeyConstraint("office_id", "monday", name=op.f("pk_monday_letters")),
    )


def downgrade() -> None:
    op.drop_table("monday_letters")
