"""Stopping letters by the link of a letter, and having them again: no account, no session, and nothing by opening it.

A mail program's own button posts `List-Unsubscribe=One-Click` to the same address (RFC 8058): that stops the letter's
kind at once. The address is known by its digest alone, so the page cannot say it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, NotFound, Refusal, say
from eventsvc.core.tokens import NOT_OURS
from eventsvc.domain.outbox import choices, folding
from eventsvc.domain.outbox.streams import Topic
from eventsvc.interfaces import languages
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import guests, topic_words, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER

# Whose mornings one may choose: those of the United States.
ZONES = (
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/New_York",
    "America/Anchorage",
    "Pacific/Honolulu",
)
ONE_CLICK = ("List-Unsubscribe", "One-Click")


class _Reader(NamedTuple):
    """Whose letters, and which kind the letter with this link was of."""

    mark: str
    topic: Topic


def add_guest_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/unsubscribe/<token>", view_func=letters_chosen)
    blueprint.add_url_rule("/unsubscribe/<token>", view_func=choose_letters, methods=["POST"])


def letters_chosen(token: str) -> Response:
    """Which letters come; nothing changes, however often it is opened. Refuses NotFound and LinkExpired."""
    return _page(_reader(token, clock.now()), Form())


def choose_letters(token: str) -> ResponseReturnValue:
    """Stop a kind, have it again, or choose for all kinds; pressing twice is pressing once."""
    now = clock.now()
    reader, form = _reader(token, now), Form(request.form)
    if form.value(ONE_CLICK[0]) == ONE_CLICK[1]:
        _stop(reader, form, now)
        return _page(reader, form)  # a mail program follows no redirection
    try:
        act = _ACTS.get(form.value("act"))
        if act is None:
            raise InvalidInput({"act": say("is not one of what can be done here")})
        act(reader, form, now)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(reader, form, refusal.status)
    return redirect(url_for(".letters_chosen", token=token), SEE_OTHER)


def _stop(reader: _Reader, form: Form, now: datetime) -> None:
    with transaction():
        choices.stop(reader.mark, [reader.topic], now)


def _have_again(reader: _Reader, form: Form, now: datetime) -> None:
    with transaction():
        choices.resume(reader.mark, [reader.topic])


def _choose(reader: _Reader, form: Form, now: datetime) -> None:
    """Unticked is stopped; words that are no topic are nothing of ours."""
    wanted = {topic for topic in Topic if topic in form.all("topics")}
    with transaction():
        choices.stop(reader.mark, set(Topic) - wanted, now)
        choices.resume(reader.mark, wanted)


def _set_mornings(reader: _Reader, form: Form, now: datetime) -> None:
    """One letter in the mornings of a zone, or single letters; refuses a zone that is not offered."""
    zone = form.value("zone")
    if zone and zone not in ZONES:
        raise InvalidInput({"zone": say("is not one of the zones offered here")})
    with transaction():
        folding.choose(reader.mark, zone)
        if zone:
            choices.resume(reader.mark, [Topic.DIGEST])


_ACTS: dict[str, Callable[[_Reader, Form, datetime], None]] = {
    "stop": _stop,
    "again": _have_again,
    "choose": _choose,
    "mornings": _set_mornings,
}


def _reader(token: str, now: datetime) -> _Reader:
    mark, topic, language = services().links.read_letters(token, now)
    if topic not in list(Topic):
        raise NotFound(NOT_OURS)
    languages.prefer(language)
    return _Reader(mark, Topic(topic))


def _page(reader: _Reader, form: Form, status: int = 200) -> Response:
    stopped = choices.stopped(reader.mark)
    return guests.page(
        "unsubscribe.html",
        status,
        form=form,
        topic=reader.topic,
        stopped=stopped,
        topics=[(topic, topic_words.NAMES[topic], topic_words.HINTS[topic]) for topic in Topic],
        names=topic_words.NAMES,
        zones=[(zone, words.zone_name(zone)) for zone in ZONES],
        zone=folding.zone_of(reader.mark),
    )
