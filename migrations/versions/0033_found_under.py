"""events.languages; event_audiences and event_languages: under which groups and languages an event is found

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "events",
        sa.Column(
            "languages", sa.JSON(), nullable=False, server_default="[]", comment="in which it is held, BCP 47 tags"
        ),
    )
    op.create_table(
        "event_audiences",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(80), nullable=False, comment="of the word, see found_under"),
        sa.Column("word", sa.String(60), nullable=False, comment="as it was written"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_audiences_event_id")),
        sa.PrimaryKeyConstraint("event_id", "slug", name=op.f("pk_event_audiences")),
    )
    op.create_index(op.f("ix_event_audiences_slug"), "event_audiences", ["slug"])
    op.create_table(
        "event_languages",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(10), nullable=False, comment="BCP 47, lower case"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_languages_event_id")),
        sa.PrimaryKeyConstraint("event_id", "tag", name=op.f("pk_event_languages")),
    )
    op.create_index(op.f("ix_event_languages_tag"), "event_languages", ["tag"])
    _fill()


def _fill() -> None:
    connection = op.get_bind()
    written = sa.text("INSERT INTO event_audiences (event_id, slug, word) VALUES (:event_id, :slug, :word)")
    for event_id, audience in connection.execute(sa.text("SELECT id, audience FROM events")).all():
        words = json.loads(audience) if isinstance(audience, str) else audience
        by_slug: dict[str, str] = {}
        for word in words or ():
            by_slug.setdefault(_slug_of(word), word)
        for slug, word in by_slug.items():
            connection.execute(written, {"event_id": event_id, "slug": slug, "word": word[:60]})


def _slug_of(word: str) -> str:
    """As `eventsvc/domain/events/found_under.py` made them when this was written."""
    plain = unicodedata.normalize("NFKD", " ".join(word.casefold().split()))
    ascii_only = plain.encode("ascii", "ignore").decode().replace("'", "")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:80].strip("-")
    if slug and not any(mark.isalnum() and not mark.isascii() for mark in plain):
        return slug
    mark = hashlib.sha256(plain.encode()).hexdigest()[:10]
    return f"{slug[:60].strip('-')}-{mark}" if slug else mark


def downgrade() -> None:
    op.drop_table("event_languages")
    op.drop_table("event_audiences")
    op.drop_column("events", "languages")
