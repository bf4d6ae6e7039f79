"""A room's calendar: all that stands in it, with set-up and take-down, holds, and what blocks it from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import exists, select

from eventsvc.core.db import db
from eventsvc.core.times import Span, to_wall
from eventsvc.domain.booking import diary as diaries
from eventsvc.domain.booking import resources
from eventsvc.domain.booking.blocks import Block
from eventsvc.domain.booking.diary import Booked
from eventsvc.domain.booking.models import IS_BOOKED, Hold, Reservation, Resource, State
from eventsvc.domain.directory.models import Room
from eventsvc.domain.events import contacts
from eventsvc.domain.events.contacts import Contact
from eventsvc.domain.events.lifecycle import OFF, STATUS_WORDS
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, EventRoom
from eventsvc.domain.feeds.private_entries import Sheet, Standing, is_sure, told, uid_beside
from eventsvc.ical.entry import Entry


def parts_of(room: Room) -> list[int]:
    """The rooms that are reserved for it: itself, or what a divisible hall is made of; with itself in either case."""
    return sorted({room.id, *resources.leaves_of([room.id])})


def entries_of(room: Room, sheet: Sheet) -> list[Entry]:
    """All that its office has to know; events of others say what they are, since they are its affair too."""
    rows = _once_each(_rows(room, sheet))
    events = _events({row.event_id for row in rows if row.event_id is not None})
    whom = contacts.contacts_of(list(events.values()), sheet.midnight)
    of_events = (_of_event(events[row.event_id], row, whom[row.event_id], sheet) for row in rows if row.event_id)
    off = [event for event in _called_off(room, sheet) if event.id not in events]
    return [
        *chain.from_iterable(of_events),
        *(sheet.entry(event, said=[]) for event in off),
        *holds_in([row for row in rows if row.hold_id is not None], {}, sheet, room.campus.zone),
        *_blocks(room, sheet),
    ]


def _rows(room: Room, sheet: Sheet) -> Sequence[Booked]:
    query = select(*diaries.COLUMNS).join(Resource, Resource.id == Reservation.resource_id)
    query = query.where(Resource.room_id.in_(parts_of(room)), IS_BOOKED, Reservation.busy_until > sheet.oldest)
    rows = db.session.execute(query.order_by(Reservation.busy_from, Reservation.id))
    return [row for row in map(Booked._make, rows) if row.is_live(sheet.midnight)]


def _once_each(rows: Sequence[Booked]) -> list[Booked]:
    """A hall is reserved by its parts: one row for each time of a holder, as wide as the widest."""
    found: dict[tuple[object, ...], Booked] = {}
    for row in rows:
        key = row.event_id, row.hold_id, row.starts_at, row.ends_at
        known = found.setdefault(key, row)
        busy = min(known.busy_from, row.busy_from), max(known.busy_until, row.busy_until)
        found[key] = known._replace(busy_from=busy[0], busy_until=busy[1])
    return list(found.values())


def _events(ids: Collection[int]) -> dict[int, Event]:
    return {one.id: one for one in db.session.scalars(select(Event).where(Event.id.in_(ids)).options(*WHOLE))}


def _called_off(room: Room, sheet: Sheet) -> Sequence[Event]:
    """What was to be in it and is off: calendars show it as cancelled for a while."""
    takes_it = exists().where(EventRoom.event_id == Event.id, EventRoom.room_id == room.id)
    query = select(Event).where(takes_it, Event.status.in_(OFF), Event.promised_ends_at > sheet.oldest)
    found = db.session.scalars(query.options(*WHOLE).order_by(Event.id))
    return [event for event in found if room.slug in event.promised.get("rooms", ())]


def _of_event(event: Event, row: Booked, contact: Contact, sheet: Sheet) -> Iterator[Entry]:
    said = [standing_in_words(event, [row], event.zone), told(contact)]
    if event.expected_heads:
        said.append(f"Expected: {event.expected_heads} people")
    status: Standing = "CONFIRMED" if is_sure(event) else "TENTATIVE"
    if event.status in OFF:  # it was put off, and is planned anew for this time; calendars know of the old one alone
        yield sheet.entry(event, said=[])
        uid = uid_beside(event, "planned anew")
        yield sheet.beside(uid, row.presence, f"Reserved: {event.title}", status="TENTATIVE", description=said[1])
    else:
        yield sheet.entry(event, said=said, is_sure=is_sure(event))
    for what, start, end in (
        ("Set-up", row.busy_from, row.starts_at),
        ("Take-down", row.ends_at, row.busy_until),
    ):
        if start < end:
            uid = uid_beside(event, f"{what} {row.asked_room_id or row.resource_id}")
            yield sheet.beside(
                uid, Span(start, end), f"{what}: {event.title}", status=status, description=told(contact)
            )


def standing_in_words(event: Event, rows: Sequence[Booked], zone: str) -> str:
    """Where an event stands; of what is held for it only for a while, until when."""
    until = [row.hold_until for row in rows if row.state is State.HELD and row.hold_until is not None]
    said = f"This event is {STATUS_WORDS[event.status]}."
    return f"{said} {_held_until(min(until), zone)}" if until else said


def _held_until(until: datetime, zone: str) -> str:
    return f"Held until {to_wall(until, zone):%Y-%m-%d %H:%M} ({zone}), and free for others from then on."


def holds_in(rows: Sequence[Booked], names: Mapping[int, str], sheet: Sheet, zone: str) -> Iterator[Entry]:
    """What somebody has set aside without an event; `names` of the things by the ids of their resources."""
    query = select(Hold).where(Hold.id.in_({row.hold_id for row in rows}))
    holds = {one.id: one for one in db.session.scalars(query)} if rows else {}
    for row in rows:
        assert row.hold_id is not None
        hold = holds[row.hold_id]
        name = names.get(row.resource_id, "")
        yield sheet.beside(
            uuid5(hold.public_id, str(row.asked_room_id or row.resource_id)),
            row.busy,
            f"Held: {name}" if name else "Held",
            status="TENTATIVE",
            description="\n\n".join(part for part in (hold.note, _held_until(hold.hold_until, zone)) if part),
        )


def blocks_of(room_ids: Collection[int], span: Span) -> Sequence[Block]:
    """What blocks those rooms themselves within a span: what their own systems say."""
    query = select(Block).join(Resource, Resource.id == Block.resource_id).where(Resource.room_id.in_(room_ids))
    query = query.where(Block.ends_at > span.start, Block.starts_at < span.end)
    return db.session.scalars(query.order_by(Block.starts_at, Block.id)).all()


def _blocks(room: Room, sheet: Sheet) -> Iterator[Entry]:
    """A hall and its parts may be blocked alike; it is said once."""
    seen = set()
    for block in blocks_of(parts_of(room), Span(sheet.oldest, sheet.busy_window.end)):
        said = block.starts_at, block.ends_at, block.title
        if said not in seen:
            seen.add(said)
            uid = uuid5(NAMESPACE_URL, f"{sheet.links.public_url} block {block.id}")
            title = f"Busy elsewhere: {block.title}" if block.title else "Busy elsewhere"
            yield sheet.beside(uid, Span(block.starts_at, block.ends_at), title)
