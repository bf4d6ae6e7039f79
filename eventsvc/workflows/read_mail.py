"""Read the mails that came in: claim one, read it in a room of its own, decide, and do it, in one transaction.

Each mail has its effect once: what becomes of it and what it changes are committed together, under the event's lock.
Who reads may die at any point; a mail that ends its reader twice is put before somebody and not read again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from eventsvc.core.db import is_busy, transaction
from eventsvc.core.links import Links, without_secrets
from eventsvc.core.times import iso
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.mail import incoming, matching
from eventsvc.domain.mail.incoming import Claimed, as_kept
from eventsvc.domain.mail.models import MailState, ReceivedMail, Thread
from eventsvc.domain.mail.reasons import Reason
from eventsvc.ical import confined
from eventsvc.ical.imip import CalendarAnswer, Family, Kind, Mail, Problem
from eventsvc.workflows import apply_mail, tell_of_mail
from eventsvc.workflows.standing_of_thread import standing_of

_AGAIN = timedelta(minutes=1)
_MOST_WORDS = 4000
_LONGEST = 1000
log = logging.getLogger(__name__)


def read_waiting(links: Links, authserv_id: str, clock: Callable[[], datetime]) -> int:
    """Read every mail that waits, one after the other, oldest first; opens its own transactions. Returns how many.

    `authserv_id` is how our own mail server names itself in Authentication-Results; nobody else is believed.
    """
    read = 0
    while claimed := _claim(clock()):
        _read(claimed, links, authserv_id, clock)
        read += 1
    return read


def _claim(now: datetime) -> Claimed | None:
    with transaction():
        return incoming.claim_next(now)


def _read(claimed: Claimed, links: Links, authserv_id: str, clock: Callable[[], datetime]) -> None:
    """One mail; whatever it does to us, the others are read too."""
    mail = None
    try:
        mail = _what_it_says(claimed, authserv_id)
        with transaction():
            settle(claimed, mail, links, clock())
    except DBAPIError as error:
        log.warning("mail %d waits: %s", claimed.mail_id, type(error.orig).__name__)
        _go_on(claimed, mail, links, clock(), counts=not is_busy(error))
    except Exception:  # a mail that we cannot cope with is put before somebody
        log.exception("mail %d could not be read", claimed.mail_id)
        _go_on(claimed, mail, links, clock(), counts=True)


def _go_on(claimed: Claimed, mail: Mail | None, links: Links, now: datetime, *, counts: bool) -> None:
    """Let a mail be read once more; what was read and could not be settled twice is for whomever it concerns."""
    if mail is not None and counts and claimed.attempt == incoming.MOST_READINGS:
        try:
            with transaction():
                settle(claimed, replace(mail, kind=Kind.UNREADABLE, problem=Problem.READER_DIED), links, now)
        except Exception:
            log.exception("mail %d cannot be put before its event's office", claimed.mail_id)
        else:
            return
    _hand_back(claimed, now, counts=counts)


def _hand_back(claimed: Claimed, now: datetime, *, counts: bool) -> None:
    with transaction():
        incoming.hand_back(claimed, now, wait=_AGAIN, counts=counts)


def _what_it_says(claimed: Claimed, authserv_id: str) -> Mail:
    if not claimed.is_readable:
        return Mail(kind=Kind.UNREADABLE, problem=Problem.READER_DIED)
    return _for_others(confined.read_mail_confined(claimed.raw, authserv_id))


def _for_others(mail: Mail) -> Mail:
    """A mail whose words offices may read."""
    answers = tuple(replace(one, comment=without_secrets(one.comment)) for one in mail.answers)
    words, diagnosis = without_secrets(mail.words), without_secrets(mail.diagnosis)
    return replace(mail, words=words, diagnosis=diagnosis, answers=answers)


def settle(claimed: Claimed, mail: Mail, links: Links, now: datetime) -> None:
    """Decide about a mail that was read, and do it; nothing where somebody else has read it meanwhile.

    Locks: the event, then the mail's row, then as the story that is called.
    """
    thread, event, is_by_address = _whose(claimed, mail)
    row = incoming.claim_again(claimed)
    if row is None:
        return
    _write_down(row, mail, thread, event, now)
    if incoming.is_seen(row, mail, thread):
        _end(row, MailState.IGNORED, Reason.SEEN_BEFORE)
        return
    standing = standing_of(thread, is_by_address, now) if thread is not None else None
    verdict = matching.judge(mail, standing, now, is_event_known=event is not None)
    came = apply_mail.Came(row, mail, thread, links)
    _end(row, *apply_mail.apply(came, verdict, now))
    if row.state is MailState.REVIEW and event is not None:
        tell_of_mail.tell_of_review(row, event, thread, now)


def _whose(claimed: Claimed, mail: Mail) -> tuple[Thread | None, Event | None, bool]:
    """Thread and event of a mail, the event locked; by its address, else by what it says."""
    thread = incoming.find_thread(mail, claimed.envelope_to)
    if thread is not None:
        return thread, claim_event(thread.invitation.event.public_id), True
    found = incoming.find_event(mail)
    if found is None:
        return None, None, False
    event = claim_event(found.public_id)
    invitation = incoming.find_invitation(event, mail)
    return (incoming.thread_of(invitation) if invitation is not None else None), event, False


def _write_down(row: ReceivedMail, mail: Mail, thread: Thread | None, event: Event | None, now: datetime) -> None:
    row.read_at, row.lease_until = now, None
    row.message_id, row.from_address = as_kept(mail.message_id, 300), as_kept(mail.from_address, 254)
    row.subject = as_kept(mail.subject, 300)
    row.family, row.is_verified = str(mail.family if mail.kind is Kind.CALENDAR else Family.OTHER), mail.is_verified
    row.thread_id, row.event = thread.id if thread else None, str(event.public_id) if event else ""
    row.facts = _facts(mail)


def _end(row: ReceivedMail, state: MailState, reason: Reason) -> None:
    row.state, row.reason = state, str(reason)


def _facts(mail: Mail) -> dict[str, Any]:
    """What was read, as the review and the log show it."""
    said = {
        "kind": str(mail.kind),
        "from_name": as_kept(mail.from_name, 200),
        "words": as_kept(mail.words, _MOST_WORDS),
        "problem": as_kept(mail.problem, 200),
        "diagnosis": as_kept(mail.diagnosis, _LONGEST),
        **(_facts_of(mail.answers[0]) if mail.answers else {}),
    }
    return {name: value for name, value in said.items() if value not in ("", None, [], 0)}


def _facts_of(answer: CalendarAnswer) -> dict[str, Any]:
    return {
        "method": as_kept(answer.method, 20),
        "uid": as_kept(answer.uid, 255),
        "sequence": str(answer.sequence) if answer.sequence is not None else None,
        "attendees": [as_kept(one, 254) for one in answer.attendees[:10]],
        "word": as_kept(answer.word, 30),
        "comment": as_kept(answer.comment, _LONGEST),
        "guests": answer.guests,
        "sent_by": as_kept(answer.sent_by, 254),
        "delegated_to": as_kept(answer.delegated_to, 254),
        "starts": _in_words(answer.starts),
        "ends": _in_words(answer.ends),
    }


def _in_words(when: datetime | date | None) -> str | None:
    if when is None:
        return None
    return iso(when) if isinstance(when, datetime) else when.isoformat()
