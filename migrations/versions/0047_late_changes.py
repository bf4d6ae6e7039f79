"""late_changes, reached: what changed within 48 hours of a start, whom it concerns, and whom a call has reached

Revision ID: 0047
Revises: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False, comment="as urgency.known_of, but for the link"),
        sa.Column("concerned", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_late_changes_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_changes")),
    )
    op.create_index(op.f("ix_late_changes_event_id"), "late_changes", ["event_id"])
    op.create_table(
        "reached",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False, comment="as in `concerned`"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(120), nullable=False, comment="a role or an id, never a person's name"),
        sa.ForeignKeyConstraint(["change_id"], ["late_changes.id"], name=op.f("fk_reached_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reached")),
        sa.UniqueConstraint("change_id", "who", name=op.f("uq_reached_change_id_who")),
    )


def downgrade() -> None:
    op.drop_table("reached")
    op.drop_index(op.f("ix_late_changes_event_id"), table_name="late_changes")
    op.drop_table("late_changes")
