"""What was promised beforehand is said: every reminder that is due becomes a letter, or it is noted why not.

Several events at a time are looked at in one transaction, under their locks: any number of processes may come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import select

from eventsvc.core.db import Free, db
from eventsvc.core.links import mark_of_reader
from eventsvc.core.times import local_day
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval
from eventsvc.domain.attendance import afterwards, counting
from eventsvc.domain.directory.lending import partner_offices
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking, stepping
from eventsvc.domain.invitations.models import ASKED, Invitation, InvitationState
from eventsvc.domain.mail import threads
from eventsvc.domain.reminders import channels, planning, replanning
from eventsvc.domain.reminders.models import Anchor, Audience, Channel, Condition, Reason, Reminder, ReminderState
from eventsvc.domain.reminders.offsets import begins_at
from eventsvc.domain.reminders.tries import WorkKind
from eventsvc.workflows import announce, letters_after, tell, tell_rooms
from eventsvc.workflows.one_by_one import do_together, never

# Of so many events the reminders are posted in one transaction; for each wanted, so many reminders are looked at.
EVENTS_AT_ONCE, LOOKED_AT = 50, 20
# So many events are planned anew in one transaction, and so many in one tick: letters that are due go on between.
PLANNED_AT_ONCE, PLANNED_IN_A_TICK = 25, 500


def plan_waiting(now: datetime, is_stopping: Callable[[], bool] = never) -> int:
    """Plan anew the events that wait for it, as many as one tick takes; whoever dies leaves the rest waiting."""
    return do_together(
        WorkKind.PLANNING,
        replanning.waiting,
        lambda waiting: _plan_anew(_claim(waiting)),
        now,
        together=PLANNED_AT_ONCE,
        most=PLANNED_IN_A_TICK,
        is_stopping=is_stopping,
    )


def _plan_anew(events: Sequence[Event]) -> None:
    """Plan those of the events, locked, that wait for it: what was ahead when it was asked for is still to be said."""
    by_id = {event.id: event for event in events}
    for event_id, note in replanning.of_events(list(by_id)).items():
        turn, asked_at = note.turn, note.asked_at
        planning.plan(by_id[event_id], asked_at)
        replanning.done(event_id, turn)


def post_due_reminders(now: datetime, is_stopping: Callable[[], bool] = never) -> int:
    """Turn every reminder that is due into what is said, or note why not. Returns how many were looked at."""
    looked_at = 0

    def find(limit: int, free: Free) -> list[int]:
        return planning.due_events(now, limit=limit * LOOKED_AT, free=free)

    def say(event_ids: Sequence[int]) -> None:
        nonlocal looked_at
        looked_at += _post(event_ids, now)

    do_together(WorkKind.REMINDER, find, say, now, together=EVENTS_AT_ONCE, is_stopping=is_stopping)
    return looked_at


def _claim(event_ids: Sequence[int]) -> Sequence[Event]:
    """The events, locked by id, with all they show."""
    locked = select(Event.id).where(Event.id.in_(event_ids)).order_by(Event.id).with_for_update(key_share=True)
    mine = db.session.scalars(locked).all()
    whole = select(Event).where(Event.id.in_(mine)).options(*WHOLE).order_by(Event.id)
    return db.session.scalars(whole.execution_options(populate_existing=True)).all()


@dataclass(frozen=True)
class _Picture:
    """An event as its reminders are looked at: read once, however many there are."""

    event: Event
    now: datetime

    @cached_property
    def invitations(self) -> dict[int, Invitation]:
        """By expert."""
        return {one.expert_id: one for one in asking.of_event(self.event.id)}

    @cached_property
    def named(self) -> list[Invitation]:
        """Of those who are to come."""
        experts = {seat.expert_id for seat in self.event.seats}
        return [one for one in self.invitations.values() if one.expert_id in experts]

    @cached_property
    def silent(self) -> list[str]:
        """Who has not answered."""
        return [one.expert.name for one in self.named if one.state in _SILENT]

    @cached_property
    def unheard(self) -> list[RoomApproval]:
        """Rooms whose offices have not answered."""
        return [row for row in rooms.of_event(self.event.id) if row.state is ApprovalState.REQUESTED]

    @cached_property
    def heads(self) -> int | None:
        """How many came, where that is known."""
        row = counting.told_of(self.event).row
        return row.heads if row else None

    @cached_property
    def lent(self) -> dict[str, tuple[Office, list[Invitation]]]:
        """Who comes, or is still to answer, by the slug of the office that lends them."""
        expected = [one for one in self.named if one.state in _EXPECTED]
        lenders = partner_offices([one.expert for one in expected])
        found: dict[str, tuple[Office, list[Invitation]]] = {}
        for one in expected:
            if (office := lenders.get(one.expert_id)) is not None:
                found.setdefault(office.slug, (office, []))[1].append(one)
        return found


_SILENT = frozenset({InvitationState.AWAITS_RELEASE, InvitationState.PASSED_OVER, *ASKED})
_EXPECTED = frozenset({InvitationState.AWAITS_RELEASE, InvitationState.ACCEPTED, *ASKED})


def _post(event_ids: Sequence[int], now: datetime) -> int:
    """Say what is due for those events; what is said is owed in the order in which it was due."""
    events = {event.id: event for event in _claim(event_ids)}
    _plan_anew(list(events.values()))
    pictures = {event_id: _Picture(event, now) for event_id, event in events.items()}
    due = planning.due_of(list(events), now)
    ends: dict[tuple[ReminderState, Reason | None], list[int]] = defaultdict(list)
    apply: list[Reminder] = []
    for reminder in due:
        why_not = _why_not(reminder, pictures[reminder.event_id])
        if why_not is None:
            apply.append(reminder)
        else:
            state = ReminderState.MISSED if why_not is Reason.TOO_LATE else ReminderState.DROPPED
            ends[state, why_not].append(reminder.id)
    # After a long silence several are due to one reader: the last of them says it all.
    last = {_together(one): one.id for one in apply}
    posted = [one for one in apply if last[_together(one)] == one.id]
    overtaken = [one.id for one in apply if last[_together(one)] != one.id]
    ends[ReminderState.MISSED, Reason.OVERTAKEN] += overtaken
    ends[ReminderState.POSTED, None] += [one.id for one in posted]
    ways = _ways(posted, pictures)
    for event_id, picture in pictures.items():
        _say([one for one in posted if one.event_id == event_id], ways, picture)
    for (state, reason), ids in ends.items():
        planning.settle(ids, state, reason, now)
    return len(due)


def would_be_left_out(event: Event, reminders: Sequence[Reminder], now: datetime) -> dict[int, Reason]:
    """Those of an event's reminders (ids) that would be sent to nobody if they were due now, each with the reason."""
    picture = _Picture(event, now)
    whys = {one.id: _WHY_NOT[one.rule.rule_set.audience](one, picture) for one in reminders}
    return {number: why for number, why in whys.items() if why is not None}


def _together(reminder: Reminder) -> tuple[int, str, datetime, Anchor]:
    return reminder.event_id, reminder.recipient, reminder.starts_at, reminder.rule.anchor


def _why_not(reminder: Reminder, picture: _Picture) -> Reason | None:
    """Why a reminder that is due is not sent, or None."""
    rule, event, now = reminder.rule, picture.event, picture.now
    ends = begins_at(event) if rule.anchor is Anchor.START else afterwards.taken_until(event)
    if now >= ends:
        return Reason.TOO_LATE
    return _WHY_NOT[rule.rule_set.audience](reminder, picture)


def _why_not_host(reminder: Reminder, picture: _Picture) -> Reason | None:
    condition = reminder.rule.condition
    if condition is Condition.NO_COUNT and picture.heads is not None:
        return Reason.COUNTED
    if condition is Condition.UNANSWERED and not picture.silent and not picture.unheard:
        return Reason.ANSWERED
    return None


def _why_not_person(reminder: Reminder, picture: _Picture) -> Reason | None:
    invitation = picture.invitations.get(reminder.expert_id or 0)
    if invitation is None or invitation.state not in (*ASKED, InvitationState.ACCEPTED):
        return Reason.NOT_COMING
    if invitation.state not in ASKED:
        return Reason.ANSWERED if reminder.rule.condition is Condition.UNANSWERED else None
    expert = invitation.expert
    if stepping.was_chased_on(expert, local_day(picture.now, expert.zone)):
        return Reason.ASKED_TODAY  # the same question
    return None


def _why_not_partner(reminder: Reminder, picture: _Picture) -> Reason | None:
    found = picture.lent.get(_office_of(reminder))
    if found is None:
        return Reason.NOT_COMING
    _, people = found
    if reminder.rule.condition is Condition.UNANSWERED and all(one.state not in _SILENT for one in people):
        return Reason.ANSWERED
    # Reminders of people without an address go to the office already.
    return None if any(one.expert.email for one in people) else Reason.TOLD_ALREADY


_WHY_NOT: dict[Audience, Callable[[Reminder, _Picture], Reason | None]] = {
    Audience.HOST: _why_not_host,
    Audience.EXPERT: _why_not_person,
    Audience.PARTNER: _why_not_partner,
}


def _office_of(reminder: Reminder) -> str:
    return reminder.recipient.removeprefix("partner:")


def _say(reminders: Sequence[Reminder], ways: Mapping[int, Channel], picture: _Picture) -> None:
    """Say what is due about one event, each by its way. All reminders leave by this one place."""
    now, people = picture.now, []
    for reminder in reminders:
        rule, way = reminder.rule, ways[reminder.id]
        if way is not Channel.MAIL:
            _announce(reminder, picture)
        if way not in (Channel.MAIL, Channel.BOTH):
            continue
        if rule.rule_set.audience is Audience.EXPERT:
            people.append((reminder, picture.invitations[reminder.expert_id or 0]))
        elif rule.rule_set.audience is Audience.PARTNER:
            tell.remind_partner(reminder, *picture.lent[_office_of(reminder)], now)
        elif rule.condition is Condition.NO_COUNT:
            letters_after.remind_host(picture.event, reminder.id, counting.counted_at_door(picture.event.id), now)
        else:
            tell_rooms.remind_host_of_silence(reminder, picture.silent, picture.unheard, now)
    threads.begin([invitation for _, invitation in people if invitation.expert.email])
    with db.session.no_autoflush:  # the keys are these reminders' own: no letter of them is owed in this transaction
        tell.remind_people(people, now)


def _ways(reminders: Sequence[Reminder], pictures: Mapping[int, _Picture]) -> dict[int, Channel]:
    """By which way each reminder (id) goes out: its reader's own word counts before the rule's."""
    marks = {one.id: mark_of_reader(_address(one, pictures[one.event_id])) for one in reminders}
    chosen = channels.chosen(set(marks.values()))
    by_choice = {one.event_id for one in reminders if marks[one.id] in chosen}
    with_webhook = {number for number in by_choice if announce.has_reminded_system(pictures[number].event)}
    return {
        one.id: channels.in_force(one.rule.channel, chosen.get(marks[one.id]), has_webhook=one.event_id in with_webhook)
        for one in reminders
    }


def _address(reminder: Reminder, picture: _Picture) -> str:
    """Whose choice counts; empty for a person without an address, whose office is written to as the rule says."""
    audience = reminder.rule.rule_set.audience
    if audience is Audience.EXPERT:
        return picture.invitations[reminder.expert_id or 0].expert.email
    return (picture.lent[_office_of(reminder)][0] if audience is Audience.PARTNER else picture.event.owner).mailbox


def _announce(reminder: Reminder, picture: _Picture) -> None:
    """To systems of others, such as a college's text messages."""
    if reminder.rule.rule_set.audience is Audience.EXPERT:
        announce.person_reminded(reminder, picture.invitations[reminder.expert_id or 0], picture.now)
        return
    is_partner = reminder.rule.rule_set.audience is Audience.PARTNER
    office = picture.lent[_office_of(reminder)][0] if is_partner else picture.event.owner
    announce.office_reminded(reminder, office, picture.now)
