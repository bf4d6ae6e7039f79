"""What became of a letter, in words for those who plan: the state, and the way on where there is one."""

from __future__ import annotations

from typing import Any

from babel import Locale
from flask import url_for
from flask_babel import get_locale, gettext, lazy_gettext

from eventsvc.core.times import is_zone
from eventsvc.domain.outbox import choices, folding, letters
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
    """The zone of the event that a letter is about; its times are shown by that clock."""
    zone = _event_of(message).get("zone", "UTC")
    return zone if is_zone(zone) else "UTC"


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
        return str(gettext("It left on %(when)s.", when=words.instant(message.sent_at, zone_of(message))))
    if message.error == folding.FOLDED:
        return str(gettext("Its reader wants one letter in the morning: what it says stands there."))
    if message.error == choices.STOPPED:
        return str(gettext("Its reader has switched letters of this kind off, so it was not sent."))
    if message.state is not MessageState.QUEUED:
        return str(_ON.get(message.state, ""))
    if services().transport() is None:
        return str(gettext("It waits because this service has no mail server yet. Tell whoever runs it."))
    if not message.error:
        return str(gettext("It leaves by itself, usually within a minute."))
    again = words.instant(message.next_attempt_at, zone_of(message))
    if message.attempts == 0:
        said = gettext("The mail server could not be reached. It is tried again every minute.")
    else:
        said = gettext("The other side could not take it yet. It is tried again on %(when)s.", when=again)
    return str(said)
