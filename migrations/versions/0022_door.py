"""links for helpers at the door, and how many came

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "door_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="local day of the event"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False, comment="a role or an id, never a person's name"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_door_links_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_links")),
        sa.UniqueConstraint("public_id", name=op.f("uq_door_links_public_id")),
    )
    op.create_index(op.f("ix_door_links_event_id"), "door_links", ["event_id"])
    op.create_table(
        "head_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="local day of the event"),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False, comment="last changed"),
        sa.CheckConstraint("heads >= 0", name=op.f("ck_head_counts_heads")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_head_counts_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head_counts")),
        sa.UniqueConstraint("event_id", "day", name=op.f("uq_head_counts_event_id_day")),
    )


def downgrade() -> None:
    op.drop_table("head_counts")
    op.drop_table("door_links")
