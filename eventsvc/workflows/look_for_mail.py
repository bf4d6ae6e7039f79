"""The scheduler looks into the mailbox: each mail is taken in and committed, and only then marked there as read.

No transaction is open while a server is asked, and what a look meets is written down for whoever watches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.db import transaction
from eventsvc.domain.mail import looks, maildir
from eventsvc.domain.mail.places import CannotRead, MaildirPlace, Place, Taken
from eventsvc.workflows.take_in_mail import take_in


@dataclass(frozen=True, slots=True)
class MailSeen:
    """What one look brought; `why` it was cut short, and whether that is news."""

    taken: Taken
    why: str
    is_news: bool


def look_for_mail(place: Place, clock: Callable[[], datetime], *, most: int | None = None) -> MailSeen:
    """Take in what waits at that place, `most` at once; it opens its own transactions."""
    taken, why = Taken(), ""

    def take(raw: bytes) -> None:
        with transaction():
            take_in(raw, door=place.door, now=clock())

    limit = {} if most is None else {"most": most}
    try:
        if isinstance(place, MaildirPlace):
            maildir.take_all(place, take, taken, **limit)
        else:
            from eventsvc.domain.mail import imap  # its package is an extra

            imap.take_all(place, take, taken, **limit)
    except CannotRead as cannot:
        why = cannot.why.value
    with transaction():
        is_news = looks.note(place.door, why, clock())
    return MailSeen(taken, why, is_news)


def waiting_at(place: Place) -> int:
    """How many mails wait at that place; nothing is taken. Refuses: CannotRead."""
    if isinstance(place, MaildirPlace):
        return maildir.waiting(place)
    from eventsvc.domain.mail import imap  # its package is an extra

    return imap.waiting(place)


def state_of_mail(place: Place | None, has_relay: bool, now: datetime) -> str:
    """How mail comes in, in words for those who watch over the service."""
    if place is None:
        return "by relay" if has_relay else "not set up"
    return looks.state_of(place.door, now)
