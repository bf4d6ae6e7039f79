"""requests before events: wishes, offered dates, rounds, and which employers a college admits

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ZONED = sa.DateTime(timezone=True)


def upgrade() -> None:
    said = "before whom they speak; none: before everybody"
    op.add_column("experts", sa.Column("levels", sa.JSON(), nullable=False, server_default="[]", comment=said))
    _create_requests()
    _create_offers()


def _create_requests() -> None:
    op.create_table(
        "employer_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("college_id", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", _ZONED, nullable=False),
        sa.Column("decided_at", _ZONED, nullable=True),
        sa.Column(
            "decided_by", sa.String(length=120), nullable=False, comment="a role or an id, never a person's name"
        ),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["college_id"], ["organizations.id"], name=op.f("fk_employer_approvals_college_id")),
        sa.ForeignKeyConstraint(["employer_id"], ["organizations.id"], name=op.f("fk_employer_approvals_employer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_approvals")),
        sa.UniqueConstraint("college_id", "employer_id", name=op.f("uq_employer_approvals_college_id_employer_id")),
    )
    op.create_index(op.f("ix_employer_approvals_employer_id"), "employer_approvals", ["employer_id"], unique=False)
    op.create_table(
        "request_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False, comment="the partner's office"),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False, comment="last local day of the office; counts whole"),
        sa.Column("opened_at", _ZONED, nullable=False),
        sa.Column("granted_at", _ZONED, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_request_rounds_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_rounds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_request_rounds_public_id")),
    )
    op.create_index(op.f("ix_request_rounds_office_id"), "request_rounds", ["office_id"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column(
            "submission",
            sa.String(length=64),
            nullable=True,
            comment="digest of the form it was asked by; sending that form again finds it",
        ),
        sa.Column("asker_id", sa.Integer(), nullable=False, comment="the college's office"),
        sa.Column("partner_id", sa.Integer(), nullable=False, comment="the partner's office"),
        sa.Column("campus_id", sa.Integer(), nullable=True, comment="None: online"),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False, comment="what the event should be about"),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=True, comment="None: mixed, or nobody has said"),
        sa.Column("language", sa.String(length=10), nullable=False, comment="to be spoken, a BCP 47 tag"),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("expected_heads", sa.Integer(), nullable=True),
        sa.Column("accommodations", sa.String(length=1000), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False, comment="IANA zone of its windows"),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", _ZONED, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False, comment="local day of the partner's office; counts whole"),
        sa.Column("answered_at", _ZONED, nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False, comment="the answer in words"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every act on it"),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("ck_requests_duration_minutes")),
        sa.ForeignKeyConstraint(["asker_id"], ["offices.id"], name=op.f("fk_requests_asker_id")),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_requests_campus_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["offices.id"], name=op.f("fk_requests_partner_id")),
        sa.ForeignKeyConstraint(["round_id"], ["request_rounds.id"], name=op.f("fk_requests_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_requests_public_id")),
    )
    op.create_index(op.f("ix_requests_asker_id"), "requests", ["asker_id"], unique=False)
    op.create_index(op.f("ix_requests_round_id"), "requests", ["round_id"], unique=False)
    op.create_index("ix_requests_waiting", "requests", ["partner_id", "state", "asked_at", "id"], unique=False)
    op.create_index("uq_requests_submission", "requests", ["submission"], unique=True)


def _create_offers() -> None:
    op.create_table(
        "offered_dates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False, comment="the partner's office"),
        sa.Column(
            "request_id", sa.Integer(), nullable=True, comment="the request that it answers; None: for every college"
        ),
        sa.Column("claimed_by_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("starts_at", _ZONED, nullable=False),
        sa.Column("ends_at", _ZONED, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False, comment="IANA zone in which it was said"),
        sa.Column("expert_id", sa.Integer(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True, comment="last local day of the office to claim it"),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("published_at", _ZONED, nullable=False),
        sa.Column("ended_at", _ZONED, nullable=True, comment="when it was claimed or closed"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_offered_dates_times")),
        sa.ForeignKeyConstraint(["claimed_by_id"], ["requests.id"], name=op.f("fk_offered_dates_claimed_by_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_offered_dates_expert_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_offered_dates_office_id")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_offered_dates_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_dates")),
        sa.UniqueConstraint("public_id", name=op.f("uq_offered_dates_public_id")),
    )
    op.create_index(op.f("ix_offered_dates_claimed_by_id"), "offered_dates", ["claimed_by_id"], unique=False)
    op.create_index(op.f("ix_offered_dates_expert_id"), "offered_dates", ["expert_id"], unique=False)
    op.create_index(op.f("ix_offered_dates_office_id"), "offered_dates", ["office_id"], unique=False)
    op.create_index(op.f("ix_offered_dates_request_id"), "offered_dates", ["request_id"], unique=False)
    op.create_index(op.f("ix_offered_dates_starts_at"), "offered_dates", ["starts_at"], unique=False)
    op.create_table(
        "request_events",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_request_events_event_id")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_request_events_request_id")),
        sa.PrimaryKeyConstraint("request_id", "event_id", name=op.f("pk_request_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_request_events_event_id")),
    )
    op.create_table(
        "request_keepers",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("since", _ZONED, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_request_keepers_account_id")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_request_keepers_request_id")),
        sa.PrimaryKeyConstraint("request_id", "side", name=op.f("pk_request_keepers")),
    )
    op.create_index(op.f("ix_request_keepers_account_id"), "request_keepers", ["account_id"], unique=False)
    op.create_table(
        "request_topics",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_request_topics_request_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_request_topics_topic_id")),
        sa.PrimaryKeyConstraint("request_id", "topic_id", name=op.f("pk_request_topics")),
    )
    op.create_table(
        "request_windows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False, comment="counts whole"),
        sa.Column("from_minute", sa.Integer(), nullable=False, comment="of the local day: not to begin before"),
        sa.Column("until_minute", sa.Integer(), nullable=False, comment="of the local day: to be over by"),
        sa.Column("weekdays", sa.JSON(), nullable=False, comment="Monday is 0; none: every day"),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name=op.f("ck_request_windows_hours"),
        ),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_request_windows_days")),
        sa.CheckConstraint("rank BETWEEN 1 AND 3", name=op.f("ck_request_windows_rank")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_request_windows_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_windows")),
        sa.UniqueConstraint("request_id", "rank", name=op.f("uq_request_windows_request_id_rank")),
    )
    op.create_table(
        "offered_topics",
        sa.Column("offered_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["offered_id"], ["offered_dates.id"], name=op.f("fk_offered_topics_offered_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_offered_topics_topic_id")),
        sa.PrimaryKeyConstraint("offered_id", "topic_id", name=op.f("pk_offered_topics")),
    )


def downgrade() -> None:
    for table in (
        "offered_topics",
        "request_windows",
        "request_topics",
        "request_keepers",
        "request_events",
        "offered_dates",
        "requests",
        "request_rounds",
        "employer_approvals",
    ):
        op.drop_table(table)
    op.drop_column("experts", "levels")
