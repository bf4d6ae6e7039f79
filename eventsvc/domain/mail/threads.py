"""The thread with an invited person: its address, and the revisions that calendars were told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from eventsvc.core.addresses import is_written_so
from eventsvc.core.db import db, transaction
from eventsvc.core.links import Links
from eventsvc.core.tokens import digest
from eventsvc.domain.accounts.places import Place
from eventsvc.domain.events.coordinators import EventCoordinator
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.mail.models import Thread
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message


def of_invitation(invitation: Invitation) -> Thread:
    """The thread with an invited person, begun where there is none. The event is locked."""
    thread = db.session.scalar(select(Thread).where(Thread.invitation_id == invitation.id))
    if thread is None:
        thread = Thread(invitation=invitation)
        db.session.add(thread)
        db.session.flush()
    return thread


def begin(invitations: Collection[Invitation]) -> None:
    """Begin the threads with those invited people with whom there is none, in two statements. The events are locked."""
    ids = [invitation.id for invitation in invitations]
    known = set(db.session.scalars(select(Thread.invitation_id).where(Thread.invitation_id.in_(ids))))
    db.session.add_all([Thread(invitation=invitation) for invitation in invitations if invitation.id not in known])
    db.session.flush()


def next_sequence(thread: Thread, *, asks: bool) -> int:
    """The SEQUENCE of one more calendar part: higher than any before, and not below the event's (RFC 5546 2.1.4).

    `asks` is said of a part that asks for a new time: answers to parts before it no longer count.
    """
    thread.sequence = max(thread.sequence + 1, thread.invitation.event.sequence)
    if asks:
        thread.asked_sequence = thread.sequence
    return thread.sequence


def facts_of(thread: Thread) -> dict[str, Any]:
    """What a letter says of its thread; `name_addresses` adds where answers go, when the letter leaves."""
    return {"id": thread.id, "turn": thread.turn}


def name_addresses(links: Links, messages: Sequence[Message]) -> None:
    """Say in letters that are about to leave where answers to them go, and know those addresses from then on.

    The first letter of a thread decides, for the life of the UID: our own mailbox where mail comes in, else that of
    the office that sends; empty where there is neither.

    Locks: the threads by id, in a transaction of their own. Who changes an event locks threads before letters, so this
           comes when the claim has committed; a letter that is claimed is nobody else's to lock.
    """
    wanting = [one for one in messages if "mailbox" not in (one.facts.get("thread") or {"mailbox": ""})]
    if not wanting:
        return
    with transaction():
        ids = {one.facts["thread"]["id"] for one in wanting}
        query = select(Thread).where(Thread.id.in_(ids)).order_by(Thread.id).with_for_update()
        threads = {thread.id: thread for thread in db.session.scalars(query)}
        completed = [(one, _with_address(links, one, threads[one.facts["thread"]["id"]])) for one in wanting]
        db.session.execute(update(Message), [{"id": one.id, "facts": facts} for one, facts in completed])
    for message, facts in completed:  # not before it is committed: who is given it believes it
        message.facts = facts


def _with_address(links: Links, message: Message, thread: Thread) -> dict[str, Any]:
    if thread.mailbox is None:
        thread.mailbox = links.mail_in or message.facts["event"]["host"]["mailbox"]
        thread.takes_answers = bool(links.mail_in)
    if thread.digest is None and thread.takes_answers:
        address = links.reply_address(thread.mailbox, thread.id, thread.turn)
        thread.digest = digest(_token_in(address))
    where = {"mailbox": thread.mailbox, "takes_answers": thread.takes_answers, "known_by": thread.digest or ""}
    return {**message.facts, "thread": {**message.facts["thread"], "turn": thread.turn, **where}}


class Told(NamedTuple):
    """What calendars were told by one letter: when the event begins (or on which day), and with which SEQUENCE."""

    sequence: int
    starts: datetime | date


def told(thread: Thread) -> list[Told]:
    """What letters of a thread that have left told the person's calendar, the newest first."""
    letters = post.sent_about(str(thread.invitation.event.public_id))
    mine = (one.facts for one in letters if one.facts.get("thread", {}).get("id") == thread.id)
    return [Told(one["calendar"]["sequence"], _starts(one["event"])) for one in mine if one.get("calendar")]


def _starts(event: dict[str, Any]) -> datetime | date:
    return date.fromisoformat(event["starts_on"]) if event["all_day"] else datetime.fromisoformat(event["starts_at"])


def find(address: str) -> Thread | None:
    """The thread that a mail address names, or None."""
    token = _token_in(address.casefold())
    if not is_written_so(token):
        return None
    return db.session.scalar(select(Thread).where(Thread.digest == digest(token)))


def _token_in(address: str) -> str:
    return address.partition("@")[0].rpartition("+")[2]


def count_addresses(account_id: int, place: Place, now: datetime) -> int:
    """How many reply addresses are in use for events ahead, of offices there, that the account is in charge of.

    They stand at the invitations: whoever is in charge of the event reads what comes by them.
    """
    query = select(func.count(Thread.id)).join(Invitation, Invitation.id == Thread.invitation_id)
    query = query.join(Event, Event.id == Invitation.event_id)
    query = query.join(EventCoordinator, EventCoordinator.event_id == Event.id)
    mine = EventCoordinator.account_id == account_id, place.offices(Event.owner_id)
    return db.session.scalar(query.where(*mine, Thread.digest.is_not(None), Event.ends_at > now)) or 0
