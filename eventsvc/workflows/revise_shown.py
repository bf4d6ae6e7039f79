"""Revise the events that show a directory entry which has changed its name or address.

Calendar entries say the new words, so `revised_at` and the feeds' versions must rise, or clients would keep the old
bytes; SEQUENCE stays, for nothing moved (RFC 5546 2.1.4). The search finds all of them by the new words, also what
no calendar shows any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization, Room, Topic
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.lookup import stands_with_organization
from eventsvc.domain.events.models import Event, EventRoom, EventTopic
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.events.urgency import SOON
from eventsvc.domain.feeds import versions
from eventsvc.domain.feeds.entries import KEPT_AFTER_END
from eventsvc.workflows import tell_in_time
from eventsvc.workflows.keep_search import BATCH, claim_events, index_events

Shown = Campus | Office | Room | Topic | Organization | Expert


def revise_events_showing(entry: Shown, now: datetime) -> None:
    """Revise every event that shows the entry and may still stand in a feed, and index every one that shows it.

    Locks: the events in id order, then their search entries, then the feeds' keys; where resources are to be locked in
           the same story, `claim_events_showing` comes before them.
    """
    keys = versions.keys_named_after(entry)
    is_in_calendars = not isinstance(entry, Organization | Expert)
    ids = list(db.session.scalars(select(Event.id).where(_shows(entry)).order_by(Event.id)))
    for first in range(0, len(ids), BATCH):
        events = claim_events(ids[first : first + BATCH])
        for event in events:
            if is_in_calendars and event.promised_ends_at > now - KEPT_AFTER_END:
                lifecycle.revise(event, now)
                keys |= versions.keys_of(event)
        index_events(events)
    versions.touch(keys, now)


def note_events_showing(entry: Campus | Room, now: datetime) -> None:
    """Before a name or an address changes: events that are soon show it, and people hear of it (`tell_in_time`)."""
    tell_in_time.note(soon_showing(entry, now), now)


def soon_showing(entry: Campus | Room, now: datetime) -> Sequence[Event]:
    """The events that are soon, or go on, and show that place, by id."""
    is_soon = Event.ends_at > now, Event.starts_at <= now + SOON
    return db.session.scalars(select(Event).where(_shows(entry), *is_soon).order_by(Event.id)).all()


def claim_events_showing(entry: Shown) -> None:
    """Lock, in id order, the events that `revise_events_showing` will revise; call before any resource is locked."""
    locked = select(Event.id).where(_shows(entry)).order_by(Event.id).with_for_update(key_share=True, of=Event)
    db.session.execute(locked).all()


def _shows(entry: Shown) -> ColumnElement[bool]:
    if isinstance(entry, Campus):
        return Event.campus_id == entry.id
    if isinstance(entry, Office):
        return Event.owner_id == entry.id
    if isinstance(entry, Room):
        return exists().where(EventRoom.event_id == Event.id, EventRoom.room_id == entry.id)
    if isinstance(entry, Expert):
        return exists().where(Seat.event_id == Event.id, Seat.expert_id == entry.id)
    if isinstance(entry, Organization):
        sends = exists().where(
            Seat.event_id == Event.id, Seat.expert_id == Expert.id, Expert.organization_id == entry.id
        )
        return or_(stands_with_organization(entry.id), sends)
    return exists().where(EventTopic.event_id == Event.id, EventTopic.topic_id == entry.id)
