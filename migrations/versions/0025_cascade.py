"""seats without a person, line-ups, releases, and how partners' people are asked

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
NAMED = "who is named; None: nobody yet"
OPEN_SINCE = "nobody comes and nobody is next, which the offices were told"
ASKED_AT = "when the question left, or the partner's office was asked for the person"
RELEASED_AT = "when the partner's office let the person be asked"
CHASED_AT = "when the person was last chased for it"
STEPPED_AT = "steps of the cascade up to here are done"
NEXT_STEP_AT = "when the cascade looks at it again; None: not by itself"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.add_column("seats", sa.Column("public_id", sa.Uuid(), nullable=True))
    op.execute(f"UPDATE seats SET public_id = {NEW_ID[dialect]}")
    with op.batch_alter_table("seats") as seats:
        seats.alter_column("public_id", existing_type=sa.Uuid(), nullable=False)
        seats.alter_column("expert_id", existing_type=sa.Integer(), nullable=True, comment=NAMED)
        seats.add_column(sa.Column("open_since", INSTANT, nullable=True, comment=OPEN_SINCE))
        seats.create_unique_constraint(op.f("uq_seats_public_id"), ["public_id"])
    with op.batch_alter_table("invitations") as invitations:
        invitations.alter_column(
            "state", existing_type=sa.String(length=12), type_=sa.String(length=15), existing_nullable=False
        )
        invitations.alter_column("asked_at", existing_type=INSTANT, existing_nullable=False, comment=ASKED_AT)
        invitations.add_column(sa.Column("released_at", INSTANT, nullable=True, comment=RELEASED_AT))
        invitations.add_column(sa.Column("chased_at", INSTANT, nullable=True, comment=CHASED_AT))
        invitations.add_column(sa.Column("stepped_at", INSTANT, nullable=True, comment=STEPPED_AT))
        invitations.add_column(sa.Column("next_step_at", INSTANT, nullable=True, comment=NEXT_STEP_AT))
        invitations.create_index(op.f("ix_invitations_next_step_at"), ["next_step_at"])
    # Whoever was asked before was asked without a release. The next tick plans their chases; what is past is skipped.
    present = "strftime('%Y-%m-%d %H:%M:%f000', 'now')" if dialect == "sqlite" else "CURRENT_TIMESTAMP"
    op.execute("UPDATE invitations SET released_at = asked_at WHERE state <> 'withdrawn'")
    op.execute(f"UPDATE invitations SET stepped_at = {present}, next_step_at = {present} WHERE state = 'needs_action'")
    create_tables()


def create_tables() -> None:
    op.create_table(
        "seat_candidates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="from 0"),
        sa.Column(
            "released_at",
            INSTANT,
            nullable=True,
            comment="when the partner's office let this person be asked, before their turn",
        ),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"], name=op.f("fk_seat_candidates_seat_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_seat_candidates_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_candidates")),
        sa.UniqueConstraint("seat_id", "expert_id", name=op.f("uq_seat_candidates_seat_id_expert_id")),
    )
    op.create_index(op.f("ix_seat_candidates_expert_id"), "seat_candidates", ["expert_id"])
    numbers = (
        ("tell_after_working_days", "of silence: the partner's office is told"),
        ("pass_on_after_working_days", "of silence: the next is asked"),
        ("answer_by_working_days", "requests are to be answered by then"),
        ("works_from_minute", "minute of the local day of the person asked"),
        ("works_until_minute", "the same; letters go out before it"),
        ("changes_until_hours", "before the start: until then an answer changes freely"),
        ("version", "rises with every edit"),
    )
    rules = {
        "tell_after": "tell_after_working_days > 0",
        "pass_on_after": "pass_on_after_working_days >= tell_after_working_days",
        "answer_by": "answer_by_working_days > 0",
        "works_from": "works_from_minute >= 0 AND works_from_minute < works_until_minute",
        "works_until": "works_until_minute <= 1440",
        "changes_until": "changes_until_hours >= 0",
    }
    automatic = "people are asked without the office's release"
    op.create_table(
        "partner_settings",
        sa.Column("organization_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asks_automatically", sa.Boolean(), nullable=False, comment=automatic),
        sa.Column("chase_after_working_days", sa.JSON(), nullable=False, comment="after the asking, rising"),
        sa.Column("chase_before_days", sa.JSON(), nullable=False, comment="calendar days before the event, falling"),
        *(sa.Column(name, sa.Integer(), nullable=False, comment=comment) for name, comment in numbers),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_partner_settings_{name}")) for name, rule in rules.items()),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_partner_settings_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_partner_settings")),
    )


def downgrade() -> None:
    """What an older version knows nothing of is given up: seats without a person, and the finer states of askings."""
    op.drop_table("partner_settings")
    op.drop_table("seat_candidates")
    op.execute("DELETE FROM seats WHERE expert_id IS NULL")
    op.execute("UPDATE invitations SET state = 'needs_action' WHERE state IN ('awaits_release', 'tentative')")
    op.execute("UPDATE invitations SET state = 'declined' WHERE state = 'passed_over'")
    op.execute("UPDATE invitations SET state = 'withdrawn' WHERE state = 'understudy'")
    op.execute("DELETE FROM answers WHERE word = 'tentative'")
    with op.batch_alter_table("invitations") as invitations:
        invitations.drop_index(op.f("ix_invitations_next_step_at"))
        for name in ("next_step_at", "stepped_at", "chased_at", "released_at"):
            invitations.drop_column(name)
        invitations.alter_column("asked_at", existing_type=INSTANT, existing_nullable=False, comment=None)
        invitations.alter_column(
            "state", existing_type=sa.String(length=15), type_=sa.String(length=12), existing_nullable=False
        )
    with op.batch_alter_table("seats") as seats:
        seats.drop_constraint(op.f("uq_seats_public_id"), type_="unique")
        seats.drop_column("open_since")
        seats.drop_column("public_id")
        seats.alter_column("expert_id", existing_type=sa.Integer(), nullable=False, comment=None)
