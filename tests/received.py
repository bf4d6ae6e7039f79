"""Mails that came in, written into the database by hand, as reading them leaves them."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.mail import threads
from eventsvc.domain.mail.models import MailState, ReceivedMail
from eventsvc.domain.mail.reasons import Reason
from eventsvc.ical.imip import Family
from tests.conftest import NOW

WORDS = "I can come, but please call me first."


def invitation_of(event: Event, expert: str = "expert-one") -> Invitation:
    """The asking of that expert to an event."""
    return next(one for one in asking.of_event(event.id) if one.expert.slug == expert)


def a_mail(
    of: Invitation | None = None,
    *,
    about: Event | None = None,
    state: MailState = MailState.REVIEW,
    reason: Reason = Reason.NEEDS_CHECK,
    family: Family = Family.GOOGLE,
    is_verified: bool | None = None,
    subject: str = "Accepted: Careers at the port",
    at: datetime = NOW,
    **facts: Any,
) -> ReceivedMail:
    """A mail that was read: by default one that waits for a decision."""
    number = db.session.scalar(select(func.count(ReceivedMail.id))) or 0
    raw = f"From: {number}@elsewhere.example\r\nSubject: {subject}\r\n\r\n{WORDS}\r\n".encode()
    event = about or (of.event if of else None)
    mail = ReceivedMail(
        digest=sha256(raw).hexdigest(),
        raw=raw,
        door="maildir",
        received_at=at,
        read_at=at,
        state=state,
        reason=str(reason),
        family=str(family),
        is_verified=is_verified,
        message_id=f"{number}@elsewhere.example",
        from_address=f"{number}@elsewhere.example",
        subject=subject,
        facts={"kind": "calendar", "words": WORDS, "method": "REPLY", "word": "ACCEPTED", **facts},
        thread=threads.of_invitation(of) if of else None,
        event=str(event.public_id) if event else "",
    )
    db.session.add(mail)
    db.session.flush()
    return mail
