"""What tests of private calendars stand on: make addresses, poll them, and read what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import icalendar
from flask import Flask
from flask.testing import FlaskClient

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Actor
from eventsvc.domain.feeds.private import Shows, address_of
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_private_feeds as keep


@dataclass
class Address:
    """One private calendar: its id and the path of its address."""

    id: str
    path: str


def make(app: Flask, kind: str, slug: str, shows: Shows = Shows.DETAILS, *, actor: Actor = ADMINISTRATOR) -> Address:
    """A new address of an expert, a room or an office."""
    with app.app_context():
        links = services().links
        with transaction():
            feed = keep.make(kind, slug, "a telephone", shows, links=links, actor=actor, now=clock.now())
        return Address(str(feed.public_id), _path(address_of(feed, links)))


def turn(app: Flask, address: Address, *, actor: Actor = ADMINISTRATOR) -> Address:
    """The same with a new address."""
    with app.app_context():
        links = services().links
        with transaction():
            feed = keep.turn(address.id, links=links, actor=actor, now=clock.now())
        return Address(address.id, _path(address_of(feed, links)))


def _path(url: str | None) -> str:
    assert url is not None
    return "/calendar/" + url.rpartition("/")[2]


def read(client: FlaskClient, address: Address) -> list[dict[str, Any]]:
    """The entries of a calendar as `icalendar` reads them: what tests ask for, in order."""
    calendar = icalendar.Calendar.from_ical(body(client, address))
    assert not calendar.errors
    return [_said(one) for one in calendar.walk("VEVENT")]


def body(client: FlaskClient, address: Address) -> bytes:
    """The bytes of a calendar that is there."""
    answer = client.get(address.path)
    assert answer.status_code == 200, answer.text
    return answer.data


def _said(one: icalendar.Event) -> dict[str, Any]:
    return {
        "title": str(one["summary"]),
        "starts": one.decoded("dtstart"),
        "ends": one.decoded("dtend"),
        "status": str(one["status"]),
        "transparency": str(one["transp"]),
        "location": str(one.get("location", "")),
        "description": str(one.get("description", "")),
        "uid": str(one["uid"]),
    }
