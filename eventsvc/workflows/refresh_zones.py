"""After a new tz database: the promise is the wall time, so the instants of what lies ahead are computed anew.

An event whose new time is free is put there: reserved anew, its SEQUENCE raised (RFC 5546 2.1.4), its feeds and
reminders following. One whose new time is taken is left as it was, instants, reservations and all, and is listed; the
next run tries it again. Nobody is written to: the hour that people were told, on the clock of the campus, is the same,
every yes was given for that hour, and subscribed calendars follow the feeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, or_, select, update

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.booking.blocks import Override
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.booking.models import State
from eventsvc.domain.events import lifecycle, needs
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.promises import promise
from eventsvc.domain.events.schedule import schedule, when_of
from eventsvc.domain.invitations import asking
from eventsvc.domain.reminders import planning
from eventsvc.workflows.changing import changing
from eventsvc.workflows.keep_search import claim_events
from eventsvc.workflows.taking import take_for

AT_ONCE = 500
_AHEAD = or_(
    Event.status.in_((Status.DRAFT, Status.REQUESTED, Status.CONFIRMED)),
    and_(Event.status == Status.POSTPONED, Event.awaits_time.is_(False)),
)


@dataclass(frozen=True, slots=True)
class Shifted:
    """An event whose wall time is another instant by now. With `clashes` or `reason` it was left where it stood."""

    event: Event
    was: Span
    is_at: Span | None
    clashes: Sequence[Clash] = field(default=())
    reason: str = ""

    @property
    def is_left(self) -> bool:
        """True for one that somebody must look at."""
        return bool(self.clashes or self.reason)


def refresh_zones(*, actor: Actor, now: datetime) -> list[Shifted]:
    """Put every event that has not begun where its wall time is by the present tz database; returns all concerned.

    Doing it again changes nothing but what was left.

    Locks:   the events in id order, then all their resources.
    Refuses: SignInNeeded.
    """
    ensure_may_run(actor)
    events = claim_events([event_id for some in _strayed(now) for event_id in some])
    needs.claim_all(events)
    left: dict[int, Shifted] = {}
    done: list[Shifted] = []
    waiting = sorted(events, key=_order)
    while waiting:
        for event in waiting:
            shifted = _shift(event, actor, now)
            if shifted.is_left:
                left[event.id] = shifted
            else:
                left.pop(event.id, None)
                done.append(shifted)
        # One that was put elsewhere may have made way for another.
        again = [event for event in waiting if event.id in left and left[event.id].clashes]
        waiting = again if len(again) < len(waiting) else []
    return [*done, *left.values()]


def _strayed(now: datetime) -> Iterator[list[int]]:
    """The ids of events that do not stand at the instants of their wall time, some at a time."""
    last = 0
    while True:
        query = select(Event).where(Event.id > last, Event.starts_at > now, _AHEAD).order_by(Event.id).limit(AT_ONCE)
        events = db.session.scalars(query).all()
        if not events:
            return
        last = events[-1].id
        yield [event.id for event in events if _present_span(event) != event.span]
        db.session.expunge_all()


def _present_span(event: Event) -> Span | None:
    """Where the event's wall time is now; None where the clock skips it, or shows it twice, by now."""
    try:
        return when_of(event).span(event.zone)
    except InvalidInput:
        return None


def _order(event: Event) -> tuple[bool, float]:
    """What goes later makes way from the end on, what goes earlier from the beginning on."""
    span = _present_span(event)
    goes_later = span is not None and span.start > event.starts_at
    stands = event.starts_at.timestamp()
    return goes_later, -stands if goes_later else stands


def _shift(event: Event, actor: Actor, now: datetime) -> Shifted:
    was = event.span
    try:
        with db.session.begin_nested():
            _put(event, actor, now)
            db.session.flush()
    except SlotTaken as refusal:
        return Shifted(event, was, _present_span(event), clashes=refusal.clashes)
    except InvalidInput as refusal:
        return Shifted(event, was, None, reason=refusal.facts["errors"][0]["reason"])
    planning.plan(event, now)
    return Shifted(event, was, event.span)


def _put(event: Event, actor: Actor, now: datetime) -> None:
    was = event.span
    with changing(event, now):
        schedule(event, when_of(event), event.zone)
        # Leave that was given for the hour on the wall goes with it.
        moved = update(Override).where(Override.event_id == event.id, Override.starts_at == was.start)
        db.session.execute(moved.values(starts_at=event.starts_at))
        if event.holds_resources:
            state = State.CONFIRMED if event.status is Status.CONFIRMED else State.HELD
            take_for(event, asking.claim_asks(event), state, actor=actor, now=now)
        event.sequence += 1
        lifecycle.revise(event, now)
        if event.status is not Status.POSTPONED:
            promise(event)
    changes: dict[str, audit.Change] = {
        "starts_at": (was.start, event.starts_at),
        "ends_at": (was.end, event.ends_at),
        "zone": (event.zone, event.zone),
    }
    audit.record("refresh-zone", "event", event.public_id, actor=actor.name, now=now, changes=changes)
