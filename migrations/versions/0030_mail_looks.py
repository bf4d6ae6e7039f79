"""mail_looks: how the last look at the mailbox went

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_looks",
        sa.Column("door", sa.String(10), nullable=False, comment="imap or maildir"),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False, comment="to within two minutes"),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(100), nullable=False, comment="a word of places.Why; empty: it went well"),
        sa.PrimaryKeyConstraint("door", name=op.f("pk_mail_looks")),
    )


def downgrade() -> None:
    op.drop_table("mail_looks")
