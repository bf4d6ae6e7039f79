"""remarks of invited people, who write by mail

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OLD = "None: the administrator's key"
NEW = "None: the administrator's key, or an invited person"


def upgrade() -> None:
    with op.batch_alter_table("remarks") as batch:
        batch.add_column(
            sa.Column("expert_id", sa.Integer(), nullable=True, comment="of an invited person who wrote it by mail")
        )
        batch.alter_column(
            "account_id", existing_type=sa.Integer(), existing_nullable=True, comment=NEW, existing_comment=OLD
        )
        batch.create_foreign_key(op.f("fk_remarks_expert_id"), "experts", ["expert_id"], ["id"])
        batch.create_index("ix_remarks_expert_id", ["expert_id"])


def downgrade() -> None:
    with op.batch_alter_table("remarks") as batch:
        batch.alter_column(
            "account_id", existing_type=sa.Integer(), existing_nullable=True, comment=OLD, existing_comment=NEW
        )
        batch.drop_index("ix_remarks_expert_id")
        batch.drop_constraint(op.f("fk_remarks_expert_id"), type_="foreignkey")
        batch.drop_column("expert_id")
