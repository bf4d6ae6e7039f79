"""private_feeds: addresses of private calendars of experts, rooms and offices

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "private_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column(
            "holder_id",
            sa.Integer(),
            nullable=True,
            comment="who sees the address; None: the expert, by the season's link",
        ),
        sa.Column("shows", sa.String(10), nullable=False),
        sa.Column("made_for", sa.String(80), nullable=False, comment="which person or program, in the holder's words"),
        sa.Column("turn", sa.Integer(), nullable=False, comment="rises with every new address"),
        sa.Column(
            "digest",
            sa.String(64),
            nullable=True,
            comment="of the address; None: it has none until the holder asks for a new one",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "turned_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it got its present address, or lost one",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every change"),
        sa.CheckConstraint(
            "(CASE WHEN expert_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN room_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN office_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_private_feeds_one_thing"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_private_feeds_{column}"))
            for column, table in (
                ("expert_id", "experts"),
                ("room_id", "rooms"),
                ("office_id", "offices"),
                ("holder_id", "accounts"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_feeds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_private_feeds_public_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_private_feeds_digest")),
    )
    for column in ("expert_id", "room_id", "office_id", "holder_id"):
        op.create_index(op.f(f"ix_private_feeds_{column}"), "private_feeds", [column])


def downgrade() -> None:
    op.drop_table("private_feeds")
