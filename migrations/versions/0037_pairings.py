"""pairings: which colleges a school's calendar shows beside its own events

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pairings",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("college_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["organizations.id"], name=op.f("fk_pairings_school_id")),
        sa.ForeignKeyConstraint(["college_id"], ["organizations.id"], name=op.f("fk_pairings_college_id")),
        sa.PrimaryKeyConstraint("school_id", "college_id", name=op.f("pk_pairings")),
    )
    op.create_index(op.f("ix_pairings_college_id"), "pairings", ["college_id"])


def downgrade() -> None:
    op.drop_table("pairings")
