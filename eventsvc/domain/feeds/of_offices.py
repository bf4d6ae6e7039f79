"""An office's whole desk: what it owns or hosts beside others, what takes its rooms and people, drafts and holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, or_, select

from eventsvc.core.db import db
from eventsvc.domain.accounts import Sight
from eventsvc.domain.booking import diary as diaries
from eventsvc.domain.booking.diary import Booked
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, Resource
from eventsvc.domain.directory.models import Expert, Office, Room
from eventsvc.domain.events import contacts, permits
from eventsvc.domain.events.contacts import Contact
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, EventCoHost
from eventsvc.domain.feeds.of_rooms import holds_in, standing_in_words
from eventsvc.domain.feeds.private_entries import Sheet, is_sure, not_over, told
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import HOLDING, Invitation, InvitationState
from eventsvc.ical.entry import Entry

_ANSWERS = {
    InvitationState.AWAITS_RELEASE: "waits for their office",
    InvitationState.NEEDS_ACTION: "not answered yet",
    InvitationState.TENTATIVE: "perhaps",
    InvitationState.ACCEPTED: "comes",
}


def entries_of(office: Office, sheet: Sheet) -> list[Entry]:
    """Every event of the desk, tentative until it is confirmed, and what is held of its rooms and people."""
    events = db.session.scalars(
        select(Event).where(is_of_desk(office), not_over(sheet.oldest)).options(*WHOLE).order_by(Event.id)
    ).all()
    ids = [event.id for event in events]
    whom, invited = contacts.contacts_of(events, sheet.midnight), asking.of_events(ids)
    held = _held_for(ids, sheet)
    return [
        *(_of_event(event, invited[event.id], whom[event.id], held.get(event.id, []), sheet) for event in events),
        *_holds(office, sheet),
    ]


def is_of_desk(office: Office) -> ColumnElement[bool]:
    """True for events that concern the office, or that its organization hosts beside others."""
    hosts = exists().where(EventCoHost.event_id == Event.id, EventCoHost.organization_id == office.organization_id)
    return or_(permits.concerns(Sight(office_ids=frozenset({office.id}))), hosts)


class Desks(NamedTuple):
    """Whose desks an event stands on: those of the offices, and all of the organizations."""

    office_ids: frozenset[int]
    organization_ids: frozenset[int]

    def has(self, office: Office) -> bool:
        """The same as `is_of_desk`, of one event as it stood."""
        return office.id in self.office_ids or office.organization_id in self.organization_ids


def desks_of(event: Event) -> Desks:
    """On whose desks an event stands now."""
    offices = (owner.office_id for owner in permits.concerned(event) if owner.office_id is not None)
    return Desks(frozenset(offices), frozenset(organization.id for organization in event.co_hosts))


def _of_event(
    event: Event, invited: Sequence[Invitation], contact: Contact, held: Sequence[Booked], sheet: Sheet
) -> Entry:
    if event.status in OFF:
        return sheet.entry(event, said=[])
    said = [standing_in_words(event, held, event.zone)]
    coming = [f"{one.expert.name} ({_ANSWERS[one.state]})" for one in invited if one.state in HOLDING]
    if coming:
        said.append(f"People: {', '.join(coming)}")
    return sheet.entry(event, said=[*said, told(contact)], is_sure=is_sure(event))


def _held_for(event_ids: Collection[int], sheet: Sheet) -> Mapping[int, list[Booked]]:
    query = select(*diaries.COLUMNS).where(Reservation.event_id.in_(event_ids), IS_BOOKED)
    found: dict[int, list[Booked]] = {}
    for row in map(Booked._make, db.session.execute(query.order_by(Reservation.id)) if event_ids else ()):
        if row.is_live(sheet.midnight) and row.event_id is not None:
            found.setdefault(row.event_id, []).append(row)
    return found


def _holds(office: Office, sheet: Sheet) -> Sequence[Entry]:
    """Holds are for minutes; they stand here so that two of an office do not promise the same room by telephone."""
    query = (
        select(*diaries.COLUMNS, Room.name, Expert.name)
        .join(Resource, Resource.id == Reservation.resource_id)
        .outerjoin(Room, Room.id == Resource.room_id)
        .outerjoin(Expert, Expert.id == Resource.expert_id)
        .where(Reservation.hold_id.is_not(None), IS_BOOKED, Reservation.hold_until > sheet.midnight)
        .where(or_(Room.office_id == office.id, Expert.office_id == office.id))
        .order_by(Reservation.busy_from, Reservation.id)
    )
    rows, names = [], {}
    for *columns, room, expert in db.session.execute(query):
        row = Booked._make(columns)
        rows.append(row)
        names[row.resource_id] = room or expert
    return list(holds_in(rows, names, sheet, office.zone))
