"""pools are found by the search: its words are written anew after the upgrade (see migrations/env.py)

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM search_entries")


def downgrade() -> None:
    op.execute("DELETE FROM search_entries WHERE kind = 'pool'")
