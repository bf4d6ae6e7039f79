"""Mail as people see it: what waits for a decision, one mail, what went and came about an event, and by which programs.

Nothing is changed here; deciding is `settle_mail`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, select, true

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.domain.accounts import Actor, Permission, ensure_may, ensure_may_plan, ensure_somebody, may_run
from eventsvc.domain.accounts.actors import reports_of
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events import permits
from eventsvc.domain.events.lookup import by_public_ids, get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord, Invitation
from eventsvc.domain.mail import lookup
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.outbox.models import Message, MessageState


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail and what it is about; `may_settle`: the asker decides what becomes of it."""

    mail: ReceivedMail
    event: Event | None
    may_settle: bool

    @property
    def expert(self) -> Expert | None:
        """Whose thread it came by."""
        return self.mail.thread.invitation.expert if self.mail.thread else None


def mails_for_review(
    actor: Actor, *, after: int | None, limit: int, event_id: str = ""
) -> tuple[Sequence[Shown], int | None]:
    """A page of what waits for a decision, the oldest first: about events that one changes, or about that one of them;
    mail of no event is the administrators'.

    Refuses: SignInNeeded; NotAllowed for those who plan nothing; NotFound for an event that one may not see.
    """
    ensure_may_plan(actor)
    which = _for_review_by(actor)
    if event_id:
        event = get_event(event_id)
        permits.ensure_may_change(actor, event)
        which = ReceivedMail.event == str(event.public_id)
    found, following = lookup.page_for_review(which, after=after, limit=limit)
    events = _events_of(found)
    return [Shown(one, events.get(one.event), True) for one in found], following


def number_for_review(actor: Actor, *, office_ids: Collection[int] = ()) -> int:
    """How many mails wait for a decision of theirs; with offices: about events of these alone."""
    which = lookup.of_events(Event.owner_id.in_(office_ids)) if office_ids else _for_review_by(actor)
    return lookup.number_for_review(which)


def _for_review_by(actor: Actor) -> ColumnElement[bool]:
    return true() if may_run(actor) else lookup.of_events(permits.is_changed_by(actor))


def show_mail(mail_id: str, actor: Actor) -> Shown:
    """One mail, for those whom its event concerns; of no event: for administrators.

    Refuses: SignInNeeded, NotFound.
    """
    ensure_somebody(actor)
    mail = lookup.get_mail(mail_id)
    event = _events_of([mail]).get(mail.event)
    if not (may_run(actor) or (event is not None and permits.may_see_work_of(actor, event))):
        raise NotFound(lookup.MISSING)
    return Shown(mail, event, may_settle(mail, event, actor))


def may_settle(mail: ReceivedMail, event: Event | None, actor: Actor) -> bool:
    """True for who may change the event it is about; of no event: for administrators."""
    return may_run(actor) if event is None else permits.may_change(actor, event)


def bytes_of(mail_id: str, actor: Actor) -> bytes:
    """A mail as it came in (RFC 5322), for who decides about it.

    Refuses: SignInNeeded; NotFound for others, and once the mail is forgotten.
    """
    shown = show_mail(mail_id, actor)
    raw = lookup.get_bytes(shown.mail) if shown.may_settle else None
    if raw is None:
        raise NotFound(say("This mail is not kept any more, or not for you to take out."))
    return raw


def _events_of(mails: Sequence[ReceivedMail]) -> dict[str, Event]:
    named = {one.event for one in mails if one.event}
    return {str(one.public_id): one for one in by_public_ids(named)}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that went to a person, or came: a letter of ours or a mail, and when."""

    at: datetime
    letter: Message | None = None
    mail: ReceivedMail | None = None


@dataclass(frozen=True, slots=True)
class LogOfPerson:
    """The mail with one invited person, the oldest first; None: mail about the event that is nobody's."""

    invitation: Invitation | None
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class MailLog:
    """The mail about one event, by person in the order in which they were asked."""

    event: Event
    people: Sequence[LogOfPerson]
    may_settle: bool


def mail_log(event_id: str, actor: Actor) -> MailLog:
    """What went to the invited people of an event, and what came from them.

    Refuses: SignInNeeded; NotFound for whom the event does not concern.
    """
    ensure_somebody(actor)
    event = get_event(event_id)
    if not (permits.may_see_work_of(actor, event) or may_run(actor)):
        raise NotFound(say("There is no such event."))
    invitations = asking.of_event(event.id)
    lines: dict[int | None, list[Line]] = {one.id: [] for one in invitations} | {None: []}
    by_public_id = {str(one.public_id): one.id for one in invitations}
    for letter in _letters_about(event):
        for asked in invited_in(letter) & by_public_id.keys():
            lines[by_public_id[asked]].append(Line(letter.sent_at or letter.created_at, letter=letter))
    for mail in lookup.of_event(event):
        whose = mail.thread.invitation_id if mail.thread else None
        lines[whose if whose in lines else None].append(Line(mail.received_at, mail=mail))
    people = [LogOfPerson(one, _in_time(lines[one.id])) for one in sorted(invitations, key=_asked)]
    nobodys = [LogOfPerson(None, _in_time(lines[None]))] if lines[None] else []
    return MailLog(event, [*people, *nobodys], permits.may_change(actor, event))


def _in_time(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.at)


def _asked(invitation: Invitation) -> tuple[datetime, int]:
    return invitation.asked_at, invitation.id


def _letters_about(event: Event) -> Sequence[Message]:
    """Letters about it alone, and those about several dates of its series."""
    about = [str(event.public_id), *([str(event.series.public_id)] if event.series else [])]
    return db.session.scalars(select(Message).where(Message.event.in_(about)).order_by(Message.id)).all()


def invited_in(letter: Message) -> set[str]:
    """Which invitations a letter is about (public ids): one, or several dates' in a joint letter."""
    dates = letter.facts.get("dates") or []
    return {str(one["invitation"]) for one in (letter.facts, *dates) if one.get("invitation")}


def undelivered_to(invitations: Collection[Invitation]) -> dict[int, Message]:
    """By the id of the invitation: the newest letter about it, where that could not be delivered."""
    events = {one.event_id: one.event for one in invitations}
    asked = {str(one.public_id): one.id for one in invitations}
    newest: dict[int, Message] = {}
    for event in events.values():
        for letter in _letters_about(event):
            if letter.state in _LEFT:
                newest |= {asked[one]: letter for one in invited_in(letter) & asked.keys()}
    return {number: letter for number, letter in newest.items() if letter.state is MessageState.FAILED}


# What did leave, or will never: letters that wait say nothing of whether the person is reached.
_LEFT = frozenset({MessageState.SENT, MessageState.FAILED})


@dataclass(slots=True)
class OfFamily:
    """What came from one family of mail programs: mails in all, those our server vouches for, and how they ended."""

    family: str
    mails: int = 0
    verified: int = 0
    states: Counter[MailState] = field(default_factory=Counter)
    reasons: Counter[tuple[MailState, str]] = field(default_factory=Counter)
    words: Counter[AnswerWord] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Ways:
    """How many answers of one word came by mail, by the link in a letter, and by an office that wrote them down.

    What somebody decided about a mail that could not be taken is written down by an office, too.
    """

    by_mail: int
    by_link: int
    on_behalf: int


@dataclass(frozen=True, slots=True)
class Clients:
    """Counted mail and answers: by family, the one with most mails first, and by way."""

    families: Sequence[OfFamily]
    ways: dict[AnswerWord, Ways]


def clients(actor: Actor) -> Clients:
    """From which mail programs answers come, and what became of them: of events whose reports one reads.

    Refuses: SignInNeeded, NotAllowed.
    """
    ensure_may(actor, Permission.READ_REPORTS)
    sight = reports_of(actor)
    which = permits.is_owned_within(sight)
    families: dict[str, OfFamily] = {}
    for came in lookup.counted(true() if sight.is_whole else lookup.of_events(which)):
        one = families.setdefault(came.family, OfFamily(came.family))
        one.mails += came.number
        one.verified += came.number if came.is_verified else 0
        one.states[came.state] += came.number
        one.reasons[came.state, came.reason] += came.number
    mailed: Counter[AnswerWord] = Counter()
    for said in lookup.answers_by_mail(which):
        families.setdefault(said.family, OfFamily(said.family)).words[said.word] += said.number
        mailed[said.word] += said.number
    in_all = lookup.answers_in_all(which)
    ways = {word: _ways(mailed[word], *in_all.get(word, (0, 0))) for word in AnswerWord}
    return Clients(sorted(families.values(), key=lambda one: (-one.mails, one.family)), ways)


def _ways(mailed: int, number: int, on_behalf: int) -> Ways:
    return Ways(mailed, number - mailed - on_behalf, on_behalf)
