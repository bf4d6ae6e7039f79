"""series: events planned as one, and the dates that could not be had

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column(
            "submission",
            sa.String(64),
            comment="digest of the form it was planned by; sending that form again finds it",
        ),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False, comment="as it was said; the events say what became of it"),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every act on several of its events"),
        sa.ForeignKeyConstraint(["owner_id"], ["offices.id"], name="fk_series_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("public_id", name="uq_series_public_id"),
    )
    op.create_index("uq_series_submission", "series", ["submission"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        # A batch would rebuild the table and lose its checks.
        op.execute(
            "ALTER TABLE events ADD COLUMN series_id INTEGER CONSTRAINT fk_events_series_id REFERENCES series (id)"
        )
    else:
        op.add_column("events", sa.Column("series_id", sa.Integer(), nullable=True))
        op.create_foreign_key("fk_events_series_id", "events", "series", ["series_id"], ["id"])
    op.create_index("ix_events_series_id", "events", ["series_id"])
    op.create_table(
        "skipped_dates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="its place among the dates of the series, from 0"),
        sa.Column("starts_on", sa.Date(), nullable=False, comment="local day"),
        sa.Column("plan", sa.JSON(), nullable=False, comment="the whole plan of that date, to be planned later"),
        sa.Column("reasons", sa.JSON(), nullable=False, comment="clashes and errors as facts, when it was last tried"),
        sa.Column("taken_by_id", sa.Integer(), comment="the event that took it later"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_skipped_dates_series_id"),
        sa.ForeignKeyConstraint(["taken_by_id"], ["events.id"], name="fk_skipped_dates_taken_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_skipped_dates"),
        sa.UniqueConstraint("public_id", name="uq_skipped_dates_public_id"),
    )
    op.create_index("ix_skipped_dates_series_id", "skipped_dates", ["series_id"])


def downgrade() -> None:
    op.drop_table("skipped_dates")
    op.drop_index("ix_events_series_id", table_name="events")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_events_series_id", "events")
    op.drop_column("events", "series_id")
    op.drop_table("series")
