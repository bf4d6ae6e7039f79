"""The door of an event: make a link for a helper, end it, and count who comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from eventsvc.core.versions import Expected, ensure_met
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody
from eventsvc.domain.attendance import doors
from eventsvc.domain.attendance.models import DoorLink, HeadCount
from eventsvc.domain.events.lookup import claim_event, claim_to_change, get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.permits import ensure_may_change


def make_door_link(
    event_id: str, day: date, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> DoorLink:
    """A link for a helper on that local day of the event. `expected`: which version of the event.

    Locks: the event. Refuses: SignInNeeded, NotFound, NotAllowed, Stale, InvalidInput, WrongState.
    """
    event = claim_to_change(event_id, actor, expected)
    link = doors.make(event, day, actor=actor, now=now)
    changes: dict[str, audit.Change] = {"day": (None, day), "link": (None, link.public_id)}
    audit.record("make_door_link", "event", event.public_id, actor=actor.name, now=now, changes=changes)
    return link


def end_door_link(
    event_id: str, link_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> None:
    """Make a link worthless from the next request on; one that was ended already stays as it was.

    Locks: the event. Refuses: SignInNeeded, NotFound, NotAllowed, Stale.
    """
    event = claim_to_change(event_id, actor)
    link = doors.get_of_event(event, link_id)
    if link.revoked_at is not None:
        return
    ensure_met(expected, doors.tag_of_link(link))
    link.revoked_at = now
    changes: dict[str, audit.Change] = {"link": (None, link.public_id)}
    audit.record("end_door_link", "event", event.public_id, actor=actor.name, now=now, changes=changes)


def get_door_link(event_id: str, link_id: str, *, actor: Actor) -> DoorLink:
    """A link of an event that one may change. Refuses: SignInNeeded, NotFound, NotAllowed."""
    return doors.get_of_event(_changeable(event_id, actor), link_id)


def links_in_force(event_id: str, *, actor: Actor, now: datetime) -> Sequence[DoorLink]:
    """Those that open still, or will; refuses as `get_door_link`."""
    return doors.in_force(_changeable(event_id, actor).id, now)


def heads_counted(event_id: str, *, actor: Actor) -> list[HeadCount]:
    """How many came on each day that was counted; refuses as `get_door_link`."""
    return doors.counts_of(_changeable(event_id, actor).id)


def _changeable(event_id: str, actor: Actor) -> Event:
    ensure_somebody(actor)
    event = get_event(event_id)
    ensure_may_change(actor, event)
    return event


def count_at_door(link_id: str, more: int, *, now: datetime) -> int:
    """Count by a link; returns how many came so far.

    Locks: the event. Refuses: NotFound, LinkExpired, WrongState, InvalidInput.
    """
    link = doors.get_open(link_id, now)
    event = claim_event(link.event.public_id)
    link = doors.get_open(link_id, now)
    return doors.add_heads(event, link.day, more, actor=doors.actor_of(link), now=now)
