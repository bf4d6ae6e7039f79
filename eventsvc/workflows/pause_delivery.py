"""Pause delivery, see what would leave when it goes on, stop owing some of it, and let it go on.

After a restore the database knows nothing of what left after the backup was taken: those letters stand there as owed,
and somebody who has seen them decides about each, or about all that were due before an instant.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.core.times import iso
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.events.lookup import lock_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox import pause, post
from eventsvc.domain.outbox.models import IS_OWED, Message
from eventsvc.domain.outbox.pause import DeliveryPause, PauseReason
from eventsvc.domain.reminders import planning
from eventsvc.domain.reminders.models import IS_PLANNED, Reason, Reminder, ReminderState

MOST = 200
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Owed:
    """What would leave at once: letters, and reminders of which none is written yet; the longest due first.

    `letters` and `reminders` are the first of them, `letters_in_all` and `reminders_in_all` how many there are.
    """

    pause: DeliveryPause | None
    letters: Sequence[Message]
    letters_in_all: int
    reminders: Sequence[Reminder]
    reminders_in_all: int

    def may_have_left(self, due_at: datetime) -> bool:
        """True where it may have left already, after the backup was taken out of which the database came."""
        stands = self.pause
        return stands is not None and stands.reason is PauseReason.RESTORED and due_at <= stands.since


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many are owed no longer."""

    letters: int
    reminders: int


def owed(actor: Actor, now: datetime, *, most: int = MOST) -> Owed:
    """What would leave at once. Refuses: SignInNeeded, NotAllowed."""
    ensure_may_run(actor)
    # In a backup's state some were being sent at that moment: those are owed, too.
    letters = (IS_OWED, Message.next_attempt_at <= now)
    reminders = (IS_PLANNED, Reminder.due_at <= now)
    return Owed(
        pause.present(),
        db.session.scalars(
            select(Message).where(*letters).order_by(Message.next_attempt_at, Message.id).limit(most)
        ).all(),
        db.session.scalar(select(func.count(Message.id)).where(*letters)) or 0,
        db.session.scalars(
            select(Reminder)
            .where(*reminders)
            .options(joinedload(Reminder.event).joinedload(Event.campus), joinedload(Reminder.expert))
            .order_by(Reminder.due_at, Reminder.id)
            .limit(most)
        ).all(),
        db.session.scalar(select(func.count(Reminder.id)).where(*reminders)) or 0,
    )


def begin(actor: Actor, now: datetime) -> None:
    """Let nothing leave until `resume`; again is nothing. Refuses: SignInNeeded, NotAllowed."""
    ensure_may_run(actor)
    if not pause.is_paused():
        pause.begin(PauseReason.BY_HAND, by=actor.name, now=now)
        audit.record("pause", "delivery", "letters", actor=actor.name, now=now)


def drop_letters(ids: Collection[str], actor: Actor, now: datetime) -> Dropped:
    """Stop owing letters, one by one; those that are owed no longer stay as they are.

    Locks: the letters. Refuses: SignInNeeded, NotAllowed, WrongState while delivery is not paused, NotFound.
    """
    _ensure_may_drop(actor)
    keys = [public_ids.get(select(Message), Message.public_id, one, say("There is no such letter.")).id for one in ids]
    return _record(Dropped(_drop(Message.id.in_(keys)), 0), None, actor, now)


def drop_due_before(instant: datetime, actor: Actor, now: datetime) -> Dropped:
    """Stop owing all letters and reminders that were due before an instant, which must not lie ahead.

    Locks: the events of the reminders, then the letters.
    Refuses: SignInNeeded, NotAllowed, WrongState while delivery is not paused, InvalidInput.
    """
    _ensure_may_drop(actor)
    if instant > now:
        raise InvalidInput({"before": say("lies ahead: only what is due already can be dropped")})
    reminders = 0
    while events := db.session.scalars(
        select(Reminder.event_id)
        .where(IS_PLANNED, Reminder.due_at < instant)
        .distinct()
        .order_by(Reminder.event_id)
        .limit(AT_ONCE)
    ).all():
        for key in events:
            lock_event(key)
        late = [one.id for one in planning.due_of(events, now) if one.due_at < instant]
        planning.settle(late, ReminderState.DROPPED, Reason.NOT_WANTED, now)
        reminders += len(late)
    return _record(Dropped(_drop(Message.next_attempt_at < instant), reminders), instant, actor, now)


def resume(actor: Actor, now: datetime) -> None:
    """Let letters leave again, all that are still owed.

    Refuses: SignInNeeded, NotAllowed, WrongState while delivery is not paused.
    """
    ensure_may_run(actor)
    stood = pause.end()
    if stood is None:
        raise WrongState(say("Delivery is not paused."))
    changes = {"paused_since": (iso(stood.since), None), "paused_because": (str(stood.reason), None)}
    if stood.taken_at is not None:
        changes["backup_taken_at"] = (iso(stood.taken_at), None)
    audit.record("resume", "delivery", "letters", actor=actor.name, now=now, changes=changes)


def _ensure_may_drop(actor: Actor) -> None:
    ensure_may_run(actor)
    if not pause.is_paused():
        raise WrongState(say("Delivery is not paused."))


def _drop(which: ColumnElement[bool]) -> int:
    dropped = 0
    while found := db.session.scalars(
        select(Message).where(IS_OWED, which).order_by(Message.id).limit(AT_ONCE).with_for_update()
    ).all():
        post.drop(found)
        dropped += len(found)
    return dropped


def _record(dropped: Dropped, before: datetime | None, actor: Actor, now: datetime) -> Dropped:
    changes: dict[str, audit.Change] = {
        "letters": (dropped.letters, 0),
        "reminders": (dropped.reminders, 0),
        **({"due_before": (None, iso(before))} if before else {}),
    }
    if dropped.letters or dropped.reminders:
        audit.record("drop", "delivery", "letters", actor=actor.name, now=now, changes=changes)
    return dropped
