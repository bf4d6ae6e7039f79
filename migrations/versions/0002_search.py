"""search: entries for events, rooms and experts, and each database's own full-text index over them

The entries themselves are written after the upgrade, by the present code (see env.py): the table is empty here.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")
INDEXED = ("title_words", "public_words", "planner_words")


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("ref_id", sa.Integer(), nullable=False, comment="id of the event, room or expert"),
        sa.Column(
            "title",
            sa.Text(),
            nullable=False,
            comment="folded words in their order; entries without a time sort by it",
        ),
        sa.Column("title_words", WORDS, nullable=False),
        sa.Column(
            "public_words", WORDS, nullable=False, comment="those of the title and all else that everybody may read"
        ),
        sa.Column("planner_words", WORDS, nullable=False, comment="the public ones and those for planners only"),
        sa.Column("is_public", sa.Boolean(), nullable=False, comment="found by everybody; planners find all"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True, comment="of an event, as pages show it"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
    )
    op.create_index("uq_search_entries_kind_ref_id", "search_entries", ["kind", "ref_id"], unique=True)
    if op.get_bind().dialect.name == "postgresql":
        for name in ("public_words", "planner_words"):
            op.execute(f"CREATE INDEX search_index_{name} ON search_entries USING gin ({name})")
    else:
        index_by_fts5()


def index_by_fts5() -> None:
    """An index without a copy of the words, kept by triggers. Words come folded: `ascii` splits at spaces alone."""
    columns, new, old = (", ".join(f"{prefix}{name}" for name in INDEXED) for prefix in ("", "NEW.", "OLD."))
    op.execute(
        f"CREATE VIRTUAL TABLE search_index USING fts5({columns}, content='search_entries', content_rowid='id', "
        "tokenize='ascii', prefix='1 2 3', detail=column)"
    )
    put_in = f"INSERT INTO search_index (rowid, {columns}) VALUES (NEW.id, {new});"
    take_out = f"INSERT INTO search_index (search_index, rowid, {columns}) VALUES ('delete', OLD.id, {old});"
    for name, when, does in (
        ("insert", "INSERT", put_in),
        ("delete", "DELETE", take_out),
        ("update", f"UPDATE OF id, {columns}", f"{take_out} {put_in}"),
    ):
        op.execute(f"CREATE TRIGGER search_index_{name} AFTER {when} ON search_entries BEGIN {does} END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_entries")
