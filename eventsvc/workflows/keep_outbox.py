"""The outbox as somebody who runs the service keeps it: how it stands, what is tried again, what is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.outbox import leasing, pause, post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.post import Wanted
from eventsvc.domain.reminders import tries
from eventsvc.domain.reminders.tries import Try
from eventsvc.workflows import keep_promises

# One act changes no more rows than this; the next one goes on.
MOST = 1000
_TRIED_AGAIN = (MessageState.FAILED, MessageState.SET_ASIDE)
_DROPPED = (MessageState.QUEUED, *_TRIED_AGAIN)


@dataclass(frozen=True, slots=True)
class Standing:
    """How delivery stands. `oldest_due`: for how long the oldest row that is due has waited; None where none is."""

    counts: dict[str, int]
    oldest_due: timedelta | None
    is_paused: bool
    set_aside: list[Try]
    newest_errors: list[Message]


def standing(now: datetime, *, errors: int = 5) -> Standing:
    """How delivery stands; for whoever may run the service, and for machines that only read numbers of it."""
    newest = select(Message).where(Message.state.in_(_TRIED_AGAIN)).order_by(Message.id.desc()).limit(errors)
    return Standing(
        post.counts(), oldest_due(now), pause.is_paused(), tries.set_aside(), list(db.session.scalars(newest))
    )


def oldest_due(now: datetime) -> timedelta | None:
    """For how long the oldest row that is due has waited; None where nothing is due.

    Rows that were set aside wait for a person and not for the scheduler. While there are some, what else is due beside
    letters cannot be told from them in a moment, and letters alone count.
    """
    firsts = [leasing.oldest_due_at(now)]
    if not tries.count_set_aside():
        firsts.append(keep_promises.next_due_at())
    due = [first for first in firsts if first is not None and first <= now]
    return now - min(due) if due else None


def retry(wanted: Wanted, *, actor: Actor, now: datetime) -> list[Message]:
    """Let letters that failed or were set aside leave now, with the same Message-ID and bytes; returns them.

    Locks: their rows. Refuses: SignInNeeded, NotAllowed.
    """
    ensure_may_run(actor)
    found = _locked(wanted, _TRIED_AGAIN)
    for message in found:
        leasing.try_again(message, now)
        audit.record("retry", "letter", message.public_id, actor=actor.name, now=now)
    db.session.flush()
    return found


def drop(wanted: Wanted, *, actor: Actor, now: datetime) -> list[Message]:
    """Stop owing letters that wait, failed or were set aside, but none that is being sent; returns them.

    Locks: their rows. Refuses: SignInNeeded, NotAllowed.
    """
    ensure_may_run(actor)
    found = _locked(wanted, _DROPPED)
    for message in found:
        audit.record("drop", "letter", message.public_id, actor=actor.name, now=now)
    post.drop(found)
    return found


def retry_work(*, actor: Actor, now: datetime) -> int:
    """Let everything beside letters that was set aside be tried again; returns how much. Refuses as `retry` does."""
    ensure_may_run(actor)
    number = tries.retry_all()
    if number:
        audit.record("retry", "letter", "work", actor=actor.name, now=now, changes={"set_aside": (number, 0)})
    return number


def _locked(wanted: Wanted, states: tuple[MessageState, ...]) -> list[Message]:
    query = select(Message).where(*wanted.conditions(), Message.state.in_(states)).order_by(Message.id).limit(MOST)
    return list(db.session.scalars(query.with_for_update().execution_options(populate_existing=True)))
