"""Finding series, their events and the dates that they could not have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.core.versions import tag_of
from eventsvc.domain.accounts import OF_ALL, Actor, Owner, Sight, ensure_may_plan, may_see_work
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.lookup import LINE, WHOLE, Filter, matching
from eventsvc.domain.events.models import Event, Series, SkippedDate

_MISSING = say("There is no such series.")
_SHOWN = (joinedload(Series.owner), selectinload(Series.skipped).joinedload(SkippedDate.taken_by))


def get_series(series_id: str | UUID) -> Series:
    """The series of that public id with the dates it lacks; refuses NotFound."""
    return public_ids.get(select(Series).options(*_SHOWN), Series.public_id, series_id, _MISSING)


def get_seen(series_id: str | UUID, actor: Actor) -> Series:
    """The same for those who plan and whose office or organization is in charge; refuses SignInNeeded, NotFound."""
    ensure_may_plan(actor)
    return get_known(series_id, actor)


def get_known(series_id: str | UUID, actor: Actor) -> Series:
    """The same for whoever sees the work of the office in charge, planning or not; refuses NotFound."""
    found = get_series(series_id)
    ensure_known(found, actor)
    return found


def ensure_known(series: Series, actor: Actor) -> None:
    """Refuses NotFound, to those who do not see the work of the office in charge."""
    if not may_see_work(actor, [Owner(series.owner_id, series.owner.organization_id)]):
        raise NotFound(_MISSING)


def claim_series(series_id: str | UUID) -> Series:
    """The series, locked for the rest of the transaction, before any of its events; refuses NotFound."""
    locked = select(Series.id).with_for_update(key_share=True)
    key = public_ids.get(locked, Series.public_id, series_id, _MISSING)
    query = select(Series).where(Series.id == key).options(*_SHOWN)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def tag_of_series(series: Series) -> str:
    """Its version and those of its events: none of them ever falls, so their sum rises with every change of any.

    With the series and the events that lie ahead locked it stays what it is.
    """
    query = select(func.coalesce(func.sum(Event.version), 0)).where(Event.series_id == series.id)
    return tag_of(series.version + (db.session.scalar(query) or 0))


def find_submitted_series(submission: str) -> Series | None:
    """The series that was planned by that very form, or None."""
    return db.session.scalar(select(Series).where(Series.submission == submission))


def get_skipped(series: Series, skipped_id: str) -> SkippedDate:
    """One of the dates that a series lacks, by its id or, where there is one on that day, by its day.

    Refuses: NotFound.
    """
    on_day = [one for one in series.skipped if str(one.starts_on) == skipped_id]
    by_id = [one for one in series.skipped if str(one.public_id) == skipped_id]
    found = by_id or (on_day if len(on_day) == 1 else [])
    if not found:
        raise NotFound(say("There is no such date in this series."))
    return found[0]


def events_of(series: Series, *, sight: Sight = OF_ALL) -> Sequence[Event]:
    """The events of a series by their start, with all they show, in a fixed number of queries."""
    where = [Event.series_id == series.id, *matching(Filter(sight=sight))]
    return db.session.scalars(select(Event).where(*where).options(*WHOLE).order_by(Event.starts_at, Event.id)).all()


def other_dates(event: Event, now: datetime, *, sight: Sight, limit: int = 6) -> Sequence[Event]:
    """The next events of an event's series that lie ahead and are on, besides itself."""
    if event.series_id is None:
        return []
    where = [Event.series_id == event.series_id, Event.id != event.id, Event.starts_at > now, Event.status.not_in(OFF)]
    query = select(Event).where(*where, *matching(Filter(sight=sight))).options(*LINE)
    return db.session.scalars(query.order_by(Event.starts_at, Event.id).limit(limit)).all()


def ids_ahead(series: Series, now: datetime) -> list[int]:
    """The ids of its events that have not begun, in their order."""
    ahead = select(Event.id).where(Event.series_id == series.id, Event.starts_at > now)
    return list(db.session.scalars(ahead.order_by(Event.id)))


def page_of_series(
    *, sight: Sight, after: tuple[datetime, int] | None, limit: int
) -> tuple[Sequence[Series], tuple[datetime, int] | None]:
    """One page of the series that are seen, the newest first, and the key to continue after or None at the end."""
    key = Series.created_at, Series.id
    query = select(Series).options(*_SHOWN).order_by(*(column.desc() for column in key)).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*key) < after)
    if not sight.is_whole:
        own_offices = select(Office.id).where(Office.organization_id.in_(sight.organization_ids))
        query = query.where(or_(Series.owner_id.in_(sight.office_ids), Series.owner_id.in_(own_offices)))
    found = list(db.session.scalars(query))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.created_at, last.id) if last else None


def counts_of(series: Sequence[Series]) -> dict[int, int]:
    """How many events each of them has, by its id."""
    ids = [one.id for one in series]
    query = select(Event.series_id, func.count()).where(Event.series_id.in_(ids)).group_by(Event.series_id)
    return {series_id: number for series_id, number in db.session.execute(query) if series_id is not None}
