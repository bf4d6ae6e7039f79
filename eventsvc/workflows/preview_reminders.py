"""Who is reminded of an event, when and in whose zone; and which reminders were missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.core.links import mark_of_reader
from eventsvc.domain.accounts import Actor, ensure_somebody, sight_of
from eventsvc.domain.events import permits
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.reminders import channels, replanning
from eventsvc.domain.reminders.models import Audience, Channel, Reason, Reminder, ReminderState, Rule
from eventsvc.domain.reminders.offsets import Shift
from eventsvc.domain.reminders.promising import Promise, counts, outlooks
from eventsvc.domain.reminders.rule_book import RuleBook
from eventsvc.domain.reminders.saying import SaidRule, as_said
from eventsvc.workflows import announce, keep_reminders, remind
from eventsvc.workflows.keep_reminders import Whose, ensure_sees_work


class Fate(StrEnum):
    """What becomes of a reminder, or became."""

    PLANNED = "planned"
    POSTED = "posted"
    DROPPED = "dropped"
    MISSED = "missed"
    PASSED = "passed"  # its time was over when it could first have been planned
    AFTER_START = "after_start"  # it would come when the event has begun
    WAITS = "waits"  # for the event to be certain, or on again


@dataclass(frozen=True, slots=True)
class Line:
    """One reminder of the present start: who, by which rule, when in `zone`, and what becomes of it.

    `shift`: which way quiet hours move it from `nominal_at`. `reason`: why it was missed or dropped; of a planned one,
    why nobody would get it if it were due now.
    `channel`: the reader's own where they have chosen one. An empty `name`: who was to come and is no longer named.
    """

    audience: Audience
    recipient: str
    name: str
    zone: str
    rule: Rule | SaidRule
    channel: Channel
    nominal_at: datetime | None
    due_at: datetime
    shift: Shift
    fate: Fate
    reason: Reason | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The reminders of an event in the order in which they are due; `for_students` wait until somebody registers.

    `is_being_planned`: rules or zones have changed, and the next tick plans anew.
    """

    event: Event
    lines: list[Line]
    for_students: Sequence[Rule | SaidRule]
    is_being_planned: bool


def preview(event_id: str, *, actor: Actor, now: datetime) -> Preview:
    """What is promised to whom about an event, for those whom it concerns. Refuses: SignInNeeded, NotFound."""
    event = ensure_sees_work(event_id, actor)
    query = select(Reminder).where(Reminder.event_id == event.id, Reminder.starts_at == event.starts_at)
    rows = {(row.rule_id, row.recipient): row for row in db.session.scalars(query.options(joinedload(Reminder.rule)))}
    planned = [row for row in rows.values() if row.state is ReminderState.PLANNED]
    left_out = remind.would_be_left_out(event, planned, now)
    promises = outlooks([event], whatever_state=True)[event.id].promises
    channel_of = _channels(event, promises)
    lines = []
    for promise in promises:
        row = rows.pop((promise.rule.id, promise.reader.recipient), None)
        lines.append(_line(promise, channel_of(promise), row, event, left_out, now))
    lines += [_of_old(row) for row in rows.values() if row.state in (ReminderState.POSTED, ReminderState.MISSED)]
    lines.sort(key=lambda line: (line.due_at, line.audience, line.recipient))
    students = RuleBook([event.id], [event.owner.organization_id]).of(
        Audience.STUDENT, event, event.owner.organization_id
    )
    waits = bool(replanning.of_events([event.id]))
    return Preview(event, lines, list(students.rules) if students else [], waits)


# A rehearsal shows so many events at most, of so many to choose from.
SHOWN_AT_ONCE, MOST_TO_CHOOSE = 3, 20


def next_events(whose: Whose, *, actor: Actor, now: datetime) -> Sequence[Event]:
    """The next events on which rules of that scope would count and that concern somebody, the soonest first.

    Refuses as `keep_reminders.rules_of`.
    """
    if whose.event:
        return [ensure_sees_work(whose.event, actor)]
    is_theirs = keep_reminders.events_of(whose, actor=actor)
    ahead = Event.starts_at > now, Event.status.in_((Status.REQUESTED, Status.CONFIRMED))
    query = select(Event).where(is_theirs, *ahead, permits.concerns(sight_of(actor)))
    return db.session.scalars(query.order_by(Event.starts_at, Event.id).limit(MOST_TO_CHOOSE)).all()


def would_remind(whose: Whose, audience: Audience, *, about: str = "", actor: Actor, now: datetime) -> list[Preview]:
    """Who of that audience is reminded when by the rules as they stand within the running transaction.

    Called after `keep_rules` in a transaction that is rolled back, it says what saving would do: nothing is written,
    and the lines hold no row. Of the event named by `about` (a public id), else of the next few.

    Refuses: as `next_events`; NotFound for an event that does not concern one.
    """
    chosen = [ensure_sees_work(about, actor)] if about else next_events(whose, actor=actor, now=now)[:SHOWN_AT_ONCE]
    found = []
    for event in chosen:
        seen = of_tried(event, actor=actor, now=now)
        mine = [one for one in seen.lines if one.audience is audience]
        found.append(replace(seen, lines=mine, for_students=seen.for_students if audience is Audience.STUDENT else []))
    return found


def of_tried(event: Event, *, actor: Actor, now: datetime) -> Preview:
    """Who is reminded of an event as it stands within the running transaction, which is going to be rolled back.

    Called after `plan_event` it says what planning would do; the lines hold no row. Refuses as `preview`.
    """
    seen = preview(str(event.public_id), actor=actor, now=now)
    lines = [replace(one, rule=_said(one.rule)) for one in seen.lines]
    return Preview(event, lines, [_said(one) for one in seen.for_students], is_being_planned=False)


@dataclass(frozen=True, slots=True)
class TriedDate:
    """A date of a series that is only tried; `not_shown`: how many of its reminders are not in its preview."""

    preview: Preview
    not_shown: int


# So many reminders of a whole series are shown before it is planned: its first dates say what all are like.
MOST_LINES = 60


def of_tried_dates(events: Sequence[Event], *, actor: Actor, now: datetime) -> list[TriedDate]:
    """The same for the dates of a series: the first reminders in the order of the dates, and how many the rest are.

    Refuses: as `preview`.
    """
    found, left = [], MOST_LINES
    promised = outlooks(events, whatever_state=True)
    for event in events:
        shown = Preview(event, [], [], is_being_planned=False)
        if left > 0:
            shown = of_tried(event, actor=actor, now=now)
            shown = replace(shown, lines=shown.lines[:left])
        left -= len(shown.lines)
        found.append(TriedDate(shown, len(promised[event.id].promises) - len(shown.lines)))
    return found


def _said(rule: Rule | SaidRule) -> SaidRule:
    return as_said(rule) if isinstance(rule, Rule) else rule


def _channels(event: Event, promises: Sequence[Promise]) -> Callable[[Promise], Channel]:
    """By which way each goes out: as its reader has chosen, else as the rule says."""
    marks = {one.reader.recipient: mark_of_reader(one.reader.address) for one in promises}
    chosen = channels.chosen(set(marks.values()))
    has_webhook = bool(chosen) and announce.has_reminded_system(event)

    def channel_of(promise: Promise) -> Channel:
        wanted = chosen.get(marks[promise.reader.recipient])
        return channels.in_force(promise.rule.channel, wanted, has_webhook=has_webhook)

    return channel_of


def _line(
    promise: Promise,
    channel: Channel,
    row: Reminder | None,
    event: Event,
    left_out: dict[int, Reason],
    now: datetime,
) -> Line:
    fate, reason, settled_at = _fate(promise, event, now), None, None
    if row is not None and (row.state is not ReminderState.DROPPED or row.reason is not Reason.NOT_WANTED):
        fate, settled_at = Fate(row.state), row.settled_at
        reason = row.reason or left_out.get(row.id)
    reader = promise.reader
    return Line(
        reader.audience,
        reader.recipient,
        reader.name,
        reader.zone,
        promise.rule,
        channel,
        promise.nominal_at,
        row.due_at if row is not None and fate is not Fate.PLANNED else promise.due_at,
        promise.shift,
        fate,
        reason,
        settled_at,
    )


def _fate(promise: Promise, event: Event, now: datetime) -> Fate:
    """What becomes of one that is not planned."""
    if promise.is_too_late:
        return Fate.AFTER_START
    if promise.due_at <= now:
        return Fate.PASSED
    return Fate.WAITS if not counts(promise.rule, promise.reader.audience, event) else Fate.PLANNED


def _of_old(row: Reminder) -> Line:
    """What was said or missed by a rule that is no more, or to somebody who is no longer named."""
    audience, zone = row.rule.rule_set.audience, row.expert.zone if row.expert else row.event.zone
    name, fate = row.expert.name if row.expert else "", Fate(row.state)
    of_rule = row.rule, row.rule.channel
    return Line(audience, row.recipient, name, zone, *of_rule, None, row.due_at, "", fate, row.reason, row.settled_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedReminders:
    """Which reminders a list shows."""

    state: ReminderState = ReminderState.MISSED
    event: str = ""


def list_reminders(
    wanted: WantedReminders, *, after: tuple[datetime, int] | None, limit: int, actor: Actor
) -> tuple[Sequence[Reminder], tuple[datetime, int] | None]:
    """A page of reminders about events that concern one, the latest due first, and the key to continue after.

    Refuses: SignInNeeded.
    """
    ensure_somebody(actor)
    key = Reminder.due_at, Reminder.id
    query = select(Reminder).join(Event, Event.id == Reminder.event_id)
    query = query.where(permits.concerns(sight_of(actor)), Reminder.state == wanted.state)
    if wanted.event:
        query = query.where(Event.public_id == ensure_sees_work(wanted.event, actor).public_id)
    if after is not None:
        query = query.where(tuple_(*key) < after)
    query = query.options(joinedload(Reminder.event), joinedload(Reminder.rule), joinedload(Reminder.expert))
    found = db.session.scalars(query.order_by(Reminder.due_at.desc(), Reminder.id.desc()).limit(limit + 1)).all()
    more = (found[limit - 1].due_at, found[limit - 1].id) if len(found) > limit else None
    return found[:limit], more
