"""webhook_deliveries.helps_until: a reminder that a system could not be told of in time is owed no more

Revision ID: 0048
Revises: 0047
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

COMMENT = "of reminders: from then on nobody is helped"


def upgrade() -> None:
    op.add_column(
        "webhook_deliveries", sa.Column("helps_until", sa.DateTime(timezone=True), nullable=True, comment=COMMENT)
    )


def downgrade() -> None:
    op.drop_column("webhook_deliveries", "helps_until")
