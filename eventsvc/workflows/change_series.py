"""Change several events of a series at once: "this and following", or all that lie ahead. All of it or nothing.

What has begun stays as it is; the plans of dates that could not be had change along. A person who is concerned by
several dates gets one letter about them, and so does the office of a room.

Locks:   the series, its events in id order, their resources in id order; then each event is changed on its own.
Refuses: what the change of one event refuses, Stale of that event or of the series; DatesTaken with every date that
         cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_plan
from eventsvc.domain.booking import desk
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events import lifecycle, needs
from eventsvc.domain.events.lifecycle import MOVES, Move
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event, Series, Status
from eventsvc.domain.events.permits import ensure_may_change
from eventsvc.domain.events.schedule import when_of
from eventsvc.domain.events.series import claim_series, ensure_known, ids_ahead, tag_of_series
from eventsvc.domain.events.words import moved_due_on
from eventsvc.workflows import tell
from eventsvc.workflows.call_off_event import call_off_all
from eventsvc.workflows.confirm_event import record_hosts_yes
from eventsvc.workflows.edit_event import edit_claimed
from eventsvc.workflows.keep_search import claim_events
from eventsvc.workflows.move_event import Destination, move_claimed, tell_moved
from eventsvc.workflows.plan_event import request_quietly, tell_asked
from eventsvc.workflows.publish_event import publish_claimed
from eventsvc.workflows.series_dates import attempt_with, ensure_none_refused
from eventsvc.workflows.skipped_plans import Pivot, edit_skipped, move_skipped, shifted


def move_following(
    event_id: str, to: Destination, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Move an event and those after it in its series: each by as many days and hours on the wall clock as this one.

    Place, people and length become the same for all; events that are over, begun or off stay where they are.
    """
    this, series, events = _claim_following(event_id, expected, actor, now)
    movable = [event for event in events if event.status in lifecycle.MOVABLE]
    _ensure_any(movable, this, say("Neither this event nor one after it can be moved."))
    _lock_resources(movable, to)
    pivot = _pivot(this)
    targets = [(event, replace(to, time=shifted(to.time, pivot.when, when_of(event)))) for event in movable]
    for event, target in targets:  # none may stand in the way of another's new place
        if _gets_another_time(event, target):
            desk.release(event.id)
    moved = ensure_none_refused(
        [
            attempt_with(event, lambda event=event, target=target: move_claimed(event, target, actor=actor, now=now))  # type: ignore[misc]  # mypy reads no defaults of lambdas
            for event, target in targets
        ]
    )
    move_skipped(series, pivot, to)
    _note(series, "move", movable, actor, now)
    tell_moved([one for one in moved if one], now)
    return this


def edit_following(
    event_id: str, edits: Mapping[str, Any], *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Change the words of an event and of those after it. A last day for accommodations keeps its distance to each."""
    this, series, events = _claim_following(event_id, None, actor, now)
    _ensure_any(events, this, say("Neither this event nor one after it lies ahead."))

    if this not in events:
        ensure_met(expected, tag_of(this.version))

    def edit(event: Event) -> Any:
        own = _due_for(edits, this, event)
        return edit_claimed(event, own, expected=expected if event is this else None, actor=actor, now=now)

    told = ensure_none_refused([attempt_with(event, lambda event=event: edit(event)) for event in events])  # type: ignore[misc]  # as above
    series.title = this.title if "title" in edits else series.title
    edit_skipped(series, _pivot(this), edits)
    _note(series, "edit", events, actor, now)
    tell.tell_of_new_place([person for people in told for person in people], now)
    return this


def call_off_following(
    event_id: str, move: Move, *, reason: str = "", expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Cancel, decline, withdraw or postpone an event and those after it whose state allows it."""
    this, series, events = _claim_following(event_id, expected, actor, now)
    _call_off(series, events, this, move, reason, actor, now)
    return this


def call_off_series(
    series_id: str, move: Move, *, reason: str = "", expected: Expected | None = None, actor: Actor, now: datetime
) -> Series:
    """Cancel, decline, withdraw or postpone every event ahead whose state allows it."""
    series, events = _claim_all(series_id, expected, actor, now)
    _call_off(series, events, None, move, reason, actor, now)
    return series


def advance_series(
    series_id: str, verb: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> Series:
    """Request every draft, record the host's yes for, or publish every event ahead whose state allows it."""
    series, events = _claim_all(series_id, expected, actor, now)
    able = [event for event in events if _CAN[verb](event)]
    _ensure_any(able, None, say("No event of this series that lies ahead allows that."))
    _lock_resources(able)
    done = ensure_none_refused(
        [attempt_with(event, lambda event=event: _ADVANCE[verb](event, actor, now)) for event in able]  # type: ignore[misc]  # as above
    )
    _note(series, verb, able, actor, now)
    if verb == "request":
        tell_asked(done, now)
    if verb == "confirm":
        tell.tell_confirmed([event for event, is_last in zip(able, done, strict=True) if is_last], now)
    return series


_CAN: dict[str, Callable[[Event], bool]] = {
    "request": lambda event: event.status is Status.DRAFT,
    "confirm": lambda event: (
        event.status in MOVES[Move.CONFIRM] and not event.awaits_time and event.host_confirmed_at is None
    ),
    "publish": lambda event: event.status in lifecycle.PUBLISHABLE and event.published_at is None,
}
_ADVANCE: dict[str, Callable[[Event, Actor, datetime], Any]] = {
    "request": request_quietly,
    "confirm": record_hosts_yes,
    "publish": publish_claimed,
}


def _claim_all(
    series_id: str, expected: Expected | None, actor: Actor, now: datetime
) -> tuple[Series, Sequence[Event]]:
    ensure_may_plan(actor)
    series = claim_series(series_id)
    ensure_known(series, actor)
    events = _in_time(_claim_events(ids_ahead(series, now), actor))
    ensure_met(expected, tag_of_series(series))
    return series, events


def _claim_events(ids: Sequence[int], actor: Actor) -> Sequence[Event]:
    events = claim_events(ids)
    for event in events:
        ensure_may_change(actor, event)
    return events


def _claim_following(
    event_id: str, expected: Expected | None, actor: Actor, now: datetime
) -> tuple[Event, Series, list[Event]]:
    """This event, its series, and those from this one on that have not begun, by their time."""
    ensure_may_plan(actor)
    known = get_event(event_id)
    ensure_may_change(actor, known)
    if known.series is None:
        raise WrongState(say("This event belongs to no series: nothing follows it."))
    series = claim_series(known.series.public_id)
    ids = ids_ahead(series, now)
    claimed = {event.id: event for event in _claim_events([*ids, known.id], actor)}
    this = claimed[known.id]
    ensure_met(expected, tag_of(this.version))
    ahead = [claimed[event_id] for event_id in ids]
    return this, series, _in_time(event for event in ahead if _key(event) >= _key(this))


def _key(event: Event) -> tuple[datetime, int]:
    return event.starts_at, event.id


def _in_time(events: Any) -> list[Event]:
    return sorted(events, key=_key)


def _ensure_any(events: Sequence[Event], this: Event | None, otherwise: str) -> None:
    if not events:
        status = {"status_of_event": str(this.status)} if this else {}
        raise WrongState(otherwise, **status)


def _lock_resources(events: Sequence[Event], to: Destination | None = None) -> None:
    """What the events have and what they are to have, at once and in id order."""
    wanted = to or Destination()
    needs.claim_all(
        events,
        room_ids=_ids(Room, wanted.rooms or ()),
        expert_ids=_ids(Expert, wanted.experts or ()),
        pool_ids=_ids(Pool, [one.slug for one in wanted.equipment or ()]),
        campus_ids=_ids(Campus, [wanted.campus] if wanted.campus else ()),
    )


def _ids(kind: type[Campus | Room | Expert | Pool], slugs: Sequence[str]) -> Sequence[int]:
    return db.session.scalars(select(kind.id).where(kind.slug.in_(slugs))).all()


def _call_off(
    series: Series,
    events: Sequence[Event],
    this: Event | None,
    move: Move,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    able = [event for event in events if event.status in MOVES[move]]
    _ensure_any(able, this, say("No event of this series that lies ahead allows that."))
    _lock_resources(able)
    _note(series, str(move), able, actor, now)
    call_off_all(able, move, reason=reason, actor=actor, now=now)


def _pivot(this: Event) -> Pivot:
    return Pivot(when_of(this), this.owner.slug)


def _gets_another_time(event: Event, to: Destination) -> bool:
    """Also where the new time is none at all, which will be refused."""
    zone = event.campus.zone if event.campus else event.owner.zone
    try:
        return bool(to.time) and when_of(event).changed(to.time).span(zone) != event.span
    except InvalidInput:
        return True


def _due_for(edits: Mapping[str, Any], this: Event, event: Event) -> dict[str, Any]:
    due_on: date | None = edits.get("accommodations_due_on")
    if due_on is None:
        return dict(edits)
    distance: timedelta = event.starts_on - this.starts_on
    return {**edits, "accommodations_due_on": moved_due_on(due_on, distance)}


def _note(series: Series, verb: str, events: Sequence[Event], actor: Actor, now: datetime) -> None:
    """Raise the version, by which letters of this act are told from others, and write the act down."""
    series.version += 1
    changes: dict[str, audit.Change] = {"events": (None, [str(event.public_id) for event in events])}
    audit.record(verb, "series", series.public_id, actor=actor.name, now=now, changes=changes)
