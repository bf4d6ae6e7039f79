"""Revise the events whose calendar entries show a directory entry that has changed its name or address.

SEQUENCE stays: nothing moved (RFC 5546 2.1.4). The entry says the new words, so `revised_at` and the feeds' versions
must rise, or clients would keep the old bytes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Campus, Office, Room, Topic
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.models import Event, EventRoom, EventTopic
from eventsvc.domain.feeds import versions
from eventsvc.domain.feeds.entries import KEPT_AFTER_END

Shown = Campus | Office | Room | Topic


def revise_events_showing(entry: Shown, now: datetime) -> None:
    """Revise every event that shows the entry and may still stand in a feed.

    Locks: the events in id order, then the feeds' keys; call before any resource is locked.
    """
    keys = {f"campus:{entry.slug}"} if isinstance(entry, Campus) else set()
    query = select(Event).where(_shows(entry), Event.promised_ends_at > now - KEPT_AFTER_END).order_by(Event.id)
    for event in db.session.scalars(query.with_for_update(key_share=True, of=Event)).all():
        lifecycle.revise(event, now)
        keys |= versions.keys_of(event)
    versions.touch(keys, now)


def _shows(entry: Shown) -> ColumnElement[bool]:
    if isinstance(entry, Campus):
        return Event.campus_id == entry.id
    if isinstance(entry, Office):
        return Event.owner_id == entry.id
    if isinstance(entry, Room):
        return exists().where(EventRoom.event_id == Event.id, EventRoom.room_id == entry.id)
    return exists().where(EventTopic.event_id == Event.id, EventTopic.topic_id == entry.id)
