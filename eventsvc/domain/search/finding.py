"""Finding entries by words: every word asked for must begin some word of the entry.

First comes what has all of them in its title, then what is coming before what is over, then what is nearest in time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, collate, column, false, func, literal_column, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from eventsvc.core.db import db, is_postgresql
from eventsvc.domain.search.folding import words_asked
from eventsvc.domain.search.models import Kind, SearchEntry

# A query of the events whose work the asker sees: of these, what is not for everybody is searched too. None: of all
# for planners, and of none for others.
Work = Any
_ORDER_OF_KINDS = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found; `is_over` is true of an event that has ended."""

    kind: Kind
    ref_id: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of a kind, coming or over: the first hits, and how many there are in all."""

    kind: Kind
    is_over: bool
    ref_ids: tuple[int, ...]
    total: int


def ids_matching(question: str, kind: Kind, *, for_planners: bool, work: Work = None) -> Any:
    """A query of the ids of that kind which match, to narrow other queries with; a question without a word has none."""
    return select(SearchEntry.ref_id).where(SearchEntry.kind == kind, _matches(question, for_planners, work))


def find(
    question: str,
    *,
    kinds: Collection[Kind],
    for_planners: bool,
    now: datetime,
    limit: int,
    skip: int = 0,
    work: Work = None,
) -> list[Hit]:
    """The hits from the `skip`-th on, kind by kind, best first."""
    is_over = _is_over(now)
    query = (
        select(SearchEntry.kind, SearchEntry.ref_id, is_over)
        .where(SearchEntry.kind.in_(kinds), _matches(question, for_planners, work))
        .order_by(case(_ORDER_OF_KINDS, value=SearchEntry.kind), *_best_first(question, is_over))
        .limit(limit)
        .offset(skip)
    )
    return [Hit(kind, ref_id, bool(over)) for kind, ref_id, over in db.session.execute(query)]


def overview(
    question: str, *, kinds: Collection[Kind], for_planners: bool, now: datetime, most: int, work: Work = None
) -> list[Group]:
    """The first hits of each kind, what is coming apart from what is over; groups without a hit are left out."""
    is_over = _is_over(now)
    matching = [SearchEntry.kind.in_(kinds), _matches(question, for_planners, work)]
    found = select(SearchEntry.kind, is_over.label("is_over")).where(*matching).subquery()
    counted = select(found.c.kind, found.c.is_over, func.count()).group_by(found.c.kind, found.c.is_over)
    totals = {(kind, bool(over)): total for kind, over, total in db.session.execute(counted)}

    # A query for each group that has hits: one that ranks all of them at once costs twice as much.
    def first(kind: Kind, over: bool) -> tuple[int, ...]:
        query = select(SearchEntry.ref_id).where(*matching, SearchEntry.kind == kind, is_over if over else ~is_over)
        return tuple(db.session.scalars(query.order_by(*_best_first(question, is_over)).limit(most)))

    groups = [(kind, over) for kind in Kind for over in (False, True) if (kind, over) in totals]
    return [Group(kind, over, first(kind, over), totals[kind, over]) for kind, over in groups]


def _is_over(now: datetime) -> ColumnElement[bool]:
    return and_(SearchEntry.ends_at.is_not(None), SearchEntry.ends_at <= now)


def _best_first(question: str, is_over: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    title: ColumnElement[Any] = SearchEntry.__table__.c.title
    return [
        case((_has_words("title_words", question), 0), else_=1),
        case((is_over, 1), else_=0),
        case((~is_over, SearchEntry.starts_at)).asc(),
        case((is_over, SearchEntry.starts_at)).desc(),
        collate(title, "C") if is_postgresql() else title,
        SearchEntry.__table__.c.id,
    ]


def _matches(question: str, for_planners: bool, work: Work) -> ColumnElement[bool]:
    for_all = and_(SearchEntry.is_public, _has_words("public_words", question))
    within = _has_words("planner_words", question)
    if work is None:
        return within if for_planners else for_all
    is_event = SearchEntry.kind == Kind.EVENT
    of_work = and_(is_event, SearchEntry.ref_id.in_(work), within)
    return or_(for_all, of_work, and_(~is_event, within)) if for_planners else or_(for_all, of_work)


def _has_words(name: str, question: str) -> ColumnElement[bool]:
    """True where every word of the question begins a word of that column; never true for one without words."""
    asked = words_asked(question)
    if not asked:
        return false()
    # Words hold letters and digits only, so nothing in them can be a mark of either query language.
    if is_postgresql():
        query = " & ".join(f"'{word}':*" for word in asked)
        words: ColumnElement[str] = SearchEntry.__table__.c[name]
        return words.bool_op("@@")(cast(query, TSQUERY))
    every = " AND ".join(f'"{word}" *' for word in asked)
    query = f"{name} : ({every})"
    index = table("search_index", column("rowid"))
    matched = select(index.c.rowid).where(literal_column("search_index").bool_op("MATCH")(query))
    return SearchEntry.id.in_(matched)
