"""first run: sender of letters, feeds that were asked for, steps left for later

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_sender",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_sender_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_sender")),
    )
    op.create_table(
        "feed_fetches",
        sa.Column("key", sa.String(120), nullable=False, comment="as in feed_versions"),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_feed_fetches")),
    )
    op.create_table(
        "skipped_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("note", sa.String(300), nullable=False, comment="why, as typed"),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_skipped_steps_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skipped_steps")),
        sa.UniqueConstraint("organization_id", "step", name=op.f("uq_skipped_steps_organization_id_step")),
    )


def downgrade() -> None:
    op.drop_table("skipped_steps")
    op.drop_table("feed_fetches")
    op.drop_table("mail_sender")
