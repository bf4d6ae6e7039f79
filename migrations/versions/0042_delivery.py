"""delivery: letters that are set aside, paced and held up; how often work that is due was begun; PostgreSQL says so

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_COUNTS = {
    "put_offs": "how often the other side said: not now",
    "setbacks": "how often our own program failed or died at it",
}
_MOMENTS = {
    "slot_at": "its turn, where its domain has a pace",
}


def upgrade() -> None:
    for name, comment in _COUNTS.items():
        op.add_column("messages", sa.Column(name, sa.Integer(), nullable=False, server_default="0", comment=comment))
    for name, comment in _MOMENTS.items():
        op.add_column("messages", sa.Column(name, sa.DateTime(timezone=True), comment=comment))
    op.execute("UPDATE messages SET put_offs = attempts WHERE state IN ('queued', 'leased')")
    op.create_table(
        "mail_paces",
        sa.Column("domain", sa.String(254), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_mail_paces")),
    )
    op.create_table(
        "tries",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False, comment="id of what is due"),
        sa.Column("begun", sa.Integer(), nullable=False, comment="how often, and never finished"),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False, comment="nobody else begins before"),
        sa.Column("reason", sa.String(200), nullable=False, comment="the kind of error and where, never its words"),
        sa.Column("set_aside_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("kind", "row", name=op.f("pk_tries")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION letters_owed() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_notify('eventsvc_due', ''); RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER messages_owed AFTER INSERT OR UPDATE OF next_attempt_at ON messages "
            "FOR EACH STATEMENT EXECUTE FUNCTION letters_owed()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER messages_owed ON messages")
        op.execute("DROP FUNCTION letters_owed()")
    op.drop_table("tries")
    op.drop_table("mail_paces")
    op.execute("UPDATE messages SET state = 'failed' WHERE state = 'set_aside'")
    for name in (*_MOMENTS, *_COUNTS):
        op.drop_column("messages", name)
