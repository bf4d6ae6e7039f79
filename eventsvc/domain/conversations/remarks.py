"""One conversation per event or request: who may write in it, in whose name, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotAllowed, say
from eventsvc.domain.accounts import Actor, Owner, Permission, Role, ensure_somebody, may
from eventsvc.domain.conversations.models import Remark, Subject
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.words import ensure_plain

MAX_WORDS = 4000
_WHOLE = (
    joinedload(Remark.office).joinedload(Office.organization),
    joinedload(Remark.account),
    joinedload(Remark.expert),
)
_MISSING = say("There is no such remark.")


@dataclass(frozen=True, slots=True)
class About:
    """What a conversation is about, whom that concerns, and the offices in whose name one writes, the first first."""

    kind: Subject
    subject: UUID
    concerned: Sequence[Owner]
    offices: Sequence[Office]


def of_subject(subject: UUID) -> Sequence[Remark]:
    """The conversation, the oldest remark first."""
    query = select(Remark).where(Remark.subject == subject).order_by(Remark.id)
    return db.session.scalars(query.options(*_WHOLE)).all()


def page(subject: UUID, *, after: int | None, limit: int) -> tuple[Sequence[Remark], int | None]:
    """So many remarks of a conversation, the oldest first, and the key after which the next page begins."""
    query = select(Remark).where(Remark.subject == subject, Remark.id > (after or 0)).order_by(Remark.id)
    found = db.session.scalars(query.limit(limit + 1).options(*_WHOLE)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def get_of_subject(subject: UUID, remark_id: str) -> Remark:
    """One remark of that conversation; refuses NotFound."""
    query = select(Remark).where(Remark.subject == subject).options(*_WHOLE)
    return public_ids.get(query, Remark.public_id, remark_id, _MISSING)


def may_write(actor: Actor, concerned: Iterable[Owner]) -> bool:
    """True for those who act for an office or an organization that it concerns."""
    return any(may(actor, Permission.WRITE_REMARKS, owner) for owner in concerned)


def ensure_may_write(actor: Actor, concerned: Iterable[Owner]) -> None:
    """Refuses SignInNeeded for strangers, NotAllowed for those who only read."""
    ensure_somebody(actor)
    if not may_write(actor, concerned):
        raise NotAllowed(say("Only those who act for one of the offices concerned write here."))


def speaks_for(actor: Actor, offices: Iterable[Office]) -> Office | None:
    """The first of the offices for which somebody acts by a role of theirs there; None for the administrator."""
    by_role = replace(actor, held=tuple(one for one in actor.held if one.role is not Role.ADMINISTRATOR))
    mine = (one for one in offices if may(by_role, Permission.WRITE_REMARKS, Owner(one.id, one.organization_id)))
    return next(mine, None)


def write(about: About, words: str, *, actor: Actor, now: datetime) -> tuple[Remark, bool]:
    """Add a remark to a conversation that is locked; says whether it is new.

    The same words again, with nothing said in between, are the button pressed twice.

    Refuses: SignInNeeded, NotAllowed, InvalidInput.
    """
    ensure_may_write(actor, about.concerned)
    said = ensure_plain(words, field="words", limit=MAX_WORDS, lines=True)
    if not said:
        raise InvalidInput({"words": say("is empty")})
    office = speaks_for(actor, about.offices)
    remark = Remark(subject_kind=about.kind, subject=about.subject, words=said, at=now, account_id=actor.account_id)
    remark.office_id = office.id if office else None
    return _added(remark)


def write_for(expert: Expert, about: About, words: str, now: datetime) -> tuple[Remark, bool]:
    """The same for what an invited person wrote by mail; its words are plain and not empty. What is too long is cut."""
    said = ensure_plain(words[:MAX_WORDS], field="words", limit=MAX_WORDS, lines=True)
    return _added(Remark(subject_kind=about.kind, subject=about.subject, words=said, at=now, expert_id=expert.id))


def _added(remark: Remark) -> tuple[Remark, bool]:
    query = select(Remark).where(Remark.subject == remark.subject).order_by(Remark.id.desc()).limit(1)
    last = db.session.scalar(query)
    if last is not None and _said(last) == _said(remark):
        return last, False
    db.session.add(remark)
    db.session.flush()
    return remark, True


def _said(remark: Remark) -> tuple[int | None, int | None, str]:
    return remark.account_id, remark.expert_id, remark.words


def offices_in(subject: UUID) -> list[Office]:
    """The offices that have written in a conversation."""
    wrote = select(Remark.office_id).where(Remark.subject == subject)
    query = select(Office).where(Office.id.in_(wrote)).order_by(Office.id)
    return list(db.session.scalars(query.options(joinedload(Office.organization))))
