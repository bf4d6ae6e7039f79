"""after an event: how many came as its host says, who spoke, and the two questions

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _attendances()
    op.create_table(
        "event_speakers",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_speakers_event_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_event_speakers_expert_id")),
        sa.PrimaryKeyConstraint("event_id", "expert_id", name=op.f("pk_event_speakers")),
    )
    op.create_index(op.f("ix_event_speakers_expert_id"), "event_speakers", ["expert_id"])
    _feedback()


def _attendances() -> None:
    op.create_table(
        "attendances",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(10), nullable=False),
        sa.Column("times_asked", sa.Integer(), nullable=False, comment="letters to the host's office"),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the next step is: ask, ask again, give up, or thank; see `afterwards.next_step`",
        ),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("students", sa.Integer(), nullable=True, comment="a part of heads; None: not said"),
        sa.Column("families", sa.Integer(), nullable=True, comment="as students"),
        sa.Column("community", sa.Integer(), nullable=True, comment="as students"),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True, comment="last said"),
        sa.Column("counted_by", sa.String(120), nullable=False, comment="a role or an id, never a person's name"),
        sa.Column(
            "is_spoken_for",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="the host has said who spoke: see speakers, perhaps nobody",
        ),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises whenever the host says something"),
        sa.CheckConstraint("(standing = 'counted') = (heads IS NOT NULL)", name=op.f("ck_attendances_standing")),
        sa.CheckConstraint(
            "heads >= 0 AND students >= 0 AND families >= 0 AND community >= 0", name=op.f("ck_attendances_heads")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_attendances_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_attendances")),
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_attendances_due_at", "attendances", ["due_at"], sqlite_where=is_due, postgresql_where=is_due)


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=True, comment="None: the host"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True, comment="1 (not at all) to 5 (very); None: not answered"),
        sa.Column("comment", sa.String(1000), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True, comment="last said"),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_feedback_score")),
        sa.CheckConstraint("(score IS NULL) = (given_at IS NULL)", name=op.f("ck_feedback_given")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_feedback_event_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_feedback_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("public_id", name=op.f("uq_feedback_public_id")),
    )
    op.create_index(op.f("ix_feedback_expert_id"), "feedback", ["expert_id"])
    op.create_index("uq_feedback_event_id_expert_id", "feedback", ["event_id", "expert_id"], unique=True)
    of_host = sa.text("expert_id IS NULL")
    op.create_index(
        "uq_feedback_event_id", "feedback", ["event_id"], unique=True, sqlite_where=of_host, postgresql_where=of_host
    )


def downgrade() -> None:
    op.drop_table("feedback")
    op.drop_table("event_speakers")
    op.drop_table("attendances")
