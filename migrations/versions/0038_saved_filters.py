"""saved_filters: combinations of what public feeds select by, each under an address that lasts

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("word", sa.String(12), nullable=False, comment="its address, made of the digest"),
        sa.Column("digest", sa.String(64), nullable=False, comment="of the combination"),
        sa.Column("wanted", sa.JSON(), nullable=False, comment="words by dimension, in order"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("digest", name=op.f("uq_saved_filters_digest")),
    )


def downgrade() -> None:
    op.drop_table("saved_filters")
