"""other times that people propose, what they say on the day, and answers that an office wrote down

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, comment="which asking it answers"),
        sa.Column(
            "starts_local",
            sa.DateTime(),
            nullable=False,
            comment="wall clock in `zone`; midnight of an all-day event",
        ),
        sa.Column("starts_side", sa.String(7), nullable=True, comment="which of two, in a fold"),
        sa.Column("zone", sa.String(64), nullable=False, comment="IANA zone of the event"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False, comment="in the person's words"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(1000), nullable=False, comment="why not, in the office's words"),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_proposals_span")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_proposals_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_proposals_public_id")),
    )
    op.create_index("ix_proposals_invitation_id_state", "proposals", ["invitation_id", "state"])
    op.create_table(
        "arrivals",
        sa.Column("invitation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("given_for", sa.DateTime(timezone=True), nullable=False, comment="the start it was said for"),
        sa.Column("here_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_minutes", sa.Integer(), nullable=True, comment="after the start, as they expect"),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("late_minutes IS NULL OR late_minutes > 0", name=op.f("ck_arrivals_late_minutes")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_arrivals_invitation_id")),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_arrivals")),
    )
    op.create_table(
        "answers_on_behalf",
        sa.Column("answer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=True, comment="None: the administrator"),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_answers_on_behalf_answer_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_answers_on_behalf_office_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_answers_on_behalf_account_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_answers_on_behalf")),
    )
    op.create_index(op.f("ix_answers_on_behalf_account_id"), "answers_on_behalf", ["account_id"])


def downgrade() -> None:
    for table in ("answers_on_behalf", "arrivals", "proposals"):
        op.drop_table(table)
