"""Who wrote a mail, to whom, when, with which program, and whether a machine did it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime

from eventsvc.ical.imip_mail import Family, Kind, Mail
from eventsvc.ical.imip_parts import Found, Headers, decoded

_MOST_ADDRESSES = 50
_MOST_SUBJECT = 300
_MOST_ID = 300
_MOST_ADDRESS = 254
_MOST_NAME = 200
# Those that a server wrote come first: they name the mailbox that the mail reached.
_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_ID = re.compile(r"<([^<>\s]+)>")
_MACHINES = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply")
_FAMILIES = (
    (Family.GOOGLE, ("google", "gmail")),
    (Family.KDE, ("k desktop", "kde", "libkcal", "kontact", "kmail", "korganizer")),
    (Family.MOZILLA, ("mozilla", "thunderbird")),
    (Family.APPLE, ("apple", "icloud", "iphone", "ipad", "//ical ", "mac os x", "caldavd")),
    (Family.MICROSOFT, ("microsoft", "outlook", "exchange")),
)
_PRODID = re.compile(r"^PRODID[^:\n]*:(.*)$", re.IGNORECASE | re.MULTILINE)


def head_of(found: Found, is_verified: bool | None) -> Mail:
    """What the headers say; the kind is still to be found out."""
    headers = found.headers
    name, address = next(_addresses(headers, "From"), ("", ""))
    return Mail(
        kind=Kind.UNREADABLE,
        message_id=id_in(headers, "Message-ID"),
        from_address=address,
        from_name=" ".join(decoded(name).split())[:_MOST_NAME],
        to=tuple(dict.fromkeys(to for header in _TO for _, to in _addresses(headers, header)))[:_MOST_ADDRESSES],
        subject=" ".join(headers.first("Subject").split())[:_MOST_SUBJECT],
        dated_at=_date(headers.first("Date")),
        is_verified=is_verified,
        family=family_of(found, ""),
    )


def senders(headers: Headers) -> int:
    """How many people say that they wrote it: by lines of From, or by addresses in it."""
    return max(len(headers.raw("From")), len(list(_addresses(headers, "From"))))


def id_in(headers: Headers, name: str) -> str:
    """A message id without its angle brackets."""
    text = headers.first(name)
    found = _ID.search(text)
    return (found.group(1) if found else text.strip().strip("<>"))[:_MOST_ID]


def family_of(found: Found, calendar: str) -> Family:
    """Which sort of program wrote it: by the calendar's PRODID, else by the headers that programs sign with."""
    prodid = _PRODID.search(calendar)
    headers = found.headers
    signed = " ".join(headers.first(name) for name in ("X-Mailer", "User-Agent"))
    host = id_in(headers, "Message-ID").rpartition("@")[2]
    exchange = "exchange" if any(name.startswith("x-ms-exchange-") for name in headers.names()) else ""
    for text in (prodid.group(1) if prodid else "", signed, host, exchange):
        for family, words in _FAMILIES:
            if any(word in text.lower() for word in words):
                return family
    return Family.OTHER


def is_automatic(headers: Headers) -> bool:
    """True for what a machine wrote of itself (RFC 3834, and what servers wrote before it)."""
    submitted = headers.first("Auto-Submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if any(name in headers.names() for name in _MACHINES):
        return True
    return headers.first("Precedence").strip().lower() in ("auto_reply", "bulk", "junk", "list")


def _addresses(headers: Headers, name: str) -> Iterator[tuple[str, str]]:
    try:
        pairs = getaddresses(headers.raw(name)[:_MOST_ADDRESSES])
    except Exception:  # noqa: BLE001  # comments within comments within comments
        return
    for called, address in pairs:
        plain = address.strip().lower()
        if "@" in plain and len(plain) <= _MOST_ADDRESS and not re.search(r"[\s\x00-\x1f]", plain):
            yield called, plain


def _date(text: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(text.strip())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except Exception:  # noqa: BLE001  # whatever stands there in place of a date
        return None
