"""Mail that came in, as it is read: what waits for somebody, what belongs to an event, how often what came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, defer, joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import say
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Answer, AnswerWord, Invitation
from eventsvc.domain.invitations.reply_models import OnBehalf
from eventsvc.domain.mail.models import MailState, ReceivedMail, Thread

MISSING = say("There is no such mail.")
_OF_THREAD = joinedload(ReceivedMail.thread).joinedload(Thread.invitation)
# The bytes stay where they are: no page shows them.
_WHOLE = (_OF_THREAD.joinedload(Invitation.expert), joinedload(ReceivedMail.settled_by), defer(ReceivedMail.raw))


def get_mail(mail_id: str) -> ReceivedMail:
    """One mail, without its bytes; refuses NotFound."""
    return public_ids.get(select(ReceivedMail).options(*_WHOLE), ReceivedMail.public_id, mail_id, MISSING)


def get_bytes(mail: ReceivedMail) -> bytes | None:
    """A mail as it came in; None once that is forgotten."""
    return db.session.scalar(select(ReceivedMail.raw).where(ReceivedMail.id == mail.id))


def of_events(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Mail about events for which that holds."""
    return _plain(ReceivedMail.event).in_(select(_plain(cast(Event.public_id, String))).where(which))


def _plain(text: ColumnElement[str] | object) -> ColumnElement[str]:
    """An id as both databases have it: one of them keeps ids without dashes."""
    return func.replace(text, "-", "")


def page_for_review(
    which: ColumnElement[bool], *, after: int | None, limit: int
) -> tuple[Sequence[ReceivedMail], int | None]:
    """So much of the mail that waits for somebody, the oldest first, and the key after which the next page begins."""
    waits = ReceivedMail.state == MailState.REVIEW, ReceivedMail.id > (after or 0), which
    query = select(ReceivedMail).where(*waits).order_by(ReceivedMail.id).limit(limit + 1).options(*_WHOLE)
    found = db.session.scalars(query).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def number_for_review(which: ColumnElement[bool]) -> int:
    """How much mail waits for somebody."""
    return (
        db.session.scalar(select(func.count(ReceivedMail.id)).where(ReceivedMail.state == MailState.REVIEW, which)) or 0
    )


def of_event(event: Event) -> Sequence[ReceivedMail]:
    """All mail about an event, in the order in which it came."""
    query = select(ReceivedMail).where(ReceivedMail.event == str(event.public_id)).options(*_WHOLE)
    return db.session.scalars(query.order_by(ReceivedMail.received_at, ReceivedMail.id)).all()


def _took(moment: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    """A mail, its thread and an answer: the answer was taken from the mail, both in one transaction."""
    return and_(Thread.invitation_id == Answer.invitation_id, moment == Answer.at)


def by_mail(answers: Collection[Answer]) -> Mapping[int, ReceivedMail]:
    """By the id of the invitation: with which mail those answers came, by itself or because somebody decided so."""
    if not answers:
        return {}
    query = select(Answer.invitation_id, ReceivedMail).join(Thread, Thread.id == ReceivedMail.thread_id)
    query = query.join(Answer, or_(_took(ReceivedMail.read_at), _took(ReceivedMail.settled_at)))
    query = query.where(Answer.id.in_([one.id for one in answers])).options(defer(ReceivedMail.raw))
    return {row[0]: row[1] for row in db.session.execute(query.order_by(ReceivedMail.id))}


class Came(NamedTuple):
    """How many mails of a family of programs ended so, for that reason; `is_verified` None: nobody said."""

    family: str
    state: MailState
    reason: str
    is_verified: bool | None
    number: int


def counted(which: ColumnElement[bool]) -> list[Came]:
    """How often what came, of events for which that holds."""
    columns = ReceivedMail.family, ReceivedMail.state, ReceivedMail.reason, ReceivedMail.is_verified
    query = select(*columns, func.count()).where(which).group_by(*columns)
    return [Came(*row) for row in db.session.execute(query)]


class Said(NamedTuple):
    """How many answers of that word were taken from mail of that family by itself."""

    family: str
    word: AnswerWord
    number: int


def answers_by_mail(which: ColumnElement[bool]) -> list[Said]:
    """How many answers were taken from mail by itself, of events for which that holds."""
    query = select(ReceivedMail.family, Answer.word, func.count(Answer.id.distinct()))
    query = query.join(Thread, Thread.id == ReceivedMail.thread_id).join(Answer, _took(ReceivedMail.read_at))
    query = query.join(Invitation, Invitation.id == Answer.invitation_id).join(Event, Event.id == Invitation.event_id)
    query = query.where(which).group_by(ReceivedMail.family, Answer.word)
    return [Said(*row) for row in db.session.execute(query)]


def answers_in_all(which: ColumnElement[bool]) -> Mapping[AnswerWord, tuple[int, int]]:
    """How many answers there are of each word, and how many of them an office wrote down."""
    query = select(Answer.word, func.count(Answer.id), func.count(OnBehalf.answer_id))
    query = query.outerjoin(OnBehalf, OnBehalf.answer_id == Answer.id)
    query = query.join(Invitation, Invitation.id == Answer.invitation_id).join(Event, Event.id == Invitation.event_id)
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query.where(which).group_by(Answer.word))}
