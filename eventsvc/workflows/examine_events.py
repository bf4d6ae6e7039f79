"""What events want beside what is reserved for them, and beside the yeses that they have.

A thousand events at a time, in a fixed number of queries each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select

from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.domain.approvals import asking as approvals
from eventsvc.domain.booking import resources
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, Resource, State
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.directory.pools import Pool, PoolUnit
from eventsvc.domain.events.models import Event, EventPool, EventRoom, RoomStanding, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations.models import GIVEN_UP, Invitation, InvitationState

AT_ONCE = 1000
# What an event wants or has: ("room", id), ("expert", id), ("pool", id).
Thing = tuple[str, int]
# Where everybody stands, by event and expert.
Answers = defaultdict[int, dict[int, InvitationState]]
_HOLDING = or_(
    Event.status.in_((Status.REQUESTED, Status.CONFIRMED)),
    and_(Event.status == Status.POSTPONED, Event.awaits_time.is_(False)),
)


class Irregular(NamedTuple):
    """Something about an event that is not a clash; `words` say it, by names."""

    kind: str
    event_id: int
    words: str


class _Kept(NamedTuple):
    event_id: int
    thing: Thing
    presence: tuple[datetime, datetime]


def whole_days(now: datetime) -> set[int]:
    """The ids of all-day events that have not ended."""
    return set(db.session.scalars(select(Event.id).where(Event.all_day, Event.ends_at > now)))


def examine_events(now: datetime) -> Iterator[Irregular]:
    """What is wrong with events that lie ahead, by their ids."""
    for events in events_ahead(now):
        yield from _examined(events, now)
    yield from _of_events_that_are_off(now)


def events_ahead(now: datetime) -> Iterator[Sequence[Any]]:
    """Rows of the events that have not ended and for which things are reserved, some at a time, by their ids."""
    columns = Event.id, Event.status, Event.host_confirmed_at, Event.starts_at, Event.ends_at, Event.expected_heads
    last = 0
    while True:
        ahead = select(*columns).where(Event.id > last, Event.ends_at > now, _HOLDING)
        events = db.session.execute(ahead.order_by(Event.id).limit(AT_ONCE)).all()
        if not events:
            return
        last = events[-1].id
        yield events


def _examined(events: Sequence[Any], now: datetime) -> Iterator[Irregular]:
    ids = [event.id for event in events]
    answers = _answers(ids)
    wanted, kept = _wanted(ids, answers), _kept(ids, now)
    ungranted = approvals.ungranted(ids)
    asked: set[Thing] = {("room", room_id) for rooms in ungranted.values() for room_id in rooms}
    names = _names({thing for things in wanted.values() for thing in things} | {one.thing for one in kept} | asked)
    by_event: defaultdict[int, list[_Kept]] = defaultdict(list)
    for one in kept:
        by_event[one.event_id].append(one)
    for event in events:
        yield from _misplaced(event, by_event[event.id], wanted[event.id], names)
        yield from _missing_yes(event, answers, ungranted.get(event.id, ()), names)


def _misplaced(
    event: Any, kept: Sequence[_Kept], wanted: Counter[Thing], names: dict[Thing, str]
) -> Iterator[Irregular]:
    at_its_time = Counter([one.thing for one in kept if one.presence == (event.starts_at, event.ends_at)])
    if at_its_time == wanted and len(kept) == at_its_time.total():
        return
    for one in kept:
        if one.presence != (event.starts_at, event.ends_at):
            words = say("%(name)s is reserved for it at another time than its own.", name=names[one.thing])
            yield Irregular("other_time", event.id, words)
    for thing in wanted - at_its_time:
        yield Irregular("not_reserved", event.id, say("%(name)s is wanted and not reserved.", name=names[thing]))
    for thing in at_its_time - wanted:
        words = say("%(name)s is reserved for it and not wanted.", name=names[thing])
        yield Irregular("not_wanted", event.id, words)


def _missing_yes(event: Any, answers: Answers, room_ids: Sequence[int], names: dict[Thing, str]) -> Iterator[Irregular]:
    if event.status is not Status.CONFIRMED:
        return
    if event.host_confirmed_at is None:
        yield Irregular("missing_yes", event.id, say("It is confirmed, and the host’s own yes is missing."))
    for expert_id, state in answers.get(event.id, {}).items():
        if state is not InvitationState.ACCEPTED:
            words = say("It is confirmed, and the yes of %(name)s is missing.", name=names["expert", expert_id])
            yield Irregular("missing_yes", event.id, words)
    for room_id in room_ids:
        words = say("It is confirmed, and its office has not granted %(name)s.", name=names["room", room_id])
        yield Irregular("missing_yes", event.id, words)


def _answers(ids: Sequence[int]) -> Answers:
    """Where everybody stands who is to come, by event and expert; who was never asked has not answered."""
    query = (
        select(Seat.event_id, Seat.expert_id, Invitation.state)
        .outerjoin(
            Invitation,
            and_(
                Invitation.event_id == Seat.event_id,
                Invitation.expert_id == Seat.expert_id,
                Invitation.state != InvitationState.WITHDRAWN,
            ),
        )
        .where(Seat.event_id.in_(ids), Seat.expert_id.is_not(None))
    )
    answers: Answers = defaultdict(dict)
    for event_id, expert_id, state in db.session.execute(query):
        assert expert_id is not None
        answers[event_id][expert_id] = state or InvitationState.NEEDS_ACTION
    return answers


def _wanted(ids: Sequence[int], answers: Answers) -> defaultdict[int, Counter[Thing]]:
    wanted: defaultdict[int, Counter[Thing]] = defaultdict(Counter)
    rooms = rooms_had(ids)
    parts = _parts_of({room_id for _, room_id in rooms})
    for event_id, room_id in rooms:
        wanted[event_id].update(("room", part) for part in parts[room_id])
    for event_id, states in answers.items():
        coming = [expert_id for expert_id, state in states.items() if state not in GIVEN_UP]
        wanted[event_id].update(("expert", expert_id) for expert_id in coming)
    for one in db.session.execute(
        select(EventPool.event_id, EventPool.pool_id, EventPool.quantity).where(EventPool.event_id.in_(ids))
    ):
        wanted[one.event_id]["pool", one.pool_id] += one.quantity
    return wanted


def rooms_had(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Each of those events with each room (ids) that it was asked to have; one that was declined was given back."""
    had = select(EventRoom.event_id, EventRoom.room_id).where(EventRoom.standing != RoomStanding.DECLINED)
    return [(row.event_id, row.room_id) for row in db.session.execute(had.where(EventRoom.event_id.in_(ids)))]


def _parts_of(room_ids: set[int]) -> dict[int, list[int]]:
    """Each room → what is reserved for it; one event may have a hall and another one a part of it."""
    parts: defaultdict[int, list[int]] = defaultdict(list)
    while room_ids:
        found = resources.leaves_of(room_ids)
        for room_id, asked_id in found.items():
            parts[asked_id].append(room_id)
        room_ids = room_ids - set(found.values())  # a part asked for beside its hall was counted as the hall's
    return parts


def _kept(ids: Sequence[int], now: datetime) -> list[_Kept]:
    """What is held or confirmed for those events; a hold that has lapsed is none."""
    is_live = or_(Reservation.state == State.CONFIRMED, Reservation.hold_until.is_(None), Reservation.hold_until > now)
    query = (
        select(
            *(Reservation.event_id, Reservation.starts_at, Reservation.ends_at),
            *(Resource.room_id, Resource.expert_id, PoolUnit.pool_id),
        )
        .select_from(Reservation)
        .join(Resource, Resource.id == Reservation.resource_id)
        .outerjoin(PoolUnit, PoolUnit.id == Resource.unit_id)
        .where(Reservation.event_id.in_(ids), IS_BOOKED, is_live)
    )
    return [_Kept(row.event_id, _thing(row), (row.starts_at, row.ends_at)) for row in db.session.execute(query).all()]


def _thing(row: Any) -> Thing:
    if row.room_id is not None:
        return "room", row.room_id
    return ("expert", row.expert_id) if row.expert_id is not None else ("pool", row.pool_id)


def _names(things: set[Thing]) -> dict[Thing, str]:
    names: dict[Thing, str] = {}
    for kind, model in (("room", Room), ("expert", Expert), ("pool", Pool)):
        ids = [id for of_kind, id in things if of_kind == kind]
        rows = db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
        names |= {(kind, id): name for id, name in rows}
    return names


def _of_events_that_are_off(now: datetime) -> Iterator[Irregular]:
    query = (
        select(Event.id)
        .join(Reservation, Reservation.event_id == Event.id)
        .where(IS_BOOKED, Reservation.busy_until > now, ~_HOLDING, Event.status != Status.COMPLETED)
        .where(
            or_(Reservation.state == State.CONFIRMED, Reservation.hold_until.is_(None), Reservation.hold_until > now)
        )
        .distinct()
        .order_by(Event.id)
    )
    for event_id in db.session.scalars(query):
        yield Irregular("is_off", event_id, say("It is off, and something is still reserved for it."))
