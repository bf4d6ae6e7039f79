"""The form by which a reader chooses about letters: what was pressed, and what the page shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext

from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import Actor
from eventsvc.domain.outbox.streams import Topic
from eventsvc.domain.reminders.models import Channel
from eventsvc.interfaces import languages
from eventsvc.interfaces.web import topic_words, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import choose_letters
from eventsvc.workflows.choose_letters import USUAL, Choice, Reader

# Whose mornings the pages offer: those of the United States.
ZONES = (
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/New_York",
    "America/Anchorage",
    "Pacific/Honolulu",
)
CHANNELS = {
    Channel.MAIL: lazy_gettext("By mail"),
    Channel.WEBHOOK: lazy_gettext("By the system that my college or office has attached, such as text messages"),
    Channel.BOTH: lazy_gettext("By mail and by that system"),
}


def keep(reader: Reader, form: Form, *, actor: Actor, now: datetime) -> None:
    """Do what was pressed. Refuses InvalidInput for what is not offered, and as `choose_letters.choose`."""
    wish_of = _WISHES.get(form.value("act"))
    if wish_of is None:
        raise InvalidInput({"act": say("is not one of what can be done here")})
    wish = wish_of(form)
    with transaction():
        choose_letters.choose(reader, wish, actor=actor, now=now)


def shown(reader: Reader) -> dict[str, Any]:
    """What `_letter_choices.html` needs."""
    choice = choose_letters.chosen_by(reader)
    return {
        "choice": choice,
        "topics": [(topic, topic_words.NAMES[topic], topic_words.HINTS[topic]) for topic in Topic],
        "zones": [(zone, words.zone_and_city(zone)) for zone in _zones(choice)],
        "channels": CHANNELS.items(),
        "languages": languages.NAMES.items() if choice.language else (),
    }


def _zones(choice: Choice) -> list[str]:
    """Those offered, and the one that was chosen over JSON."""
    return list(dict.fromkeys([*ZONES, *filter(None, [choice.mornings])]))


def _topics(form: Form) -> Mapping[str, Any]:
    """Unticked is stopped; words that are no topic are nothing of ours."""
    return {"stopped": {topic for topic in Topic if topic not in form.all("topics")}}


def _ways(form: Form) -> Mapping[str, Any]:
    """Language, mornings and channel, as far as the form has them; refuses what is not offered."""
    wish: dict[str, Any] = {}
    errors = {}
    if language := form.value("language"):
        wish["language"] = language
        if language not in languages.NAMES:
            errors["language"] = say("Choose one from the list.")
    if "zone" in form.values:
        wish["mornings"] = form.value("zone")
    if "channel" in form.values:
        channel = form.value("channel")
        wish["channel"] = Channel(channel) if channel in list(Channel) else None
        if channel and wish["channel"] is None:
            errors["channel"] = say("Choose one from the list.")
    if errors:
        raise InvalidInput(errors)
    return wish


_WISHES: dict[str, Callable[[Form], Mapping[str, Any]]] = {
    "choose": _topics,
    "ways": _ways,
    "usual": lambda _: USUAL,
}
