"""Planning reminders beside an event, and finding those that are due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, insert, select, update

from eventsvc.core.db import Free, anything, db
from eventsvc.domain.events.models import Event
from eventsvc.domain.reminders import replanning
from eventsvc.domain.reminders.models import IS_PLANNED, Reason, Reminder, ReminderState
from eventsvc.domain.reminders.promising import Outlook, outlooks

# Both databases take as many values in one statement, and a statement stays a readable length.
_AT_ONCE = 1000


class _Row(NamedTuple):
    """What is known of a reminder: fifteen thousand of an event are read as they are, not as objects of the session."""

    id: int
    event_id: int
    rule_id: int
    recipient: str
    starts_at: datetime
    due_at: datetime
    state: ReminderState


_Key = tuple[int, str, datetime]
_ROWS = select(*(getattr(Reminder, name) for name in _Row._fields))


def plan(event: Event, now: datetime) -> None:
    """Bring the reminders of an event in line with its state, time, people and rules; doing it again changes nothing.

    Only what is still ahead is planned anew; what was planned and is due earlier now goes out at once. What was posted
    stays posted: the key is (event, rule, recipient, start).

    Locks: the rules, shared (`replanning.hold_rules`); the event is locked by the caller.
    """
    plan_all([event], now)


def plan_all(events: Sequence[Event], now: datetime) -> None:
    """The same for several events, in as many queries, however many people come."""
    db.session.flush()
    replanning.hold_rules()
    known: dict[int, dict[_Key, _Row]] = {event.id: {} for event in events}
    present = _ROWS.join(Event, Event.id == Reminder.event_id).where(Reminder.starts_at == Event.starts_at)
    for found in map(_Row._make, db.session.execute(present.where(Reminder.event_id.in_(known)))):
        known[found.event_id][found.rule_id, found.recipient, found.starts_at] = found
    new: list[dict[str, Any]] = []
    again: dict[datetime, list[int]] = defaultdict(list)
    gone: list[int] = []
    for outlook in outlooks(events).values():
        _compare(outlook, known[outlook.event.id], now, new, again, gone)
    if new:
        db.session.connection().execute(insert(Reminder.__table__), new)  # type: ignore[arg-type]  # a Table
    for due_at, ids in again.items():
        _put(ids, state=ReminderState.PLANNED, due_at=due_at, reason=None, settled_at=None)
    for event in events:
        _drop(Reminder.event_id == event.id, Reminder.starts_at != event.starts_at, now=now)
    _put(gone, state=ReminderState.DROPPED, reason=Reason.NOT_WANTED, settled_at=now)


def _compare(
    outlook: Outlook,
    known: dict[_Key, _Row],
    now: datetime,
    new: list[dict[str, Any]],
    again: dict[datetime, list[int]],
    gone: list[int],
) -> None:
    event, wanted = outlook.event, set()
    for promise in outlook.promises:
        if promise.is_too_late:
            continue
        key = promise.rule.id, promise.reader.recipient, event.starts_at
        wanted.add(key)
        row, is_ahead = known.get(key), promise.due_at > now
        if row is None:
            if is_ahead:
                new.append(
                    {
                        "event_id": event.id,
                        "rule_id": promise.rule.id,
                        "recipient": promise.reader.recipient,
                        "expert_id": promise.reader.expert_id,
                        "starts_at": event.starts_at,
                        "due_at": promise.due_at,
                        "state": ReminderState.PLANNED,
                    }
                )
        elif _is_to_change(row, promise.due_at, is_ahead=is_ahead):
            again[promise.due_at].append(row.id)
    gone += [row.id for key, row in known.items() if row.state is ReminderState.PLANNED and key not in wanted]


def _is_to_change(row: _Row, due_at: datetime, *, is_ahead: bool) -> bool:
    """True for one that is due at another instant now, and for one that was dropped and is wanted again."""
    if row.state is ReminderState.PLANNED:
        return row.due_at != due_at
    return row.state is ReminderState.DROPPED and is_ahead


def _put(ids: Iterable[int], **values: Any) -> None:
    rows = list(ids)
    for first in range(0, len(rows), _AT_ONCE):
        some = Reminder.id.in_(rows[first : first + _AT_ONCE])
        db.session.execute(update(Reminder).where(some).values(values), execution_options=_BESIDE_THE_SESSION)


# Nobody in a story holds reminders in hand while others are planned.
_BESIDE_THE_SESSION = {"synchronize_session": False}


def settle(ids: Iterable[int], state: ReminderState, reason: Reason | None, now: datetime) -> None:
    """Note what became of reminders whose event is locked."""
    _put(ids, state=state, reason=reason, settled_at=now)


def miss_posted(ids: Collection[int], now: datetime) -> None:
    """Note of reminders that were posted that nothing of them could leave before the event began."""
    missed = {"state": ReminderState.MISSED, "reason": Reason.TOO_LATE, "settled_at": now}
    posted = update(Reminder).where(Reminder.id.in_(ids), Reminder.state == ReminderState.POSTED)
    db.session.execute(posted.values(missed), execution_options=_BESIDE_THE_SESSION)


def drop(event: Event, now: datetime) -> None:
    """Forget every reminder of an event that is not going to take place."""
    _drop(Reminder.event_id == event.id, now=now)


def _drop(*which: ColumnElement[bool], now: datetime) -> None:
    gone = {"state": ReminderState.DROPPED, "reason": Reason.NOT_WANTED, "settled_at": now}
    planned = update(Reminder).where(*which, Reminder.state == ReminderState.PLANNED)
    db.session.execute(planned.values(gone), execution_options=_BESIDE_THE_SESSION)


def due_events(now: datetime, *, limit: int, free: Free = anything) -> list[int]:
    """Ids of events of which reminders are due, the longest due first."""
    rows = db.session.scalars(
        select(Reminder.event_id)
        .where(IS_PLANNED, Reminder.due_at <= now, free(Reminder.event_id))
        .order_by(Reminder.due_at, Reminder.id)
        .limit(limit)
    )
    return list(dict.fromkeys(rows))


def due_of(event_ids: Iterable[int], now: datetime) -> list[Reminder]:
    """The reminders of those events that are due, in the order in which they are; the events are locked."""
    query = select(Reminder).where(IS_PLANNED, Reminder.due_at <= now, Reminder.event_id.in_(event_ids))
    query = query.order_by(Reminder.due_at, Reminder.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def next_due_at(free: Free = anything) -> datetime | None:
    """When the next planned reminder is due, or None; of events that are free."""
    planned = select(Reminder.due_at).where(IS_PLANNED, free(Reminder.event_id))
    return db.session.scalar(planned.order_by(Reminder.due_at).limit(1))
