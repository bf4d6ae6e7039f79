"""How delivery stands: what is owed, how long it has waited, what went wrong, what waits for a person.

All of it is read in the database, so that every process, and every one of several web workers, says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox import leasing, pause, post
from eventsvc.domain.outbox.models import IS_OWED, Message, MessageState
from eventsvc.domain.outbox.pause import DeliveryPause
from eventsvc.domain.reminders import tries
from eventsvc.domain.reminders.tries import Try, WorkKind
from eventsvc.domain.webhooks import deliveries
from eventsvc.domain.webhooks.models import WebhookTarget
from eventsvc.workflows import keep_promises
from eventsvc.workflows.keep_outbox import TRIED_AGAIN

ERRORS = 5
LETTERS, WEBHOOKS = "letters", "webhooks"
# What a row of these kinds is the id of; of the others it is the event itself.
_OF_INVITATIONS = (WorkKind.STEP, WorkKind.UNDERSTUDY)


@dataclass(frozen=True, slots=True)
class Work:
    """Something beside letters that waits for a person, and the event that it is about."""

    attempt: Try
    event_id: UUID | None
    title: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many letters wait, and are tried again by themselves, for the same reason."""

    error: str
    letters: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How delivery stands. `oldest_due`: for how long the oldest row that is due has waited; None where none is.

    `newest_errors`: letters that failed or were set aside; `waiting`: why others are tried again by themselves, the
    reason of most letters first; `webhooks_set_aside`: how much of each target.
    """

    counts: dict[str, int]
    oldest_due: timedelta | None
    pause: DeliveryPause | None
    set_aside: Sequence[Work]
    newest_errors: Sequence[Message]
    waiting: Sequence[Waiting]
    webhooks_set_aside: Sequence[tuple[WebhookTarget, int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """The same as numbers alone, for programs that watch: every state and kind is named, 0 where there is none."""

    letters: dict[str, int]
    oldest_due_seconds: dict[str, float]
    set_aside: dict[str, int]
    is_paused: bool


def figures(now: datetime) -> Figures:
    """Numbers of nobody's; whoever may see them is asked at the door."""
    letters = {str(state): 0 for state in MessageState} | post.counts()
    ages = oldest_due_by_kind(now)
    set_aside = {str(kind): 0 for kind in WorkKind} | tries.counts_set_aside()
    return Figures(
        letters,
        {kind: age.total_seconds() if age is not None else 0.0 for kind, age in ages.items()},
        {
            LETTERS: letters[MessageState.SET_ASIDE],
            WEBHOOKS: sum(number for _, number in deliveries.set_aside()),
            **set_aside,
        },
        pause.is_paused(),
    )


def standing(actor: Actor, now: datetime) -> Standing:
    """How delivery stands. Refuses: SignInNeeded, NotAllowed."""
    ensure_may_run(actor)
    newest = select(Message).where(Message.state.in_(TRIED_AGAIN)).order_by(Message.id.desc()).limit(ERRORS)
    return Standing(
        post.counts(),
        oldest_due(now),
        pause.present(),
        _with_events(tries.set_aside()),
        db.session.scalars(newest).all(),
        _waiting(),
        deliveries.set_aside(),
    )


def oldest_due(now: datetime) -> timedelta | None:
    """For how long the oldest row that is due has waited, of whatever kind; None where nothing is due.

    What was set aside waits for a person and not for the scheduler, and is not counted; everything else is.
    """
    ages = oldest_due_by_kind(now).values()
    return max((age for age in ages if age is not None), default=None)


def oldest_due_by_kind(now: datetime) -> dict[str, timedelta | None]:
    """The same for letters, for webhooks and for each kind of other work."""
    firsts = {
        LETTERS: leasing.oldest_due_at(now),
        WEBHOOKS: deliveries.oldest_due_at(now),
        **{str(kind): first for kind, first in keep_promises.next_due_by_kind().items()},
    }
    return {kind: now - first if first is not None and first <= now else None for kind, first in firsts.items()}


def _waiting() -> list[Waiting]:
    """Rests of an error that went away with the next try are not owed any more."""
    query = select(Message.error, func.count(), func.min(Message.created_at)).where(IS_OWED, Message.error != "")
    rows = db.session.execute(query.group_by(Message.error).order_by(func.count().desc()).limit(ERRORS))
    return [Waiting(error, number, since) for error, number, since in rows]


def _with_events(found: Sequence[Try]) -> list[Work]:
    asked = [one.row for one in found if one.kind in _OF_INVITATIONS]
    query = select(Invitation.id, Invitation.event_id).where(Invitation.id.in_(asked))
    of_invitations = dict(db.session.execute(query).all())
    event_ids = [of_invitations.get(one.row) if one.kind in _OF_INVITATIONS else one.row for one in found]
    named = select(Event.id, Event.public_id, Event.title).where(Event.id.in_([one for one in event_ids if one]))
    events = {number: (public_id, title) for number, public_id, title in db.session.execute(named)}
    return [Work(one, *events.get(event_id or 0, (None, ""))) for one, event_id in zip(found, event_ids, strict=True)]
