"""Finding events, for stories (locked) and for doors (pages of them)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.orm import defer, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain.accounts import OF_THE_PUBLIC, Actor, Sight, ensure_may_plan
from eventsvc.domain.directory import pairings
from eventsvc.domain.directory.models import Campus, Office, Organization, Room
from eventsvc.domain.events import found_under, permits
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import (
    Event,
    EventCoHost,
    EventKind,
    EventPool,
    EventRoom,
    EventTopic,
    RoomStanding,
    Status,
)
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.search import finding
from eventsvc.domain.search.models import Kind

# Everything that a page, a feed or the JSON of an event shows, in a fixed number of queries.
WHOLE = (
    joinedload(Event.campus).joinedload(Campus.organization),
    joinedload(Event.owner).joinedload(Office.organization),
    joinedload(Event.series),
    selectinload(Event.rooms),
    selectinload(Event.open_rooms),
    selectinload(Event.seats).joinedload(Seat.expert),
    selectinload(Event.equipment).joinedload(EventPool.pool),
    selectinload(Event.topics),
    selectinload(Event.co_hosts),
)

# What one line of a list shows; a month has hundreds of them, and what is not read need not be made.
LINE = (
    defer(Event.description),
    defer(Event.audience),
    joinedload(Event.campus).load_only(Campus.name),
    selectinload(Event.rooms).load_only(Room.slug, Room.name),
    selectinload(Event.open_rooms),
)

_MISSING = say("There is no such event.")
_LOCKED = (
    select(Event)
    .where(Event.id == bindparam("key"))
    .with_for_update(key_share=True, of=Event)
    .execution_options(populate_existing=True)
)


def get_event(event_id: str | UUID) -> Event:
    """The event of that public id with all it shows; refuses NotFound."""
    return public_ids.get(select(Event).options(*WHOLE), Event.public_id, event_id, _MISSING)


def find_event(event_id: str | UUID) -> Event | None:
    """The same, or None."""
    return public_ids.find(select(Event).options(*WHOLE), Event.public_id, event_id)


def find_submitted(submission: str) -> Event | None:
    """The event that was planned by that very form, or None."""
    return db.session.scalar(select(Event).where(Event.submission == submission).options(*WHOLE))


def own_uids(uids: Collection[str]) -> set[str]:
    """Those of the calendar UIDs that are our own events'."""
    wanted = {found: uid for uid in uids if (found := public_ids.read(uid)) is not None}
    known = db.session.scalars(select(Event.public_id).where(Event.public_id.in_(list(wanted))))
    return {wanted[public_id] for public_id in known}


def claim_event(event_id: str | UUID) -> Event:
    """The event, locked for the rest of the transaction (before any resource); refuses NotFound."""
    locked = select(Event.id).with_for_update(key_share=True)
    key = public_ids.get(locked, Event.public_id, event_id, _MISSING)
    # What was read before the lock may be old by now.
    whole = select(Event).where(Event.id == key).options(*WHOLE)
    return db.session.scalars(whole.execution_options(populate_existing=True)).one()


def lock_event(key: int) -> Event:
    """The event of that id, locked like `claim_event` and bare: what it shows is read when somebody looks at it."""
    return db.session.scalars(_LOCKED, {"key": key}).one()


def claim_to_change(event_id: str | UUID, actor: Actor, expected: Expected | None = None) -> Event:
    """The same for those who may change it; refuses SignInNeeded, NotFound and NotAllowed for others, then Stale."""
    ensure_may_plan(actor)
    event = claim_event(event_id)
    permits.ensure_may_change(actor, event)
    ensure_met(expected, tag_of(event.version))
    return event


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events a list shows; empty fields do not narrow.

    Times are those that pages and calendars show: of an event that is off, the ones last promised. What it is
    planned for anew is nobody's affair yet, and a list must not tell by where it stands.
    One of a dimension's values is enough, and every dimension that is not empty narrows.
    `near_campus_ids` widens `campus_ids`. With `room_id` those that take the room: one that is off has given it back,
    and to the public one whose room is not granted has none yet.
    `host_ids` are organizations that own an event, host it beside the owner or have the campus, a school also by the
    colleges paired with it; `district_ids` those that do so by themselves or by their colleges and schools.
    `audiences` are slugs and `languages` tags, as `found_under` has them.
    `words` are asked for as in the search.
    """

    sight: Sight = OF_THE_PUBLIC
    ends_after: datetime | None = None
    starts_before: datetime | None = None
    campus_ids: Collection[int] = ()
    near_campus_ids: Collection[int] = ()
    organization_id: int | None = None
    host_ids: Collection[int] = ()
    district_ids: Collection[int] = ()
    series_ids: Collection[int] = ()
    event_id: int | None = None
    kinds: Collection[EventKind] = ()
    topic_ids: Collection[int] = ()
    audiences: Collection[str] = ()
    languages: Collection[str] = ()
    expert_id: int | None = None
    status: Status | None = None
    room_id: int | None = None
    words: str = ""


def matching(wanted: Filter) -> list[ColumnElement[bool]]:
    """The conditions of a filter."""
    return [*_seen_and_when(wanted), *_where_and_whose(wanted), *_about_what(wanted), *_who_and_which_room(wanted)]


def _seen_and_when(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if not wanted.sight.is_whole:
        yield permits.is_seen(wanted.sight)
    if wanted.ends_after is not None:
        yield Event.promised_ends_at > wanted.ends_after
    if wanted.starts_before is not None:
        yield Event.promised_starts_at < wanted.starts_before


def _where_and_whose(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.campus_ids:
        yield or_(stands_at_campus(wanted.campus_ids), _takes_place_at(wanted.near_campus_ids))
    if wanted.organization_id is not None:
        yield stands_with_organization(wanted.organization_id)
    if wanted.host_ids:
        paired = Organization.id.in_(pairings.colleges_of(wanted.host_ids))
        yield _hosted_by(or_(Organization.id.in_(wanted.host_ids), paired))
    if wanted.district_ids:
        of_district = or_(Organization.id.in_(wanted.district_ids), Organization.parent_id.in_(wanted.district_ids))
        yield _hosted_by(of_district)


def _about_what(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.series_ids:
        yield Event.series_id.in_(wanted.series_ids)
    if wanted.event_id is not None:
        yield Event.id == wanted.event_id
    if wanted.kinds:
        yield Event.kind.in_(wanted.kinds)
    if wanted.status is not None:
        yield Event.status == wanted.status
    if wanted.topic_ids:
        yield exists().where(EventTopic.event_id == Event.id, EventTopic.topic_id.in_(wanted.topic_ids))
    if wanted.audiences:
        yield found_under.for_one_of(wanted.audiences)
    if wanted.languages:
        yield found_under.held_in_one_of(wanted.languages)
    if wanted.words:
        work = permits.ids_of_work(wanted.sight)
        found = finding.ids_matching(wanted.words, Kind.EVENT, for_planners=bool(wanted.sight), work=work)
        yield Event.id.in_(found)


def _who_and_which_room(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.expert_id is not None:
        # Who comes to an event is known to those whom it concerns.
        yield exists().where(Seat.event_id == Event.id, Seat.expert_id == wanted.expert_id)
        yield permits.concerns(wanted.sight)
    if wanted.room_id is not None:
        is_known = or_(EventRoom.standing == RoomStanding.SURE, permits.concerns(wanted.sight))
        yield exists().where(EventRoom.event_id == Event.id, EventRoom.room_id == wanted.room_id, is_known)
        yield Event.status.not_in(OFF)


def stands_with_organization(organization_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """True for events that an organization owns or co-hosts."""
    owns = exists().where(Office.id == Event.owner_id, Office.organization_id == organization_id)
    co_hosts = exists().where(EventCoHost.event_id == Event.id, EventCoHost.organization_id == organization_id)
    return or_(owns, co_hosts)


def _hosted_by(who: ColumnElement[bool]) -> ColumnElement[bool]:
    """True for events that one of those organizations owns, hosts beside the owner, or has on a campus of theirs."""
    hosts = select(Organization.id).where(who)
    owns = exists().where(Office.id == Event.owner_id, Office.organization_id.in_(hosts))
    co_hosts = exists().where(EventCoHost.event_id == Event.id, EventCoHost.organization_id.in_(hosts))
    return or_(owns, co_hosts, _takes_place_at(select(Campus.id).where(Campus.organization_id.in_(hosts))))


def stands_at_campus(campus_ids: Collection[int]) -> ColumnElement[bool]:
    """True for events on one of the campuses, those its organization co-hosts, and its own that have no campus."""
    organizations = select(Campus.organization_id).where(Campus.id.in_(campus_ids))
    co_hosted = exists().where(EventCoHost.event_id == Event.id, EventCoHost.organization_id.in_(organizations))
    owned = exists().where(Office.id == Event.owner_id, Office.organization_id.in_(organizations))
    return or_(_takes_place_at(campus_ids), co_hosted, and_(Event.campus_id.is_(None), owned))


def _takes_place_at(campus_ids: Collection[int] | Select[int]) -> ColumnElement[bool]:
    """True for events on one of the campuses; of those that are off, where they were promised."""
    is_off = Event.status.in_(OFF)
    is_on_there = and_(~is_off, Event.campus_id.in_(campus_ids))
    return or_(is_on_there, and_(is_off, Event.promised_campus_id.in_(campus_ids)))


def count(wanted: Filter) -> int:
    """How many events there are of that kind."""
    return db.session.scalar(select(func.count()).select_from(Event).where(*matching(wanted))) or 0


def by_ids(ids: Collection[int], *, sight: Sight) -> dict[int, Event]:
    """Those of the events that are seen, with all they show, by their ids."""
    query = select(Event).where(Event.id.in_(ids), *matching(Filter(sight=sight))).options(*WHOLE)
    return {event.id: event for event in db.session.scalars(query)} if ids else {}


def by_public_ids(named: Collection[str]) -> Sequence[Event]:
    """The events of those ids, as lines; text that is none is passed over."""
    keys = {key for one in named if (key := public_ids.read(one)) is not None}
    return db.session.scalars(select(Event).where(Event.public_id.in_(keys)).options(*LINE)).all() if keys else []


def page(
    wanted: Filter,
    *,
    after: tuple[datetime, int] | None,
    limit: int,
    shown: Sequence[ORMOption] = WHOLE,
) -> tuple[Sequence[Event], tuple[datetime, int] | None]:
    """One page of events by their start, and the key to continue after or None at the end.

    `shown`: what is read of each.
    """
    key = Event.promised_starts_at, Event.id
    query = select(Event).where(*matching(wanted)).options(*shown).order_by(*key).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*key) > after)
    events = list(db.session.scalars(query))
    more = len(events) > limit
    last = events[limit - 1] if more else None
    return events[:limit], (last.promised_starts_at, last.id) if last else None
