"""What boards show: the rooms of a campus, or somebody's week, with titles as far as the asker may know them.

It reads a fixed few queries, whatever there is to show, and writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, exists, or_, select

from eventsvc.core.db import db
from eventsvc.core.times import Span, days_span
from eventsvc.domain.accounts import Actor, sight_of
from eventsvc.domain.booking import diary as diaries
from eventsvc.domain.booking import journeys, limits_used, soft, stretches
from eventsvc.domain.booking.conflicts import limits_of
from eventsvc.domain.booking.diary import Booked, Diary
from eventsvc.domain.booking.journeys import Leg
from eventsvc.domain.booking.limits_used import Use
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.booking.stretches import Stretch
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.events import permits
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.events.seats import Seat


class Holder(NamedTuple):
    """The event that holds a stretch, for those who may see it."""

    public_id: str
    title: str
    kind: EventKind
    status: Status


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room of the board; `depth` counts the halls it is a part of, a hall has `parts`.

    `setup_minutes` and `takedown_minutes` are what it needs around an event, for a hall the most of its parts.
    """

    room: Room
    depth: int
    parts: tuple[Room, ...]
    setup_minutes: int
    takedown_minutes: int
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class RoomBoard:
    """The rooms of a campus within a window, halls before their parts; `holders` by the ids of events."""

    campus: Campus
    window: Span
    rows: list[RoomRow]
    holders: Mapping[int, Holder]


def of_campus(campus: Campus, window: Span, *, actor: Actor, now: datetime) -> RoomBoard:
    """Every room in use of a campus."""
    found = db.session.scalars(select(Room).where(Room.campus_id == campus.id, Room.retired_on.is_(None)))
    rooms = {room.id: room for room in sorted(found, key=lambda room: room.name.casefold())}
    known = resources_of(room_ids=rooms)
    diary = diaries.read(known, window, campus_ids=[campus.id], now=now)
    by_room = {one.room_id: one for one in known if one.room_id is not None}
    rows = list(_rows(rooms, by_room, diary, window))
    return RoomBoard(campus, window, rows, holders_of(diary, known, actor=actor))


def resources_of(*, room_ids: Collection[int] = (), expert_ids: Collection[int] = ()) -> list[Resource]:
    """The resources of those rooms and people, unlocked: to look, not to take."""
    wanted = Resource.room_id.in_(room_ids) | Resource.expert_id.in_(expert_ids)
    return list(db.session.scalars(select(Resource).where(wanted).order_by(Resource.id)))


def holders_of(
    diary: Diary, resources: Collection[Resource], *, softly: Iterable[Booked] = (), actor: Actor
) -> dict[int, Holder]:
    """The events that hold something in the diary, or softly, by id; only those that the asker may see at that time."""
    rows = (*softly, *(row for one in resources for row in diary.booked(one.id)))
    ids = {row.event_id for row in rows if row.event_id is not None}
    columns = (Event.id, Event.public_id, Event.title, Event.kind, Event.status)
    # What an event that is put off is planned for anew is nobody's affair yet.
    comes = exists().where(Seat.event_id == Event.id, Seat.expert_id.in_(actor.expert_ids))
    is_shown = or_(and_(permits.IS_FOR_ALL, Event.status.not_in(OFF)), permits.concerns(sight_of(actor)), comes)
    found = db.session.execute(select(*columns).where(Event.id.in_(ids), is_shown)) if ids else ()
    return {id: Holder(str(public_id), title, kind, status) for id, public_id, title, kind, status in found}


def _rows(rooms: Mapping[int, Room], by_room: Mapping[int, Resource], diary: Diary, window: Span) -> Iterator[RoomRow]:
    parts_of: defaultdict[int | None, list[Room]] = defaultdict(list)
    for room in rooms.values():
        parts_of[room.parent_id if room.parent_id in rooms else None].append(room)

    def beneath(room: Room, halls: tuple[int, ...]) -> Iterator[RoomRow]:
        parts = parts_of[room.id]
        if not parts:
            drawn = stretches.of_resource(by_room[room.id], diary, window, campus_ids=[room.campus_id])
            yield RoomRow(room, len(halls), (), room.setup_minutes, room.takedown_minutes, drawn)
            return
        asked_as = (*halls, room.id)
        rows = [row for part in parts for row in beneath(part, asked_as)]
        leaves = [by_room[row.room.id] for row in rows if not row.parts]
        drawn = stretches.of_hall(room, leaves, asked_as, diary, window)
        before = max(room.setup_minutes, *(row.setup_minutes for row in rows))
        after = max(room.takedown_minutes, *(row.takedown_minutes for row in rows))
        yield RoomRow(room, len(halls), tuple(parts), before, after, drawn)
        yield from rows

    for room in parts_of[None]:
        yield from beneath(room, ())


@dataclass(frozen=True, slots=True)
class PersonDay:
    """A local day of somebody: what is in it, the ways between, and what is used of the limits around it."""

    day: date
    window: Span
    stretches: list[Stretch]
    legs: list[Leg]
    uses: list[Use]


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """Seven days of somebody; `places` by the ids of campuses."""

    expert: Expert
    window: Span
    days: list[PersonDay]
    holders: Mapping[int, Holder]
    places: Mapping[int, Campus]


def of_person(expert: Expert, first: date, *, actor: Actor, now: datetime) -> PersonWeek:
    """The seven days from that one on, in the person's own zone."""
    days = [first + timedelta(days=number) for number in range(7)]
    resource = resources_of(expert_ids=[expert.id])[0]
    home = [expert.home_campus_id] if expert.home_campus_id is not None else []
    diary = diaries.read([resource], _counted_around(days, expert), campus_ids=home, now=now)
    softly = soft.within([resource.id], days_span(first, len(days), expert.zone))
    drawn = [_person_day(expert, day, resource, diary, softly) for day in days]
    wanted = {leg_end for one in drawn for leg in one.legs for leg_end in (leg.origin_id, leg.destination_id)}
    wanted |= {one.row.place_id for day in drawn for one in day.stretches if one.row and one.row.place_id is not None}
    places = {campus.id: campus for campus in db.session.scalars(select(Campus).where(Campus.id.in_(wanted)))}
    return PersonWeek(
        expert,
        days_span(first, 7, expert.zone),
        drawn,
        holders_of(diary, [resource], softly=softly, actor=actor),
        places,
    )


def _counted_around(days: Sequence[date], expert: Expert) -> Span:
    """As far as a limit of any of the days looks, and a day more: what begins then may be busy from the day before."""
    shown = [days_span(day, 1, expert.zone) for day in days]
    counted = [*shown, *(period for day in shown for _, period, _ in limits_of(expert, day))]
    return Span(min(one.start for one in counted) - timedelta(days=1), max(one.end for one in counted))


def _person_day(expert: Expert, day: date, resource: Resource, diary: Diary, softly: Sequence[Booked]) -> PersonDay:
    window = days_span(day, 1, expert.zone)
    legs = journeys.of_day(expert, _starting_in(window, diary.booked(resource.id)), diary.ways)
    drawn = stretches.of_resource(resource, diary, window, legs=legs, softly=softly)
    return PersonDay(day, window, drawn, legs, limits_used.on(day, expert, resource.id, diary))


def _starting_in(window: Span, rows: Sequence[Booked]) -> list[Booked]:
    return [row for row in rows if window.start <= row.starts_at < window.end]
