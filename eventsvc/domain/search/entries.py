"""Writing search entries: in the transaction of the change they tell of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_
from sqlalchemy.dialects import postgresql, sqlite

from eventsvc.core.db import db, is_postgresql
from eventsvc.domain.search.folding import words_in
from eventsvc.domain.search.models import Kind, SearchEntry

_KEY = ("kind", "ref_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What there is to find, in words as people write them; `for_planners` are words that only planners find."""

    kind: Kind
    ref_id: int
    title: str
    words: str = ""
    for_planners: str = ""
    is_public: bool
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def keep(entries: Sequence[Entry]) -> None:
    """Write the entries, over what was kept for the same things; one that says nothing new costs no write.

    Locks: their rows by kind and id, after the events they tell of and before the versions of feeds.
    """
    if not entries:
        return
    insert: Any = postgresql.insert if is_postgresql() else sqlite.insert
    statement = insert(SearchEntry)
    new = {name: statement.excluded[name] for name in _row(entries[0]) if name not in _KEY}
    is_new = or_(*(getattr(SearchEntry, name).is_distinct_from(value) for name, value in new.items()))
    statement = statement.on_conflict_do_update(index_elements=_KEY, set_=new, where=is_new)
    ordered = sorted(entries, key=lambda entry: (entry.kind, entry.ref_id))
    # On the connection: the session's own bulk insert would read back the ids it made.
    db.session.connection().execute(statement, [_row(entry) for entry in ordered])


def drop(kind: Kind, ref_ids: Collection[int]) -> None:
    """Let these things not be found any more."""
    if ref_ids:
        db.session.execute(delete(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.ref_id.in_(ref_ids)))


def drop_all(*kinds: Kind) -> None:
    """Let nothing of these kinds be found any more."""
    db.session.execute(delete(SearchEntry).where(SearchEntry.kind.in_(kinds)))


def _row(entry: Entry) -> dict[str, Any]:
    title, own, more = words_in(entry.title), words_in(entry.words), words_in(entry.for_planners)
    return {
        "kind": entry.kind,
        "ref_id": entry.ref_id,
        "title": " ".join(title),
        "title_words": _once(title),
        "public_words": _once([*title, *own]),
        "planner_words": _once([*title, *own, *more]),
        "is_public": entry.is_public,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
    }


def _once(words: list[str]) -> str:
    return " ".join(sorted(set(words)))
