"""Say who letters are from, and prove it by a letter to oneself."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_run
from eventsvc.domain.directory.models import Organization
from eventsvc.domain.events.words import ensure_plain
from eventsvc.domain.outbox import post, sender
from eventsvc.domain.outbox.models import Message

LETTER = sender.TEST_LETTER
# Whoever may set up a college must not fill other people's mailboxes by it.
MOST_LETTERS_AN_HOUR = 10


def choose_sender(name: str, address: str, *, actor: Actor, now: datetime) -> None:
    """Let letters come from there from now on, whatever MAIL_FROM says.

    Refuses: SignInNeeded, NotAllowed, InvalidInput.
    """
    ensure_may_run(actor)
    before = sender.chosen()
    was = before.address if before else None
    sender.choose(ensure_plain(name, field="sender_name", limit=sender.NAME_LENGTH), address, now)
    audit.record("edit", "sender", "letters", actor=actor.name, now=now, changes={"email": (was, address.strip())})


def send_test_letter(
    college: Organization, to: str, *, default_sender: str, language: str, page: str, actor: Actor, now: datetime
) -> Message | None:
    """Owe a letter that says nothing but that letters arrive; `page` is the path to which it leads back.

    `default_sender` is the environment's, which counts until another one is chosen. The caller has asked whether the
    actor may set up the college. Refuses: InvalidInput.
    """
    address = sender.mail_address(to, field="to")
    recent = select(func.count()).where(Message.letter == LETTER, Message.created_at > now - timedelta(hours=1))
    if (db.session.scalar(recent) or 0) >= MOST_LETTERS_AN_HOUR:
        raise InvalidInput({"to": say("there were many test letters within this hour: wait a while")})
    owed = post.post(
        LETTER,
        key=sender.key_of_test(college.slug, str(uuid4()), default_sender),
        to_address=address,
        language=language,
        facts={"college": college.name, "page": page},
        now=now,
    )
    audit.record("test", "sender", "letters", actor=actor.name, now=now, changes={"email": (None, address)})
    return owed


def newest_test_letter(college: Organization) -> Message | None:
    """The last one that was asked for, or None."""
    mine = Message.key.startswith(f"test:{college.slug}:", autoescape=True)
    return db.session.scalar(select(Message).where(Message.letter == LETTER, mine).order_by(Message.id.desc()).limit(1))
