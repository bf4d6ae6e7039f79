"""Stopping letters by the link of a letter, and having them again: no account, no session, and nothing by opening it.

A mail program's own button posts `List-Unsubscribe=One-Click` to the same address (RFC 8058): that stops the letter's
kind at once. The address is known by its digest alone, so the page cannot say it.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import NotFound, Refusal
from eventsvc.core.tokens import NOT_OURS
from eventsvc.domain.outbox import choices
from eventsvc.domain.outbox.streams import Topic
from eventsvc.interfaces import languages
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import guests, letter_choices, topic_words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER
from eventsvc.workflows.choose_letters import BY_LINK, Reader

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
        _stop(reader, now)
        return _page(reader, form)  # a mail program follows no redirection
    try:
        _act(reader, form, now)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(reader, form, refusal.status)
    return redirect(url_for(".letters_chosen", token=token), SEE_OTHER)


def _act(reader: _Reader, form: Form, now: datetime) -> None:
    if form.value("act") == "stop":
        _stop(reader, now)
    elif form.value("act") == "again":
        with transaction():
            choices.resume(reader.mark, [reader.topic])
    else:
        letter_choices.keep(Reader(reader.mark), form, actor=BY_LINK, now=now)


def _stop(reader: _Reader, now: datetime) -> None:
    with transaction():
        choices.stop(reader.mark, [reader.topic], now)


def _reader(token: str, now: datetime) -> _Reader:
    mark, topic, language = services().links.read_letters(token, now)
    if topic not in list(Topic):
        raise NotFound(NOT_OURS)
    languages.prefer(language)
    return _Reader(mark, Topic(topic))


def _page(reader: _Reader, form: Form, status: int = 200) -> Response:
    return guests.page(
        "unsubscribe.html",
        status,
        form=form,
        topic=reader.topic,
        names=topic_words.NAMES,
        **letter_choices.shown(Reader(reader.mark)),
    )
