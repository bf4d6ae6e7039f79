"""Mails that wait to be read: claimed under a lease, read once, and found again by what they are about."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import load_only

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.mail import threads
from eventsvc.domain.mail.models import MailState, ReceivedMail, Thread
from eventsvc.ical.imip import Mail

# Much longer than a room for reading is given.
LEASE = timedelta(minutes=5)
# A mail that ended its reader so often is not read again.
MOST_READINGS = 2


class Claimed(NamedTuple):
    """A mail that somebody reads, the attempt it was claimed for, and whether it may be read at all."""

    mail_id: int
    attempt: int
    raw: bytes
    envelope_to: str
    is_readable: bool


def claim_next(now: datetime) -> Claimed | None:
    """Lease the oldest mail that waits; a lease that ran out is claimed again. None where none waits.

    Locks: the row claimed, skipping those of others (FOR UPDATE SKIP LOCKED on PostgreSQL).
    """
    is_free = or_(ReceivedMail.lease_until.is_(None), ReceivedMail.lease_until <= now)
    query = select(ReceivedMail).where(ReceivedMail.state == MailState.WAITING, is_free).order_by(ReceivedMail.id)
    row = db.session.scalar(query.limit(1).with_for_update(skip_locked=True))
    if row is None:
        return None
    row.attempts += 1
    row.lease_until = now + LEASE
    return Claimed(row.id, row.attempts, row.raw or b"", row.envelope_to, row.attempts <= MOST_READINGS)


def claim_again(claimed: Claimed) -> ReceivedMail | None:
    """The mail, locked, if the lease still holds; somebody else may have read it after ours ran out."""
    query = select(ReceivedMail).where(
        ReceivedMail.id == claimed.mail_id,
        ReceivedMail.attempts == claimed.attempt,
        ReceivedMail.state == MailState.WAITING,
    )
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def hand_back(claimed: Claimed, now: datetime, *, wait: timedelta, counts: bool) -> None:
    """Let a mail be read again later; `counts` where it may have been the mail's own fault."""
    if row := claim_again(claimed):
        row.lease_until = now + wait
        row.attempts -= 0 if counts else 1


def find_thread(mail: Mail, envelope_to: str) -> Thread | None:
    """The thread of an address to which the mail was sent; addresses of two threads name none."""
    found = {one.id: one for address in (envelope_to, *mail.to) if (one := threads.find(address)) is not None}
    return next(iter(found.values())) if len(found) == 1 else None


def find_event(mail: Mail) -> Event | None:
    """The event of ours that the mail names by its UID, or None."""
    uids = {one.uid for one in mail.answers}
    return public_ids.find(select(Event), Event.public_id, uids.pop()) if len(uids) == 1 else None


def find_invitation(event: Event, mail: Mail) -> Invitation | None:
    """Who of those asked to an event the mail names, or is from; None where that is nobody, or several."""
    said = {address for one in mail.answers for address in one.attendees} | {mail.from_address}
    named = {as_kept(address, 254) for address in said}
    query = select(Invitation).join(Invitation.expert).where(Invitation.event_id == event.id)
    query = query.where(func.lower(Expert.email).in_(named - {""}), Invitation.state != InvitationState.WITHDRAWN)
    found = db.session.scalars(query).all()
    return found[0] if len(found) == 1 else None


def thread_of(invitation: Invitation) -> Thread | None:
    """The thread with an invited person, or None where none was begun."""
    return db.session.scalar(select(Thread).where(Thread.invitation_id == invitation.id))


def is_seen(row: ReceivedMail, mail: Mail, thread: Thread | None) -> bool:
    """True where a mail of the same Message-ID from the same sender was read before for the same thread."""
    if not mail.message_id:
        return False
    query = select(ReceivedMail.id).where(
        ReceivedMail.message_id == row.message_id,
        ReceivedMail.from_address == row.from_address,
        ReceivedMail.thread_id.is_(None) if thread is None else ReceivedMail.thread_id == thread.id,
        ReceivedMail.state.not_in((MailState.WAITING, MailState.IGNORED)),
        ReceivedMail.id != row.id,
    )
    return db.session.scalar(query.limit(1)) is not None


def read_at_of(thread: Thread) -> Collection[datetime]:
    """When mails of a thread were read: answers of those moments came by mail."""
    query = select(ReceivedMail).where(ReceivedMail.thread_id == thread.id)
    rows = db.session.scalars(query.options(load_only(ReceivedMail.read_at)))
    return {row.read_at for row in rows if row.read_at is not None}


def counter_of(thread: Thread, made_at: datetime) -> ReceivedMail | None:
    """The mail by which a program proposed the times that were made at that moment; None where none did."""
    query = select(ReceivedMail).where(ReceivedMail.thread_id == thread.id, ReceivedMail.read_at == made_at)
    found = db.session.scalars(query.order_by(ReceivedMail.id.desc()))
    return next((row for row in found if row.facts.get("method") == "COUNTER"), None)


def as_kept(text: str, limit: int) -> str:
    """Foreign words as a database takes them: no control characters but line breaks and tabs, and not too long."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    plain = "".join(mark for mark in composed if mark in "\n\t" or unicodedata.category(mark) not in ("Cc", "Cs"))
    return plain.strip()[:limit].rstrip()
