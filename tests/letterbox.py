"""A letterbox without a mail server: mails as they were read, handed to the story that decides about them.

What a mail says is made by hand here; that bytes are read so is the affair of tests/ical.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.mail import threads
from eventsvc.domain.mail.models import ReceivedMail, Thread
from eventsvc.ical import confined
from eventsvc.ical.imip import CalendarAnswer, Kind, Mail
from eventsvc.workflows import read_mail
from tests.conftest import NOW
from tests.links import links_of
from tests.stories.test_replies import make_world

LINKS = links_of(mail_in="events@events.example")
_numbers = count(1)


def read_what_was_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the room for reading find in a mail's bytes what `put_in` has put there."""
    monkeypatch.setattr(confined, "read_mail_confined", lambda raw, authserv_id: pickle.loads(raw), raising=False)


def an_invited_person(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Somebody who was asked, with the `thread` of their letters, while mails are made by hand."""
    read_what_was_put_in(monkeypatch)
    with transaction():
        made = make_world()
        made.thread = a_thread(made.invitation)
    return made


def put_in(mail: Mail, *, envelope_to: str = "", now: datetime = NOW) -> str:
    """Take a mail in; returns its public id."""
    number = next(_numbers)
    raw = pickle.dumps(mail)
    row = ReceivedMail(
        digest=sha256(b"%d" % number + raw).hexdigest(),
        raw=raw,
        door="pipe",
        envelope_to=envelope_to,
        received_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return str(row.public_id)


def read(*mails: Mail, now: datetime = NOW) -> list[ReceivedMail]:
    """Take mails in and read all that wait; what became of them."""
    with transaction():
        ids = [put_in(mail, now=now) for mail in mails]
    read_mail.read_waiting(LINKS, "", lambda: now)
    return [found(one) for one in ids]


def found(mail_id: str) -> ReceivedMail:
    return db.session.scalars(select(ReceivedMail).where(ReceivedMail.public_id == UUID(mail_id))).one()


def a_thread(invitation: Invitation) -> Thread:
    """The thread with an invited person, whose first letter has left: its address is known from then on."""
    thread = threads.of_invitation(invitation)
    if thread.sequence < 0:
        threads.next_sequence(thread, asks=True)
    if thread.digest is None:
        thread.mailbox, thread.takes_answers = LINKS.mail_in, True
        thread.digest = threads.digest(threads._token_in(address_of(thread)))
    db.session.flush()
    return thread


def address_of(thread: Thread) -> str:
    """Where the person's answers go."""
    return LINKS.reply_address(LINKS.mail_in, thread.id, thread.turn)


def a_reply(thread: Thread, word: str = "ACCEPTED", **more: Any) -> Mail:
    """What a calendar program sends when its owner presses a button; `more` goes into the answer, or into the mail."""
    invitation, event = thread.invitation, thread.invitation.event
    number = next(_numbers)
    of_mail = {name: more.pop(name) for name in list(more) if name in Mail.__slots__}
    answer = CalendarAnswer(
        **{
            "method": "REPLY",
            "uid": str(event.public_id),
            "sequence": thread.sequence,
            "stamped_at": NOW + timedelta(seconds=number) - timedelta(days=1),
            "attendees": (invitation.expert.email,),
            "word": word,
            **_time(event),
            **more,
        }
    )
    return Mail(
        **{
            "kind": Kind.CALENDAR,
            "message_id": f"<{number}@port.example>",
            "from_address": invitation.expert.email,
            "to": (address_of(thread),),
            "answers": (answer,),
            **of_mail,
        }
    )


def words(thread: Thread, text: str, **more: Any) -> Mail:
    """Plain words, written to the person's own address."""
    return replace(a_reply(thread), kind=Kind.WORDS, words=text, answers=(), **more)


def _time(event: Event) -> dict[str, Any]:
    if event.all_day:
        return {"starts": event.starts_on, "ends": event.starts_on + timedelta(days=event.days)}
    return {"starts": event.starts_at, "ends": event.ends_at}
