"""Keep a campus's calendar: its terms, holidays, finals weeks and blackouts, as its own calendar says them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import local_day
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.booking.blocks import Block, BlockKind
from eventsvc.domain.booking.outside import Busy
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Organization
from eventsvc.domain.directory.pools import Term
from eventsvc.domain.events.words import ensure_plain
from eventsvc.workflows.keep_leave import away
from eventsvc.workflows.keeping import Outcome
from eventsvc.workflows.tell_of_blocks import events_under


class CampusDayKind(StrEnum):
    """What an entry of a campus's calendar is. A term blocks nothing."""

    TERM = "term"
    HOLIDAY = "holiday"
    FINALS = "finals"
    BLACKOUT = "blackout"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampusDayRow:
    """What a calendar says of some days: `first` and `last` are days (the last counts whole) or local times.

    Without a `uid` an entry is known again by its kind, title and first day.
    """

    kind: CampusDayKind
    title: str
    first: str
    last: str
    uid: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did, from when something is closed, and how many events are booked in what is closed anew."""

    outcome: Outcome
    starts_at: datetime | None = None
    events_there: int = 0


def campuses_of(*, campus: str | None, organization: str | None) -> Sequence[Campus]:
    """The campus of that slug, or every campus of that organization that is in use; refuses InvalidInput."""
    if campus and not organization:
        return [lookup.get_in_use(Campus, campus, field="campus")]
    if campus or not organization:
        raise InvalidInput({"campus": say("say --campus or --organization: one of them")})
    owner = lookup.get_in_use(Organization, organization, field="organization")
    where = Campus.organization_id == owner.id, Campus.retired_on.is_(None)
    found = db.session.scalars(select(Campus).where(*where).order_by(Campus.slug)).all()
    if not found:
        raise InvalidInput({"organization": say("%(slug)r has no campus", slug=organization)})
    return found


def save_campus_day(row: CampusDayRow, campus_id: int, *, actor: Actor, now: datetime) -> Saved:
    """Add an entry to a campus's calendar, or update the one that is known under it. It refuses no booked event.

    Refuses: SignInNeeded, InvalidInput: an unreadable day, an end before the beginning, more than three years.
    """
    ensure_may_run(actor)
    campus = db.session.get_one(Campus, campus_id)
    title = ensure_plain(row.title, field="title", limit=100 if row.kind is CampusDayKind.TERM else 200)
    span = away(row.first, row.last, campus.zone)
    if row.kind is CampusDayKind.TERM:
        last = local_day(span.end - timedelta(microseconds=1), campus.zone)
        return Saved(_save_term(campus, title, local_day(span.start, campus.zone), last, actor, now))
    uid = _uid(row, title)
    busy = Busy(BlockKind(row.kind.value), None, campus.id, span.start, span.end, title, uid)
    outcome = _save_block(campus, busy, actor, now)
    is_new = outcome is not Outcome.UNCHANGED
    return Saved(outcome, busy.starts_at, len(events_under([busy], now)) if is_new else 0)


def forget_moved(campus_id: int, uid: str, starts: Collection[datetime], now: datetime) -> int:
    """Drop what an entry closed at other times than these and has not ended: it was moved. Returns how many."""
    gone = delete(Block).where(
        Block.campus_id == campus_id,
        Block.outside_calendar_id.is_(None),
        Block.uid == uid,
        Block.starts_at.not_in(starts),
        Block.ends_at > now,
    )
    return len(db.session.execute(gone.returning(Block.id)).all())


def _save_block(campus: Campus, busy: Busy, actor: Actor, now: datetime) -> Outcome:
    query = select(Block).where(
        Block.campus_id == campus.id,
        Block.outside_calendar_id.is_(None),
        Block.uid == busy.uid,
        Block.starts_at == busy.starts_at,
    )
    block = db.session.scalar(query)
    if block is not None and (block.kind, block.ends_at, block.title) == (busy.kind, busy.ends_at, busy.title):
        return Outcome.UNCHANGED
    is_new = block is None
    before = block.ends_at if block else None
    if block is None:
        db.session.add(block := Block(campus_id=campus.id, uid=busy.uid))
    block.kind, block.title = busy.kind, busy.title
    block.starts_at, block.ends_at = busy.starts_at, busy.ends_at
    db.session.flush()
    changes: dict[str, audit.Change] = {"from": (None, busy.starts_at), "until": (before, busy.ends_at)}
    audit.record("close", "campus", campus.slug, actor=actor.name, now=now, changes=changes)
    return Outcome.ADDED if is_new else Outcome.UPDATED


def _save_term(campus: Campus, title: str, first: date, last: date, actor: Actor, now: datetime) -> Outcome:
    """A term is known by its name, which says its year: "Fall semester 2027"."""
    name = title if re.search(r"[0-9]{4}", title) else f"{title} {first.year}"
    term = db.session.scalar(select(Term).where(Term.campus_id == campus.id, Term.name == name))
    if term is not None and (term.starts_on, term.ends_on) == (first, last):
        return Outcome.UNCHANGED
    is_new = term is None
    if term is None:
        db.session.add(term := Term(campus_id=campus.id, name=name))
    term.starts_on, term.ends_on = first, last
    db.session.flush()
    changes: dict[str, audit.Change] = {"starts_on": (None, first), "ends_on": (None, last)}
    audit.record("term", "campus", campus.slug, actor=actor.name, now=now, changes=changes)
    return Outcome.ADDED if is_new else Outcome.UPDATED


def _uid(row: CampusDayRow, title: str) -> str:
    return (row.uid or f"{row.kind}:{title.casefold()}:{row.first}")[:200]
