"""An office takes everything out: who may, what is in it, and the line in the access log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.links import Links
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_may, ensure_somebody, may
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.feeds.entries import entry_of
from eventsvc.ical import writer
from eventsvc.ical.entry import CalendarHead
from eventsvc.workflows.keep_access_log import note_access
from eventsvc.workflows.office_log import OfOffice, of_experts
from eventsvc.workflows.office_sheets import events_in_batches


def get_taken_out(slug: str, actor: Actor) -> Office:
    """The office, for those who see its work or keep its accounts; refuses SignInNeeded, NotFound, NotAllowed."""
    ensure_somebody(actor)
    office = lookup.get(Office, slug)
    owner = Owner(office.id, office.organization_id)
    if not may(actor, Permission.KEEP_ACCOUNTS, owner):
        ensure_may(actor, Permission.SEE_WORK, owner)
    return office


def may_take_out(office: Office, actor: Actor) -> bool:
    """True for those whom `get_taken_out` lets through."""
    owner = Owner(office.id, office.organization_id)
    return may(actor, Permission.KEEP_ACCOUNTS, owner) or may(actor, Permission.SEE_WORK, owner)


def of_office(office: Office) -> OfOffice:
    """Whose records the sheets read."""
    return OfOffice(office.id, office.organization_id, office.mailbox)


def calendar_of(of: OfOffice, name: str, links: Links) -> Iterator[bytes]:
    """Its events as a calendar, in parts."""
    batches = ([entry_of(event, links) for event in some] for some in events_in_batches(of))
    return writer.write_in_parts(CalendarHead(name=name, url=links.to("/")), batches)


def note_taken_out(slug: str, number: int, *, purpose: str, actor: Actor, now: datetime) -> None:
    """Write down that everything was taken out, so that its experts and those of its events can read it.

    Refuses: as `get_taken_out`; InvalidInput without a purpose.
    """
    office = get_taken_out(slug, actor)
    seated = select(Seat.expert_id).join(Event, Event.id == Seat.event_id).where(Event.owner_id == office.id)
    own = select(Expert.id).where(of_experts(of_office(office)))
    experts = [one for one in db.session.scalars(seated.union(own)) if one is not None]
    note_access("take-out", purpose=purpose, number=number, expert_ids=experts, office=office, actor=actor, now=now)
