"""rooms of other offices: who has to grant them, and what was answered

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With its check in the column both databases add it without rebuilding the table, and drop both together.
    no = "false" if op.get_bind().dialect.name == "postgresql" else "0"
    op.execute(
        f"ALTER TABLE rooms ADD COLUMN needs_approval BOOLEAN DEFAULT {no} NOT NULL "
        "CONSTRAINT ck_rooms_approver CHECK (NOT needs_approval OR office_id IS NOT NULL)"
    )
    op.add_column(
        "rooms",
        sa.Column("outside_reference", sa.String(120), nullable=False, server_default="", comment=_OUTSIDE),
    )
    op.add_column(
        "event_rooms", sa.Column("standing", sa.String(10), nullable=False, server_default="sure", comment=_BY)
    )
    op.create_table(
        "room_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, comment="rises each time the office is asked"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.String(length=120), nullable=False, comment=_NUMBER),
        sa.Column("reason", sa.String(length=1000), nullable=False, comment="why it was declined"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_room_approvals_event_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_approvals_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_approvals")),
        sa.UniqueConstraint("event_id", "room_id", name=op.f("uq_room_approvals_event_id_room_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_room_approvals_public_id")),
    )
    op.create_index("ix_room_approvals_room_id", "room_approvals", ["room_id"], unique=False)


def downgrade() -> None:
    op.drop_table("room_approvals")
    op.drop_column("event_rooms", "standing")
    for column in ("outside_reference", "needs_approval"):
        op.drop_column("rooms", column)


_OUTSIDE = "the room's id in the office's own system: 25Live, EMS"
_BY = "by approvals"
_NUMBER = "the reservation's number in the office's own system"
