"""After the event: its host says how many came and who spoke; people are thanked, and asked how it was.

The scheduler asks (`do_what_is_due`): each step is one transaction under the event's lock, looks at the row again and
owes its letters under keys of their own, so that any number of processes may come, at any time, and none twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import Free, db
from eventsvc.core.errors import InvalidInput, NotFound, say
from eventsvc.core.versions import Expected, ensure_met
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_somebody, may
from eventsvc.domain.accounts.actors import sees_all
from eventsvc.domain.attendance import afterwards, counting
from eventsvc.domain.attendance.afterwards import Step
from eventsvc.domain.attendance.counting import Count, Told
from eventsvc.domain.attendance.models import Attendance, Feedback, Standing
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import claim_event, claim_to_change, get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import InvitationState
from eventsvc.domain.outbox import post
from eventsvc.domain.reminders.tries import WorkKind
from eventsvc.workflows import letters_after
from eventsvc.workflows.one_by_one import do_each, never

BY_LINK = "host by link"


def do_what_is_due(now: datetime, is_stopping: Callable[[], bool] = never) -> int:
    """Ask, give up or thank, for every event for which that is due; opens its own transactions. Returns how many.

    Outside the working hours of the host's office nothing is sent: it waits for the next opening.
    """
    events: dict[int, str] = {}

    def find(limit: int, free: Free) -> list[int]:
        events.update(found := dict(afterwards.due(now, limit=limit, free=free)))
        return list(found)

    def do(event_id: int) -> None:
        event = claim_event(events[event_id])
        row = counting.told_of(event).row
        if row is not None and row.due_at is not None and row.due_at <= now:
            _step(event, row, now)

    return do_each(WorkKind.AFTERWARDS, find, do, now, is_stopping=is_stopping)


def _step(event: Event, row: Attendance, now: datetime) -> None:
    opens_at = afterwards.open_from(now, event.owner.zone)
    if opens_at > now:
        row.due_at = opens_at
        return
    step = afterwards.next_step(row)
    if step is Step.ASK:
        row.times_asked += 1
        row.due_at = afterwards.after_asking(row, now)
        letters_after.ask_host(event, row.times_asked, counting.counted_at_door(event.id), now)
        return
    if step is Step.GIVE_UP:
        row.standing = Standing.MISSING
        audit.record("give_up_count", "event", event.public_id, actor="scheduler", now=now)
    _thank(event, row, now)


def _thank(event: Event, row: Attendance, now: datetime) -> None:
    """Thank whoever came, with the number where it is known; who came without having been asked to, too."""
    row.due_at, row.thanked_at = None, now
    people = counting.told_of(event).speakers
    people = who_was_to_come(event) if people is None else people
    asked = [(expert, counting.ask_for_feedback(event, expert, now)) for expert in people]
    letters_after.thank(event, asked, row.heads, now)


def who_was_to_come(event: Event) -> list[Expert]:
    """Who was named and has said yes."""
    said_yes = {one.expert_id for one in asking.of_event(event.id) if one.state is InvitationState.ACCEPTED}
    return [expert for expert in event.experts if expert.id in said_yes]


def say_count(
    event_id: str,
    said: Count,
    spoke: Sequence[str] | None,
    *,
    expected: Expected | None = None,
    actor: Actor,
    now: datetime,
) -> Told:
    """Record how many came, as the office in charge says when signed in. `spoke`: slugs; None leaves it open.

    Locks: the event. Refuses: SignInNeeded, NotFound, NotAllowed, Stale, WrongState, InvalidInput.
    """
    event = claim_to_change(event_id, actor)
    ensure_met(expected, counting.told_of(event).tag)
    return _say(event, said, _speakers(event, spoke), actor.name, now)


def say_count_with_names(
    event_id: str, said: Count, spoke: Sequence[str], others: str, *, actor: Actor, now: datetime
) -> Told:
    """The same from a page: who of those named spoke, and who else of the partner, by name."""
    event = claim_to_change(event_id, actor)
    return _say(event, said, _named(event, spoke, others), actor.name, now)


def say_count_by_link(event_id: str, said: Count, spoke: Sequence[str], others: str, *, now: datetime) -> Told:
    """The same by the link of a letter to the host, without an account.

    Locks: the event. Refuses: NotFound, WrongState, InvalidInput.
    """
    event = claim_event(event_id)
    return _say(event, said, _named(event, spoke, others), BY_LINK, now)


def _say(event: Event, said: Count, speakers: list[Expert] | None, by: str, now: datetime) -> Told:
    before = _audited(counting.told_of(event))
    counting.count(event, said, speakers, by=by, now=now)
    counting.ask_for_feedback(event, None, now)
    post.drop_unsent_letters(str(event.public_id), [letters_after.COUNT_WANTED])
    told = counting.told_of(event)
    changes = {name: (before[name], after) for name, after in _audited(told).items() if before[name] != after}
    audit.record("count", "event", event.public_id, actor=by, now=now, changes=changes)
    return told


def _audited(told: Told) -> dict[str, int | None]:
    """Numbers alone: who spoke is a person's affair."""
    numbers = {name: getattr(told.row, name, None) for name in ("heads", *counting.PARTS)}
    return {**numbers, "speakers": None if told.speakers is None else len(told.speakers)}


def _named(event: Event, spoke: Sequence[str], others: str) -> list[Expert] | None:
    """Those ticked and those written; where nobody was named and nobody is written, nothing is said."""
    if not event.experts and not others.strip():
        return None
    known = _speakers(event, spoke) or []
    return list({one.id: one for one in (*known, *counting.somebody_else(event, others))}.values())


def _speakers(event: Event, spoke: Sequence[str] | None) -> list[Expert] | None:
    """The people of those slugs; refuses InvalidInput for who was not named and is of no partner of the event."""
    if spoke is None:
        return None
    partners, known = counting.of_partners(event), {expert.slug: expert for expert in event.experts}
    query = select(Expert).where(Expert.slug.in_(spoke), Expert.organization_id.in_(partners))
    known |= {expert.slug: expert for expert in db.session.scalars(query)}
    for number, slug in enumerate(spoke):
        if slug not in known:
            raise InvalidInput({f"spoke[{number}]": say("is nobody of a partner of this event")})
    return [known[slug] for slug in dict.fromkeys(spoke)]


def attendance_of(event_id: str, *, actor: Actor) -> tuple[Event, Told]:
    """What is known after an event, for those whom it concerns. Refuses: SignInNeeded, NotFound."""
    ensure_somebody(actor)
    event = get_event(event_id)
    if not permits.may_see_work_of(actor, event):
        raise NotFound(say("There is no such event."))
    return event, counting.told_of(event)


def feedback_for(event: Event, actor: Actor) -> list[Feedback]:
    """What host and experts said, for both offices: the one in charge and those who lend the people."""
    return counting.feedback_on(event) if may_read_feedback(event, actor) else []


def may_read_feedback(event: Event, actor: Actor) -> bool:
    """True for the office in charge, and for those of whoever was named or spoke."""
    people = {one.id: one for one in (*event.experts, *(counting.told_of(event).speakers or []))}
    offices = [permits.whose(event), *(Owner(one.office_id, one.organization_id) for one in people.values())]
    return sees_all(actor) or any(may(actor, Permission.SEE_WORK, owner) for owner in offices)


def give_feedback(feedback_id: str, score: int, comment: str, *, now: datetime) -> Feedback:
    """Record what the host or somebody who spoke says, by the link of a letter; saying the same again changes nothing.

    Locks: the event. Refuses: NotFound, InvalidInput.
    """
    event = claim_event(counting.get_feedback(feedback_id).event.public_id)
    asked = counting.get_feedback(feedback_id)
    before = asked.score
    if counting.give_feedback(asked, score, comment, now):
        by = "invited person" if asked.expert_id else BY_LINK
        changes: dict[str, audit.Change] = {"score": (before, score)}
        audit.record("give_feedback", "event", event.public_id, actor=by, now=now, changes=changes)
    return asked
