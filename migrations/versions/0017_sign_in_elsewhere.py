"""who people are at providers of sign-ins, browsers on their way there, and local passwords

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False, comment="the provider's word for the person"),
        sa.Column("provider", sa.String(40), nullable=False, comment="its slug in our settings"),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_identities_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer_subject")),
    )
    op.create_index(op.f("ix_identities_account_id"), "identities", ["account_id"], unique=False)
    op.create_table(
        "on_the_way",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, comment="of the state that comes back"),
        sa.Column("browser", sa.String(64), nullable=False, comment="digest of what this browser's cookie holds"),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(64), nullable=False),
        sa.Column("following", sa.Text(), nullable=False, comment="a path of our own to go on to"),
        sa.Column("kept", sa.Text(), nullable=False, comment="what had been typed before, see interfaces/web/kept.py"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_the_way")),
        sa.UniqueConstraint("digest", name=op.f("uq_on_the_way_digest")),
    )
    op.create_index(op.f("ix_on_the_way_expires_at"), "on_the_way", ["expires_at"], unique=False)
    op.create_table(
        "local_passwords",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(200), nullable=False, comment="Argon2id, with its parameters and salt"),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, comment="since tried_since, the right one not counted"),
        sa.Column("tried_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_local_passwords_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_local_passwords")),
    )


def downgrade() -> None:
    for table in ("local_passwords", "on_the_way", "identities"):
        op.drop_table(table)
