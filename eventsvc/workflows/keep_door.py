"""The door of an event: make a link for a helper, end it, and count who comes."""

from __future__ import annotations

from datetime import date, datetime

from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.attendance import doors
from eventsvc.domain.attendance.models import DoorLink
from eventsvc.domain.events.lookup import claim_event, claim_to_change


def make_door_link(event_id: str, day: date, *, actor: Actor, now: datetime) -> DoorLink:
    """A link for a helper on that local day of the event.

    Locks: the event. Refuses: SignInNeeded, NotFound, NotAllowed, InvalidInput, WrongState.
    """
    event = claim_to_change(event_id, actor)
    link = doors.make(event, day, actor=actor, now=now)
    changes: dict[str, audit.Change] = {"day": (None, day), "link": (None, link.public_id)}
    audit.record("make_door_link", "event", event.public_id, actor=actor.name, now=now, changes=changes)
    return link


def end_door_link(event_id: str, link_id: str, *, actor: Actor, now: datetime) -> None:
    """Make a link worthless from the next request on. Locks and refuses as `make_door_link`."""
    event = claim_to_change(event_id, actor)
    link = doors.get_of_event(event, link_id)
    link.revoked_at = link.revoked_at or now
    changes: dict[str, audit.Change] = {"link": (None, link.public_id)}
    audit.record("end_door_link", "event", event.public_id, actor=actor.name, now=now, changes=changes)


def count_at_door(link_id: str, more: int, *, now: datetime) -> int:
    """Count by a link; returns how many came so far.

    Locks: the event. Refuses: NotFound, LinkExpired, WrongState, InvalidInput.
    """
    link = doors.get_open(link_id, now)
    event = claim_event(link.event.public_id)
    link = doors.get_open(link_id, now)
    return doors.add_heads(event, link.day, more, actor=doors.actor_of(link), now=now)
