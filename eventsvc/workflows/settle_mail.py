"""What somebody of the office decides about a mail that the calendar did not act upon by itself; once for each mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_somebody, may_run
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import claim_to_change, get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.workflows import converse
from eventsvc.workflows.answer_on_behalf import answer_on_behalf
from eventsvc.workflows.confirm_event import BY_MAIL

_MISSING = say("There is no such mail.")


def apply_as(
    mail_id: str, word: AnswerWord, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> ReceivedMail:
    """Take a mail as that answer for the event's present time; the person gets a letter that says so.

    Locks:   the event, then the mail.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale, and as `answer_on_behalf`; WrongState for a mail that was
             settled, or that belongs to nobody's invitation.
    """

    def answer(row: ReceivedMail, event: Event | None) -> None:
        if event is None or row.thread is None:
            raise WrongState(say("This mail belongs to nobody’s invitation, so it cannot be taken as an answer."))
        expert, reason = row.thread.invitation.expert.slug, row.facts.get("comment", "")
        answer_on_behalf(str(event.public_id), expert, word, reason=reason, expected=expected, actor=actor, now=now)

    return _settled(mail_id, str(word), answer, expected=expected, actor=actor, now=now)


def put_into_conversation(
    mail_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> ReceivedMail:
    """Put the words of a mail into the conversation of its event: as the invited person's where they wrote it.

    Else they are quoted by whoever puts them there, with the address they came from.

    Locks:   the event, then the mail.
    Refuses: SignInNeeded, NotFound, NotAllowed, Stale; WrongState for a mail that was settled, has no words or belongs
             to no event.
    """

    def write(row: ReceivedMail, event: Event | None) -> None:
        words = row.facts.get("words") or row.facts.get("comment", "")
        if event is None or not words:
            raise WrongState(say("This mail has no words, or belongs to no event."))
        invitation = row.thread.invitation if row.thread is not None else None
        if invitation is not None and invitation.expert.email.lower() == row.from_address:
            converse.note_words_of(invitation, words, by=BY_MAIL.name, now=now)
        else:
            quoted = f"{row.from_address}:\n{words}"[: converse.MOST_WORDS]
            converse.write_about_event(str(event.public_id), quoted, actor=actor, now=now)

    return _settled(mail_id, "conversation", write, expected=expected, actor=actor, now=now)


def dismiss(mail_id: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> ReceivedMail:
    """Leave a mail at that. Locks and refuses as the others."""
    return _settled(mail_id, "dismissed", lambda row, event: None, expected=expected, actor=actor, now=now)


def get_mail(mail_id: str, actor: Actor) -> ReceivedMail:
    """A mail that the actor may decide about; refuses SignInNeeded, NotFound, NotAllowed."""
    ensure_somebody(actor)
    row = public_ids.get(select(ReceivedMail), ReceivedMail.public_id, mail_id, _MISSING)
    if row.event:
        permits.ensure_may_change(actor, get_event(row.event))
    elif not may_run(actor):
        raise NotFound(_MISSING)
    return row


def _settled(
    mail_id: str,
    resolution: str,
    act: Callable[[ReceivedMail, Event | None], None],
    *,
    expected: Expected | None,
    actor: Actor,
    now: datetime,
) -> ReceivedMail:
    known = get_mail(mail_id, actor)
    event = claim_to_change(known.event, actor, expected) if known.event else None
    query = select(ReceivedMail).where(ReceivedMail.id == known.id).with_for_update()
    row = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if row.state is not MailState.REVIEW:
        raise WrongState(say("Somebody has decided about this mail already."), state_of_mail=str(row.state))
    act(row, event)
    row.state, row.resolution = MailState.SETTLED, resolution
    row.settled_at, row.settled_by_id = now, actor.account_id
    changes: dict[str, audit.Change] = {"resolution": (None, resolution)}
    audit.record("settle_mail", "mail", row.public_id, actor=actor.name, now=now, changes=changes)
    return row
