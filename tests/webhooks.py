"""Webhooks as tests make them: a target in the database, a way out that leads to the receiver alone."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from eventsvc.core.db import transaction
from eventsvc.core.fetch import Fetcher
from eventsvc.core.links import Links
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.webhooks.models import Happening
from eventsvc.workflows import keep_webhooks as keep
from eventsvc.workflows.deliver_webhooks import Round, deliver_due
from tests.conftest import NOW
from tests.receiver import Receiver

EVERYTHING = tuple(str(kind) for kind in Happening)


def links_of_app(app: Flask) -> Links:
    """The app's own links, which make its secrets."""
    made: Links = app.extensions["eventsvc"].links
    return made


def registered(
    app: Flask,
    receiver: Receiver,
    office: str | None = None,
    kinds: tuple[str, ...] = EVERYTHING,
    url: str = "",
    now: datetime = NOW,
) -> tuple[str, str]:
    """Id and secret of a new target, of an office or of everything."""
    checked = keep.check_address(url or receiver.url, of=office, fetcher=way_to(receiver), actor=ADMINISTRATOR)
    links = links_of_app(app)
    with transaction():
        target = keep.make(office, checked, kinds, "for tests", links=links, actor=ADMINISTRATOR, now=now)
        return str(target.public_id), keep.secret_in_words(target, links)


def way_to(*receivers: Receiver, seconds: float = 5.0) -> Fetcher:
    """A way out that may reach those receivers, and nothing else that is not public."""
    return Fetcher(allowed=tuple(one.place for one in receivers), max_seconds=seconds)


def delivered(app: Flask, fetcher: Fetcher, now: datetime = NOW) -> Round:
    """One round at that moment."""
    return deliver_due(fetcher.post, links_of_app(app), lambda: now)
