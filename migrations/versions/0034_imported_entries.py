"""event_subscriptions and imported_entries: calendars of other systems, whose entries are events here

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "event_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=True, comment="where an entry names none"),
        sa.Column("kind", sa.String(20), nullable=True, comment="where an entry says nothing of it"),
        sa.Column("is_published", sa.Boolean(), nullable=False, comment="publish what is added"),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("refresh_minutes", sa.Integer(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(200), nullable=False),
        sa.Column("last_modified", sa.String(60), nullable=False),
        sa.Column("checked_at", _AT, nullable=True, comment="when it was last asked for"),
        sa.Column("read_at", _AT, nullable=True, comment="when it was last read whole"),
        sa.Column("next_at", _AT, nullable=True, comment="when to look again; a lease too"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column("error", sa.String(300), nullable=False, comment="why the last look failed"),
        sa.Column("report", sa.JSON(), nullable=False, comment="counts of the last reading"),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every change that people make"),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_event_subscriptions_office_id")),
        sa.ForeignKeyConstraint(["campus_id"], ["campuses.id"], name=op.f("fk_event_subscriptions_campus_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_subscriptions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_subscriptions_public_id")),
    )
    op.create_index(op.f("ix_event_subscriptions_office_id"), "event_subscriptions", ["office_id"])
    op.create_index(op.f("ix_event_subscriptions_next_at"), "event_subscriptions", ["next_at"])
    op.create_table(
        "imported_entries",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column(
            "subscription_id", sa.Integer(), nullable=True, comment="through which it is kept up; NULL: by files"
        ),
        sa.Column("uid", sa.String(255), nullable=False, comment="as the calendar says it"),
        sa.Column("recurrence", sa.String(20), nullable=False, comment="which date of its UID"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("modified_at", _AT, nullable=True, comment="LAST-MODIFIED"),
        sa.Column("digest", sa.String(40), nullable=False, comment="of all that the entry said when it was last taken"),
        sa.Column("is_off", sa.Boolean(), nullable=False, comment="the source has called it off, nobody here"),
        sa.Column("is_tentative", sa.Boolean(), nullable=False),
        sa.Column(
            "gone_at", _AT, nullable=True, comment="since when the subscribed calendar does not hold it any more"
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_imported_entries_event_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_imported_entries_office_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["event_subscriptions.id"], name=op.f("fk_imported_entries_subscription_id")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_imported_entries")),
    )
    op.create_index("uq_imported_entries_entry", "imported_entries", ["office_id", "uid", "recurrence"], unique=True)
    op.create_index(op.f("ix_imported_entries_subscription_id"), "imported_entries", ["subscription_id"])


def downgrade() -> None:
    op.drop_table("imported_entries")
    op.drop_table("event_subscriptions")
