"""Planning reminders beside an event, and finding those that are due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.reminders.models import IS_PLANNED, Audience, Reminder, ReminderState, Rule

# Offices are reminded of open answers from the request on; experts of their duty once it is certain.
_AUDIENCES = {
    Status.REQUESTED: (Audience.OFFICE,),
    Status.CONFIRMED: (Audience.OFFICE, Audience.EXPERT),
    Status.POSTPONED: (Audience.OFFICE,),
}


def plan(event: Event, now: datetime) -> None:
    """Bring the reminders of an event in line with its state, time and people; doing it again changes nothing.

    Only what is still ahead is planned. What was posted stays posted: the key is (event, rule, recipient, start).
    """
    plan_all([event], now)


def plan_all(events: Sequence[Event], now: datetime) -> None:
    """The same for several events, in as many queries."""
    rules = db.session.scalars(select(Rule).order_by(Rule.id)).all()
    known: dict[int, dict[_Key, Reminder]] = {event.id: {} for event in events}
    for row in db.session.scalars(select(Reminder).where(Reminder.event_id.in_(known))):
        known[row.event_id][row.rule_id, row.recipient, row.starts_at] = row
    for event in events:
        _plan(event, rules, known[event.id], now)
    db.session.flush()


_Key = tuple[int, str, datetime]


def _plan(event: Event, rules: Sequence[Rule], known: dict[_Key, Reminder], now: datetime) -> None:
    wanted = set()
    for rule, recipient, expert in _due_by_rules(event, rules):
        key = (rule.id, recipient, event.starts_at)
        due_at = event.starts_at - timedelta(minutes=rule.minutes_before)
        wanted.add(key)
        row = known.get(key)
        if due_at <= now:
            continue
        if row is None:
            db.session.add(
                Reminder(
                    event_id=event.id,
                    rule_id=rule.id,
                    recipient=recipient,
                    expert_id=expert.id if expert else None,
                    starts_at=event.starts_at,
                    due_at=due_at,
                    state=ReminderState.PLANNED,
                )
            )
        elif row.state is ReminderState.DROPPED:
            row.state = ReminderState.PLANNED
    for key, row in known.items():
        if row.state is ReminderState.PLANNED and key not in wanted:
            row.state = ReminderState.DROPPED


def drop(event: Event) -> None:
    """Forget every reminder of an event that is not going to take place."""
    db.session.execute(
        update(Reminder)
        .where(Reminder.event_id == event.id, Reminder.state == ReminderState.PLANNED)
        .values(state=ReminderState.DROPPED)
    )


def _due_by_rules(event: Event, all_rules: Sequence[Rule]) -> Iterator[tuple[Rule, str, Expert | None]]:
    rules = [rule for rule in all_rules if rule.event_kind in (event.kind, None)]
    for audience in _AUDIENCES.get(event.status, ()):
        mine = [rule for rule in rules if rule.audience is audience and rule.event_kind is not None] or [
            rule for rule in rules if rule.audience is audience
        ]
        for rule in mine:
            if audience is Audience.OFFICE:
                yield rule, "office", None
            else:
                yield from ((rule, f"expert:{expert.slug}", expert) for expert in event.experts)


def due(now: datetime, *, limit: int) -> list[tuple[int, str]]:
    """Ids of reminders that are due, oldest first, each with the public id of its event."""
    rows = db.session.execute(
        select(Reminder.id, Event.public_id)
        .join(Event, Event.id == Reminder.event_id)
        .where(IS_PLANNED, Reminder.due_at <= now)
        .order_by(Reminder.due_at, Reminder.id)
        .limit(limit)
    )
    return [(row_id, str(public_id)) for row_id, public_id in rows]


def is_overtaken(reminder: Reminder, now: datetime) -> bool:
    """True when a later reminder to the same person for the same start is due as well: one letter is enough."""
    later = select(Reminder.id).where(
        Reminder.event_id == reminder.event_id,
        Reminder.recipient == reminder.recipient,
        Reminder.starts_at == reminder.starts_at,
        Reminder.due_at > reminder.due_at,
        Reminder.due_at <= now,
        IS_PLANNED,
    )
    return db.session.scalar(later.limit(1)) is not None


def next_due_at() -> datetime | None:
    """When the next planned reminder is due, or None."""
    return db.session.scalar(select(Reminder.due_at).where(IS_PLANNED).order_by(Reminder.due_at).limit(1))
