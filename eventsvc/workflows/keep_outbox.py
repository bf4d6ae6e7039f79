"""The outbox as somebody who runs the service keeps it: what is tried again, what is dropped.

How it stands is `delivery_standing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, WrongState, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.outbox import leasing, post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.outbox.post import Wanted
from eventsvc.domain.reminders import tries
from eventsvc.domain.reminders.tries import Try, WorkKind

# One act changes no more rows than this; the next one goes on.
MOST = 1000
TRIED_AGAIN = (MessageState.FAILED, MessageState.SET_ASIDE)
DROPPED = (MessageState.QUEUED, *TRIED_AGAIN)


def list_letters(
    wanted: Wanted, *, before: int | None, limit: int, actor: Actor
) -> tuple[Sequence[Message], int | None]:
    """Letters, newest first, and the number before which the next page begins, None at the end.

    Refuses: SignInNeeded, NotAllowed.
    """
    ensure_may_run(actor)
    found = post.newest(limit + 1, before=before, wanted=wanted)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def get_letter(message_id: str, *, actor: Actor) -> Message:
    """One letter. Refuses: SignInNeeded, NotAllowed, NotFound."""
    ensure_may_run(actor)
    return post.get_message(message_id)


def retry(wanted: Wanted, *, actor: Actor, now: datetime) -> list[Message]:
    """Let letters that failed or were set aside leave now, with the same Message-ID and bytes; returns them.

    Locks: their rows. Refuses: SignInNeeded, NotAllowed.
    """
    ensure_may_run(actor)
    found = _locked(wanted, TRIED_AGAIN)
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
    found = _locked(wanted, DROPPED)
    for message in found:
        audit.record("drop", "letter", message.public_id, actor=actor.name, now=now)
    post.drop(found)
    return found


def retry_one(message_id: str, *, actor: Actor, now: datetime) -> Message:
    """The same as `retry` for one letter. Refuses NotFound; WrongState where it neither failed nor was set aside."""
    message = get_letter(message_id, actor=actor)
    if not retry(Wanted(ids=(str(message.public_id),)), actor=actor, now=now):
        raise WrongState(say("Only a letter that could not be delivered, or that was set aside, is tried again."))
    return message


def drop_one(message_id: str, *, actor: Actor, now: datetime) -> Message:
    """The same as `drop` for one letter. Refuses NotFound, and WrongState where it is not owed, or is being sent."""
    message = get_letter(message_id, actor=actor)
    if not drop(Wanted(ids=(str(message.public_id),)), actor=actor, now=now):
        raise WrongState(say("This letter is being sent or has its end; it cannot be dropped."))
    return message


def retry_work(*, actor: Actor, now: datetime) -> int:
    """Let everything beside letters that was set aside be tried again; returns how much. Refuses as `retry` does."""
    ensure_may_run(actor)
    number = tries.retry_all()
    if number:
        audit.record("retry", "letter", "work", actor=actor.name, now=now, changes={"set_aside": (number, 0)})
    return number


def retry_one_work(kind: str, row: int, *, actor: Actor, now: datetime) -> Try:
    """The same for one of it. Refuses as `retry` does, and NotFound where no such row waits for a person."""
    ensure_may_run(actor)
    found = tries.find_set_aside(WorkKind(kind), row) if kind in list(WorkKind) else None
    if found is None:
        raise NotFound(say("Nothing of that name is set aside."))
    tries.retry(found)
    audit.record("retry", "letter", f"{kind} {row}", actor=actor.name, now=now, changes={"set_aside": (1, 0)})
    return found


def _locked(wanted: Wanted, states: tuple[MessageState, ...]) -> list[Message]:
    query = select(Message).where(*wanted.conditions(), Message.state.in_(states)).order_by(Message.id).limit(MOST)
    return list(db.session.scalars(query.with_for_update().execution_options(populate_existing=True)))
