"""The table of search entries: one for each event, room, expert and pool that can be found.

The full-text indexes over it are the migration's: an FTS5 table that triggers keep (SQLite), GIN (PostgreSQL).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from eventsvc.core.db import Base, UtcDateTime, Word

# Folded words between single spaces, each once: a text for FTS5, and by itself the input form of a tsvector.
Words = Text().with_variant(TSVECTOR(), "postgresql")


class Kind(StrEnum):
    """What an entry leads to, in the order in which lists show them."""

    EVENT = "event"
    ROOM = "room"
    EXPERT = "expert"
    POOL = "pool"


class SearchEntry(Base):
    """What can be found by which words, and by whom."""

    __tablename__ = "search_entries"
    __table_args__ = (Index("uq_search_entries_kind_ref_id", "kind", "ref_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(Word(Kind, 10))
    ref_id: Mapped[int] = mapped_column(comment="id of the event, room or expert")
    title: Mapped[str] = mapped_column(Text, comment="folded words in their order; entries without a time sort by it")
    title_words: Mapped[str] = mapped_column(Words)
    public_words: Mapped[str] = mapped_column(Words, comment="those of the title and all else that everybody may read")
    planner_words: Mapped[str] = mapped_column(Words, comment="the public ones and those for planners only")
    is_public: Mapped[bool] = mapped_column(comment="found by everybody; planners find all")
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="of an event, as pages show it")
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
