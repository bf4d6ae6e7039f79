"""Taking mail in: what arrives at any door is kept whole, once, and read later."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from eventsvc.core import caps
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.mail_addresses import is_mail_address
from eventsvc.domain.mail.models import ReceivedMail

LONGEST_ADDRESS = 254
# A line "From …" of mbox may stand first; then a field begins: a name of visible letters and a colon (RFC 5322, 2.2).
_BEGINS_LIKE_MAIL = re.compile(rb"(?:From [^\r\n]*\r?\n)?[!-9;-~]{1,200}[ \t]*:")


class NoMail(Refusal):
    """What came does not begin as a mail does (RFC 5322, 2.2)."""

    slug = "no-mail"
    title = say("This is no mail")
    status = 422


def keep(raw: bytes, *, door: str, envelope_to: str, now: datetime) -> tuple[ReceivedMail, bool]:
    """The mail of these bytes, and whether it is new; it waits to be read.

    Refuses: caps.TooLarge, NoMail; InvalidInput for an envelope's recipient that is no address.
    """
    caps.MAIL.ensure(len(raw))
    if not _BEGINS_LIKE_MAIL.match(raw):
        raise NoMail(say("A mail begins with fields such as “From: …”. Nothing was changed."))
    if envelope_to and not (is_mail_address(envelope_to) and envelope_to.isprintable()):
        raise InvalidInput({"to": say("must be a mail address")})
    if len(envelope_to) > LONGEST_ADDRESS:
        raise InvalidInput({"to": say("must not be longer than %(most)s letters", most=LONGEST_ADDRESS)})
    by = hashlib.sha256(raw).hexdigest()
    if (known := _known(by)) is not None:
        return known, False
    mail = ReceivedMail(digest=by, raw=raw, door=door, envelope_to=envelope_to, received_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(mail)
    except IntegrityError:
        if (known := _known(by)) is None:
            raise
        return known, False  # somebody else has taken it in at this very moment
    return mail, True


def _known(by: str) -> ReceivedMail | None:
    return db.session.scalar(select(ReceivedMail).where(ReceivedMail.digest == by))
