"""What a calendar program said, as people read it: words for its words, and times in the event's zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext

from eventsvc.domain.mail.models import ReceivedMail
from eventsvc.interfaces import mail_words
from eventsvc.interfaces.web import words

# RFC 5546, 1.4, and RFC 5545, 3.2.12; what stands here neither is shown as it came.
METHODS = {
    "REPLY": lazy_gettext("An answer"),
    "COUNTER": lazy_gettext("Another time is proposed"),
    "REFRESH": lazy_gettext("The invitation is asked for once more"),
}
ANSWERS = {
    **mail_words.ANSWERED,
    "DELEGATED": lazy_gettext("Somebody else is to come instead"),
    "NEEDS-ACTION": lazy_gettext("None yet"),
}
MOST_LETTERS = 240
_PROPOSES = "COUNTER"


def program_said(mail: ReceivedMail, zone: str) -> list[tuple[str, str]]:
    """Each thing that it said, as label and text, in the order of a page."""
    calendar = mail_words.said(mail)["calendar"]
    return [(str(mail_words.SAID[name]), _text(name, value, zone)) for name, value in calendar.items()]


def in_short(mail: ReceivedMail, zone: str) -> list[tuple[str, str]]:
    """What one has to know to decide, for a list: the answer or the proposed time, and the first of the words."""
    calendar = mail_words.said(mail)["calendar"]
    names = ("starts", "ends") if calendar.get("method") == _PROPOSES else ("word",)
    lines = [(str(mail_words.SAID[name]), _text(name, calendar[name], zone)) for name in names if name in calendar]
    written = str(calendar.get("comment") or ("" if calendar else mail.facts.get("words", "")))
    if written:
        cut = written if len(written) <= MOST_LETTERS else written[: MOST_LETTERS - 1].rstrip() + "…"
        lines.append((str(mail_words.SAID["comment"]), cut))
    return lines


def _text(name: str, value: Any, zone: str) -> str:
    if name in ("starts", "ends"):
        return _when(str(value), zone, is_end=name == "ends")
    if name == "method":
        return str(METHODS.get(value, value))
    if name == "word":
        return str(ANSWERS.get(value, value))
    return ", ".join(value) if isinstance(value, list) else str(value)


def _when(kept: str, zone: str, *, is_end: bool) -> str:
    """An instant in that zone, or a day: the last of several, where it is the end."""
    try:
        if "T" not in kept:
            return words.day(date.fromisoformat(kept) - timedelta(days=is_end))
        said = words.instant(datetime.fromisoformat(kept), zone)
    except (ValueError, OverflowError):  # in the year 1, say
        return kept
    return said if zone != "UTC" else f"{said} UTC"  # mail about no event
