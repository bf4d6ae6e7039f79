"""webhooks: systems of others that are told what happens, and what each is owed

Revision ID: 0044
Revises: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_OWED = sa.text("state IN ('queued', 'leased')")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "webhook_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column(
            "office_id",
            sa.Integer(),
            nullable=True,
            comment="whose it is; None: the administrators', told of everything",
        ),
        sa.Column(
            "url", sa.String(1000), nullable=False, comment="may hold a secret of theirs: shown to keepers alone"
        ),
        sa.Column("kinds", sa.JSON(), nullable=False, comment="of what it is told"),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("off_because", sa.String(10), nullable=True, comment="None: it is on"),
        sa.Column("turn", sa.Integer(), nullable=False, comment="rises with every new secret"),
        sa.Column("seal", sa.String(64), nullable=False, comment="by which the secret is known again"),
        sa.Column("seal_before", sa.String(64), nullable=False, comment="of the secret of the turn before"),
        sa.Column(
            "before_until", moment, nullable=True, comment="until then the secret before signs beside the present one"
        ),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("turned_at", moment, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row, of the server and not of one body"),
        sa.Column("resting_until", moment, nullable=True, comment="nothing is sent to it before"),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("told_at", moment, nullable=True, comment="when its office was told that it fails"),
        sa.Column("worked_at", moment, nullable=True, comment="when it last took something"),
        sa.Column("version", sa.Integer(), nullable=False, comment="rises with every change of what people set"),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_webhook_targets_office_id_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_targets")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_targets_public_id")),
    )
    op.create_index(op.f("ix_webhook_targets_office_id"), "webhook_targets", ["office_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False, comment="what is owed; owing it twice is once"),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("event", sa.String(36), nullable=False, comment="public id"),
        sa.Column("expert_id", sa.Integer(), nullable=True, comment="who is named in it"),
        sa.Column("body", sa.Text(), nullable=False, comment="as it is sent, in UTF-8"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("happened_at", moment, nullable=False),
        sa.Column("next_attempt_at", moment, nullable=False),
        sa.Column("give_up_at", moment, nullable=False),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.JSON(), nullable=False, comment="the last ones: at, status (None: no answer), said"),
        sa.Column("ended_at", moment, nullable=True, comment="when it was taken, or given up"),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_webhook_deliveries_expert_id_experts")),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["webhook_targets.id"],
            name=op.f("fk_webhook_deliveries_target_id_webhook_targets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_deliveries_public_id")),
        sa.UniqueConstraint("target_id", "key", name=op.f("uq_webhook_deliveries_target_id_key")),
    )
    op.create_index(op.f("ix_webhook_deliveries_event"), "webhook_deliveries", ["event"])
    op.create_index(op.f("ix_webhook_deliveries_expert_id"), "webhook_deliveries", ["expert_id"])
    op.create_index(
        "ix_webhook_deliveries_owed",
        "webhook_deliveries",
        ["next_attempt_at"],
        sqlite_where=_OWED,
        postgresql_where=_OWED,
    )


def downgrade() -> None:
    op.drop_table("webhook_deliveries")
    op.drop_table("webhook_targets")
