"""An event takes a hold over: what was set aside is given back and reserved for it, in one transaction."""

from __future__ import annotations

from datetime import datetime

from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.booking import desk, holds
from eventsvc.domain.booking.models import Hold
from eventsvc.domain.events.models import Event


def claim_live_hold(hold_id: str, actor: Actor, now: datetime) -> Hold:
    """Somebody's own hold, locked, for an event that takes it over.

    Refuses: InvalidInput, for what others hold as for what nobody holds; HoldEnded.
    """
    try:
        hold = holds.claim_own(hold_id, actor)
    except NotFound:
        raise InvalidInput({"hold": say("there is no such hold")}) from None
    holds.ensure_held(hold, now)
    return hold


def hand_over(hold: Hold, event: Event, *, actor: Actor, now: datetime) -> None:
    """Give everything back for the event, which takes what it wants in the same transaction.

    Locks: the caller has locked the hold, the event and then the resources of both.
    """
    desk.release_hold(hold.id)
    hold.ended_at, hold.event_id = now, event.id
    changes: dict[str, audit.Change] = {"event": (None, event.public_id)}
    audit.record("use", "hold", hold.public_id, actor=actor.name, now=now, changes=changes)
