"""How an event takes what it needs: the desk's rule, the rule about audiences, and the leave given to break soft ones.

Every story in which an event takes goes through here, so that one refusal names all that stands against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventsvc.core.errors import SlotTaken
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_override
from eventsvc.domain.booking import desk
from eventsvc.domain.booking.asks import Wanted
from eventsvc.domain.booking.conflicts import SOFT, Clash, ClashKind
from eventsvc.domain.booking.models import State
from eventsvc.domain.events import audience, needs, overrides
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.overrides import Waiver


def take_for(
    event: Event, asks: Sequence[Wanted], state: State, *, actor: Actor, now: datetime, override: Waiver | None = None
) -> None:
    """Take everything for the event at its present time, or nothing.

    What was overridden before for this very start still is. `override` is kept (and audited) for the kinds that did
    stand against it, no others.

    Locks:   the audiences of its campus; the caller has locked the event, then the resources.
    Refuses: SlotTaken with every clash of every kind, NotAllowed and InvalidInput for an override that cannot be given.
    """
    if override is not None:
        ensure_may_override(actor)
        overrides.ensure_sound(override)
    before = overrides.standing(event)
    waived = before.union(override.kinds if override else ())
    used = {clash.kind for clash in _taken(event, asks, state, waived, now)} - before
    if override is not None and used:
        overrides.give(event, used, override.reason, given_by=actor.name, now=now)
        changes: dict[str, audit.Change] = {"kinds": (None, sorted(used)), "reason": (None, override.reason)}
        audit.record("override", "event", event.public_id, actor=actor.name, now=now, changes=changes)


def take_again(event: Event, asks: Sequence[Wanted], state: State, *, now: datetime) -> None:
    """Take for somebody's answer: what was overridden stays so, and audiences are not theirs to answer for.

    Locks: as `take_for`: the answer may be the last, which takes for the event after letters have been locked.
    """
    audience.claim_meeting(event)
    _at_the_desk(event, asks, state, overrides.standing(event), now)


def take_as_imported(event: Event, asks: Sequence[Wanted], *, now: datetime) -> None:
    """Take what a file says; soft rules count for what lies ahead, what is over has been."""
    if event.has_ended(now):
        _at_the_desk(event, asks, State.CONFIRMED, SOFT, now)
    else:
        _taken(event, asks, State.CONFIRMED, overrides.standing(event), now)


def _taken(
    event: Event, asks: Sequence[Wanted], state: State, waived: frozenset[ClashKind], now: datetime
) -> list[Clash]:
    """Take; returns the clashes that were waived."""
    meeting = audience.claim_meeting(event)
    same_students = audience.against(meeting) if meeting else []
    stands = [clash for clash in same_students if clash.kind not in waived]
    try:
        met = _at_the_desk(event, asks, state, waived, now)
    except SlotTaken as refusal:
        raise SlotTaken([*refusal.clashes, *stands]) from None
    if stands:
        raise SlotTaken(stands)
    return [*met, *same_students]


def _at_the_desk(
    event: Event, asks: Sequence[Wanted], state: State, waived: frozenset[ClashKind], now: datetime
) -> list[Clash]:
    until = needs.hold_until(now)
    return desk.take(asks, event_id=event.id, state=state, hold_until=until, now=now, waived=waived)
