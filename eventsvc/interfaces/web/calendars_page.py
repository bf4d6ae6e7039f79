"""The catalogue of feeds: every address, a button per calendar program, and how soon each of them sees a change."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, render_template
from flask_babel import gettext
from sqlalchemy import exists, or_, select

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.models import Event
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import calendar_links, words
from eventsvc.interfaces.web.calendar_links import AddFeed


class Offer(NamedTuple):
    """A feed somebody may subscribe to."""

    key: str
    name: str
    add: AddFeed


def add_routes(blueprint: Blueprint) -> None:
    """Add the catalogue."""
    blueprint.add_url_rule("/calendars", view_func=calendars)


def calendars() -> str:
    """All feeds: everything, each campus, each kind."""
    return render_template(
        "calendars.html",
        everything=_offer("all", gettext("All events")),
        campuses=[_offer(f"campus/{campus.slug}", campus.name) for campus in _campuses()],
        kinds=[_offer(f"kind/{kind}", str(name)) for kind, name in words.KINDS_PLURAL.items()],
        is_local_only=calendar_links.is_local_only(services().links),
    )


def _campuses() -> list[Campus]:
    """Campuses in use where something can take place or has: imports bring hundreds of schools that never host."""
    hosts = or_(exists().where(Room.campus_id == Campus.id), exists().where(Event.campus_id == Campus.id))
    return list(db.session.scalars(select(Campus).where(Campus.retired_on.is_(None), hosts).order_by(Campus.name)))


def _offer(path: str, name: str) -> Offer:
    return Offer(path.replace("/", "-"), name, calendar_links.for_feed(path, name, services().links))
