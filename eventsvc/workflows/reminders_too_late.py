"""A reminder that was owed and could not leave before its event began was missed: it is noted and listed as such."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from eventsvc.core.db import db
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.reminders import planning
from eventsvc.domain.reminders.models import Reminder
from eventsvc.domain.webhooks.models import DeliveryState, Happening, WebhookDelivery

# Both databases take as many values in one statement.
_AT_ONCE = 500
_HAVE_LEFT = MessageState.LEASED, MessageState.SENT, MessageState.FAILED
_TAKEN = DeliveryState.LEASED, DeliveryState.DONE


def note(keys: Collection[str], now: datetime) -> None:
    """Note of the reminders behind letters and deliveries (their keys) given up as too late that they were missed.

    One of which anything has left, to whoever is in charge or to another system, was not missed.

    Locks: their rows, after those of letters and deliveries; no story locks a reminder that was posted.
    """
    ids = sorted(number for number in map(_reminder_of, keys) if number is not None)
    for first in range(0, len(ids), _AT_ONCE):
        some = set(ids[first : first + _AT_ONCE])
        planning.miss_posted(some - _that_left(some), now)


def _that_left(ids: Collection[int]) -> set[int]:
    query = select(Event.public_id).distinct().join(Reminder, Reminder.event_id == Event.id)
    events = db.session.scalars(query.where(Reminder.id.in_(ids))).all()
    return set(ids) & {number for number in map(_reminder_of, _keys_about(events)) if number is not None}


def _keys_about(events: Collection[UUID]) -> list[str]:
    """The keys of what has left about those events, or may have, because a process died over it."""
    names = [str(one) for one in events]
    has_left = or_(Message.state.in_(_HAVE_LEFT), Message.setbacks > 0)
    letters = select(Message.key).where(Message.event.in_(names), has_left)
    taken = WebhookDelivery.kind == Happening.REMINDER, WebhookDelivery.state.in_(_TAKEN)
    calls = select(WebhookDelivery.key).where(WebhookDelivery.event.in_(names), *taken)
    return [*db.session.scalars(letters), *db.session.scalars(calls)]


def _reminder_of(key: str) -> int | None:
    """The number of the reminder in a key such as reminder:12 or, to whoever is in charge, reminder:12:…"""
    kind, _, rest = key.partition(":")
    return int(rest.partition(":")[0]) if kind == "reminder" else None
