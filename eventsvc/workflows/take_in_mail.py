"""A mail arrives, through whichever door: it is kept whole, and the next tick reads it.

Doors only store. What a mail says is found out afterwards, in a process of its own, so that nothing that somebody
sends can stop a door.
"""

from __future__ import annotations

from datetime import datetime

from eventsvc.domain.mail import taking_in
from eventsvc.domain.mail.models import ReceivedMail


def take_in(raw: bytes, *, door: str, envelope_to: str = "", now: datetime) -> tuple[ReceivedMail, bool]:
    """Keep a mail until it is read; the same bytes twice are one mail. Also whether it is new.

    Door: `imap`, `maildir`, `pipe`, `http` or `demo`. Envelope_to: RCPT TO, where the door was told.
    Refuses: caps.TooLarge beyond caps.MAIL, NoMail, InvalidInput for an `envelope_to` that is no address.
    """
    return taking_in.keep(raw, door=door, envelope_to=envelope_to, now=now)
