"""what offices write to one another about an event or a request

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(10), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False, comment="public id of the event or the request"),
        sa.Column("office_id", sa.Integer(), nullable=True, comment="in whose name"),
        sa.Column("account_id", sa.Integer(), nullable=True, comment="None: the administrator's key"),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_remarks_office_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_remarks_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_remarks_public_id")),
    )
    op.create_index(op.f("ix_remarks_account_id"), "remarks", ["account_id"])
    op.create_index("ix_remarks_subject", "remarks", ["subject", "id"])


def downgrade() -> None:
    op.drop_table("remarks")
