"""legal holds and the access log

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False, comment="a person's, in small letters; empty: any"),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True, comment="first day in UTC"),
        sa.Column("ends_on", sa.Date(), nullable=True, comment="last day in UTC"),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("placed_by", sa.String(120), nullable=False, comment="a role or an id, never a person's name"),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(120), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "email <> '' OR office_id IS NOT NULL OR organization_id IS NOT NULL OR starts_on IS NOT NULL",
            name=op.f("ck_legal_holds_scope"),
        ),
        sa.CheckConstraint("(starts_on IS NULL) = (ends_on IS NULL)", name=op.f("ck_legal_holds_span")),
        sa.CheckConstraint("starts_on IS NULL OR starts_on <= ends_on", name=op.f("ck_legal_holds_days")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_legal_holds_office_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_legal_holds_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_legal_holds_public_id")),
    )
    op.create_table(
        "accesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(120), nullable=False, comment="a role or an id, never a person's name"),
        sa.Column("records", sa.String(40), nullable=False, comment="which list, see workflows"),
        sa.Column("purpose", sa.String(500), nullable=False, comment="in the words of whoever took them"),
        sa.Column("office_id", sa.Integer(), nullable=True, comment="whose records; None: of all"),
        sa.Column("number", sa.Integer(), nullable=False, comment="how many records"),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_accesses_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accesses")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accesses_public_id")),
    )
    op.create_index(op.f("ix_accesses_at"), "accesses", ["at"], unique=False)
    for whom, table in (("account", "accounts"), ("expert", "experts")):
        name = f"accessed_{table}"
        op.create_table(
            name,
            sa.Column("access_id", sa.Integer(), nullable=False),
            sa.Column(f"{whom}_id", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(["access_id"], ["accesses.id"], name=op.f(f"fk_{name}_access_id")),
            sa.ForeignKeyConstraint([f"{whom}_id"], [f"{table}.id"], name=op.f(f"fk_{name}_{whom}_id")),
            sa.PrimaryKeyConstraint("access_id", f"{whom}_id", name=op.f(f"pk_{name}")),
        )
        op.create_index(op.f(f"ix_{name}_{whom}_id"), name, [f"{whom}_id"], unique=False)


def downgrade() -> None:
    for table in ("accessed_experts", "accessed_accounts", "accesses", "legal_holds"):
        op.drop_table(table)
