"""What became of a letter, in words for those who plan: the state, and the way on where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from babel import Locale
from flask import url_for
from flask_babel import get_locale, gettext, lazy_gettext

from eventsvc.core.times import is_zone
from eventsvc.domain.outbox import choices, folding, letters, timely
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import words

# For the filter, and beside each letter.
STATES = {
    MessageState.QUEUED: lazy_gettext("Waits to be sent"),
    MessageState.LEASED: lazy_gettext("Is being sent"),
    MessageState.SENT: lazy_gettext("Sent"),
    MessageState.FAILED: lazy_gettext("Could not be delivered"),
    MessageState.DROPPED: lazy_gettext("Not needed any more"),
    MessageState.SET_ASIDE: lazy_gettext("Set aside"),
}
_ON = {
    MessageState.LEASED: lazy_gettext("It is being handed to the mail server at this moment."),
    MessageState.FAILED: lazy_gettext(
        "It is not tried again. Check the address, and reach the person another way, by telephone for instance."
    ),
    MessageState.SET_ASIDE: lazy_gettext(
        "Our own program failed at it. Tell whoever runs this service: they can try it again."
    ),
    MessageState.DROPPED: lazy_gettext(
        "Something changed before it left, so it was never sent. Nothing has to be done."
    ),
}


def _event_of(message: Message) -> dict[str, Any]:
    """The facts of the event; none in a letter about something else."""
    return message.facts.get("event") or {}


def zone_of(message: Message) -> str:
    """The zone of the event that a letter is about, else of the first that it names: its times are of that clock."""
    return next((zone for zone in _zones_in(message.facts) if is_zone(zone)), "UTC")


def written_at(message: Message) -> str:
    """The hour at which a letter was written, by its own clock; a letter that knows of no place says UTC."""
    return _with_utc(words.clock_time(message.created_at, zone_of(message)), message)


def instant(moment: datetime, message: Message) -> str:
    """A day and time by the clock of a letter; where that knows of no place it says UTC."""
    return _with_utc(words.instant(moment, zone_of(message)), message)


def _with_utc(said: str, message: Message) -> str:
    return said if zone_of(message) != "UTC" else f"{said} UTC"


def _zones_in(facts: Any) -> Iterator[str]:
    """Every zone that the facts of a letter name, at whatever depth; that of its event first."""
    if isinstance(facts, Mapping):
        yield from (str(facts[name]) for name in ("zone",) if facts.get(name))
        for name in sorted(facts, key=lambda name: name != "event"):
            yield from _zones_in(facts[name])
    elif isinstance(facts, list):
        for one in facts:
            yield from _zones_in(one)


def event_title(message: Message) -> str:
    """The title that the event, or the request, had when the letter was written; empty for a letter about none."""
    return str(_event_of(message).get("title") or message.facts.get("title", ""))


def page_about(message: Message) -> str:
    """The address of what a letter is about: an event, a series, or a request."""
    if "series" in message.facts:
        return url_for("pages.series", series_id=message.event)
    if message.facts.get("request") == message.event:
        return url_for("pages.wish", request_id=message.event)
    return url_for("pages.event", event_id=message.event)


def language_of(message: Message) -> str:
    """The language that the letter comes out in, as a tag."""
    return letters.written_in(message.language)


def language_name(message: Message) -> str:
    """The same in words, in the language of the page."""
    locale = Locale.parse(language_of(message), sep="-")
    return str(locale.get_display_name(get_locale() or "en"))


def way_on(message: Message) -> str:
    """What happens to a letter next, and what somebody could do about it."""
    if message.state is MessageState.SENT and message.sent_at is not None:
        return str(gettext("It left on %(when)s.", when=instant(message.sent_at, message)))
    if message.error == folding.FOLDED:
        return str(gettext("Its reader wants one letter in the morning: what it says stands there."))
    if message.error == choices.STOPPED:
        return str(gettext("Its reader has switched letters of this kind off, so it was not sent."))
    if message.error == timely.TOO_LATE:
        return str(gettext("It could not leave before what it reminds of had begun, so it was not sent."))
    if message.state is not MessageState.QUEUED:
        return str(_ON.get(message.state, ""))
    if services().transport() is None:
        return str(gettext("It waits because this service has no mail server yet. Tell whoever runs it."))
    if not message.error:
        return str(gettext("It leaves by itself, usually within a minute."))
    again = instant(message.next_attempt_at, message)
    if message.attempts == 0:
        said = gettext("The mail server could not be reached. It is tried again every minute.")
    else:
        said = gettext("The other side could not take it yet. It is tried again on %(when)s.", when=again)
    return str(said)
