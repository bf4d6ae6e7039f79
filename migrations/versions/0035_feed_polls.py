"""feed_polls and feed_lags: how feeds are asked for, by family of programs; feed_fetches goes into them

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    polls = op.create_table(
        "feed_polls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False, comment="of the feed, never a secret address"),
        sa.Column("family", sa.String(20), nullable=False),
        sa.Column("polls", sa.BigInteger(), nullable=False),
        sa.Column("not_modified", sa.BigInteger(), nullable=False, comment="of them, those answered 304"),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="the newest that was served, as in feed_versions"),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_polls")),
        sa.UniqueConstraint("key", "family", name=op.f("uq_feed_polls_key_family")),
    )
    op.create_table(
        "feed_lags",
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("family", sa.String(20), nullable=False),
        sa.Column("up_to_seconds", sa.Integer(), autoincrement=False, nullable=False, comment="see polls.STEPS"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "family", "up_to_seconds", name=op.f("pk_feed_lags")),
    )
    # That a feed was asked for is known, and once at least; by which program was not kept.
    known = sa.table("feed_fetches", sa.column("key"), sa.column("first_at"))
    once = sa.select(
        known.c.key,
        sa.literal("other"),
        sa.literal(1),
        sa.literal(0),
        known.c.first_at,
        known.c.first_at,
        sa.literal(0),
        sa.false(),
    )
    op.execute(polls.insert().from_select([column.name for column in polls.columns if column.name != "id"], once))
    op.drop_table("feed_fetches")


def downgrade() -> None:
    op.create_table(
        "feed_fetches",
        sa.Column("key", sa.String(120), nullable=False, comment="as in feed_versions"),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_feed_fetches")),
    )
    op.execute("INSERT INTO feed_fetches (key, first_at) SELECT key, MIN(first_at) FROM feed_polls GROUP BY key")
    op.drop_table("feed_lags")
    op.drop_table("feed_polls")
