"""who is in charge, who is away, and who covers

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, thing, things in (
        ("event_coordinators", "event_id", "events"),
        ("approval_takers", "approval_id", "room_approvals"),
    ):
        op.create_table(
            name,
            sa.Column(thing, sa.Integer(), nullable=False),
            sa.Column("account_id", sa.Integer(), nullable=False),
            sa.Column("since", sa.DateTime(timezone=True), nullable=False),
            sa.ForeignKeyConstraint([thing], [f"{things}.id"], name=op.f(f"fk_{name}_{thing}")),
            sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f(f"fk_{name}_account_id")),
            sa.PrimaryKeyConstraint(thing, name=op.f(f"pk_{name}")),
        )
        op.create_index(op.f(f"ix_{name}_account_id"), name, ["account_id"])
    op.create_table(
        "leave_covers",
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["blocks.id"], name=op.f("fk_leave_covers_block_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_leave_covers_expert_id")),
        sa.PrimaryKeyConstraint("block_id", name=op.f("pk_leave_covers")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("cover_id", sa.Integer(), nullable=True, comment="None: they left"),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False, comment="IANA zone in which the days were named"),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_absences_span")),
        sa.CheckConstraint("cover_id IS NULL OR cover_id <> account_id", name=op.f("ck_absences_another")),
        sa.CheckConstraint("organization_id IS NULL OR office_id IS NULL", name=op.f("ck_absences_one_place")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_absences_account_id")),
        sa.ForeignKeyConstraint(["cover_id"], ["accounts.id"], name=op.f("fk_absences_cover_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_absences_organization_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_absences_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
        sa.UniqueConstraint("public_id", name=op.f("uq_absences_public_id")),
    )
    for column in ("account_id", "cover_id", "ends_at"):
        op.create_index(op.f(f"ix_absences_{column}"), "absences", [column])


def downgrade() -> None:
    for table in ("absences", "leave_covers", "approval_takers", "event_coordinators"):
        op.drop_table(table)
