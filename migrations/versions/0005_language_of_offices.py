"""language of offices

The language in which letters to an office are written.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column of its own needs no rebuilding of the table on SQLite.
    op.add_column(
        "offices", sa.Column("language", sa.String(length=10), nullable=False, server_default="en", comment=COMMENT)
    )


def downgrade() -> None:
    op.drop_column("offices", "language")


COMMENT = "of letters, a BCP 47 tag"
