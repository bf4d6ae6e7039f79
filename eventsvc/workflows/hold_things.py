"""Hold things for a while without an event, give them back, or let an event take them over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.versions import Expected, ensure_met
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_plan
from eventsvc.domain.booking import desk, holds, resources, wishes
from eventsvc.domain.booking.models import Hold, State
from eventsvc.domain.events.schedule import ensure_ahead
from eventsvc.workflows.kept_plan import as_kept
from eventsvc.workflows.said_wish import SaidWish, understood

HOLD_MINUTES, MOST_HOLD_MINUTES = 5, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWish:
    """What to set aside, for how long, and why."""

    wish: SaidWish
    minutes: int = HOLD_MINUTES
    note: str = ""


def hold_things(wanted: HoldWish, *, actor: Actor, now: datetime) -> Hold:
    """Set everything aside for so many minutes, or nothing.

    Locks:   the resources in id order.
    Refuses: SignInNeeded, InvalidInput naming the field, SlotTaken naming every clash.
    """
    ensure_may_plan(actor)
    if not 1 <= wanted.minutes <= MOST_HOLD_MINUTES:
        raise InvalidInput({"minutes": say("must be between %(low)s and %(high)s", low=1, high=MOST_HOLD_MINUTES)})
    wish = understood(wanted.wish)
    ensure_ahead(wish.span, now, field="starts_on" if wish.all_day else "starts_local")
    if not (wish.rooms or wish.experts or wish.equipment):
        raise InvalidInput({"rooms": say("name at least one room, expert or thing to hold")})
    hold = _written(wanted, actor, now)
    asks = wishes.claim_asks(wish)
    desk.take(asks, hold_id=hold.id, state=State.HELD, hold_until=hold.hold_until, now=now)
    audit.record("hold", "hold", hold.public_id, actor=actor.name, now=now, changes={"wish": (None, hold.wish)})
    return hold


def _written(wanted: HoldWish, actor: Actor, now: datetime) -> Hold:
    until = now + timedelta(minutes=wanted.minutes)
    said: dict[str, Any] = as_kept(wanted.wish)
    hold = Hold(held_by=actor.name, note=wanted.note, wish=said, created_at=now, hold_until=until)
    db.session.add(hold)
    db.session.flush()
    return hold


def give_back(hold_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> Hold:
    """End a hold before its time; one that has ended already stays as it was.

    Locks:   the hold, then what it holds.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale.
    """
    ensure_may_plan(actor)
    hold = holds.claim_own(hold_id, actor)
    if hold.is_live(now):
        ensure_met(expected, holds.tag_of_hold(hold, now))
        resources.lock(beside=holds.resource_ids(hold))
        desk.release_hold(hold.id)
        hold.ended_at = now
        audit.record("give-back", "hold", hold.public_id, actor=actor.name, now=now)
    return hold


def get_own_hold(hold_id: str, actor: Actor) -> Hold:
    """What somebody holds themselves. Refuses: SignInNeeded, NotAllowed; NotFound for what others hold."""
    ensure_may_plan(actor)
    hold = holds.get_hold(hold_id)
    holds.ensure_own(hold, actor)
    return hold
