"""Feeds to subscribe to: the catalogue, and a page for each with its one address, a button per calendar program, a QR
code, and in plain words how soon each program sees a change (shared research: calendar-interop 2.1).
"""

from __future__ import annotations

from typing import NamedTuple

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlalchemy import exists, or_, select

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import calendar_links, words
from eventsvc.interfaces.web.calendar_links import AddFeed
from eventsvc.interfaces.web.frame import SEE_OTHER


class Offer(NamedTuple):
    """A feed somebody may subscribe to, and its page here."""

    name: str
    page: str
    add: AddFeed


class Client(NamedTuple):
    """A calendar program: which of the feed's links opens it, how soon it sees a change, what one should know."""

    name: str
    link: str | None
    looks_again: str
    good_to_know: str


CLIENTS = (
    Client(
        lazy_gettext("Google Calendar"),
        "google",
        lazy_gettext("Looks again after 8 to 24 hours, sometimes later, and cannot be hurried."),
        lazy_gettext("Cancelled events vanish."),
    ),
    Client(
        lazy_gettext("Apple Calendar"),
        "webcal",
        lazy_gettext("Looks again as often as you choose, from every 5 minutes to once a week."),
        lazy_gettext("Cancelled events are struck through."),
    ),
    Client(
        lazy_gettext("Outlook, work or school"),
        "outlook",
        lazy_gettext("Looks again after about 3 hours, at most a day."),
        lazy_gettext("Cancelled events stay, with “Cancelled” in the title."),
    ),
    Client(
        lazy_gettext("Outlook.com"),
        "outlook_personal",
        lazy_gettext("Looks again after about 3 hours, at most a day."),
        lazy_gettext("Cancelled events stay, with “Cancelled” in the title."),
    ),
    Client(
        lazy_gettext("Outlook for Windows (classic)"),
        None,
        lazy_gettext("Looks again as often as our calendar asks for."),
        lazy_gettext("“Update limit” in the account settings must be on."),
    ),
    Client(
        lazy_gettext("Thunderbird"),
        None,
        lazy_gettext("Looks again every 30 minutes, unless you change it in the calendar’s properties."),
        "",
    ),
    Client(lazy_gettext("Nextcloud"), None, lazy_gettext("Looks again as often as our calendar asks for."), ""),
    Client(lazy_gettext("ICSx5 (Android)"), None, lazy_gettext("Looks again once a day, unless you change it."), ""),
)


def add_routes(blueprint: Blueprint) -> None:
    """Add the catalogue and the page of each feed."""
    blueprint.add_url_rule("/calendars", view_func=calendars)
    blueprint.add_url_rule("/calendars/all", view_func=subscribe_to_all)
    blueprint.add_url_rule("/calendars/campus/<slug>", view_func=subscribe_to_campus)
    blueprint.add_url_rule("/calendars/kind/<kind>", view_func=subscribe_to_kind)


def calendars() -> ResponseReturnValue:
    """All feeds; a campus or kind chosen in the form leads on to its page."""
    if campus := request.args.get("campus"):
        return redirect(url_for(".subscribe_to_campus", slug=campus), SEE_OTHER)
    if kind := request.args.get("kind"):
        return redirect(url_for(".subscribe_to_kind", kind=kind), SEE_OTHER)
    return render_template(
        "calendars/catalogue.html",
        everything=_everything(),
        campuses=[(campus.slug, feed_of_campus(campus)) for campus in _campuses()],
        kinds=[(kind, _of_kind(kind)) for kind in EventKind],
        is_local_only=calendar_links.is_local_only(services().links),
    )


def subscribe_to_all() -> str:
    """How to subscribe to every event."""
    return _subscribe(_everything())


def subscribe_to_campus(slug: str) -> str:
    """How to subscribe to the events of a campus; refuses NotFound."""
    return _subscribe(feed_of_campus(lookup.get(Campus, slug)))


def subscribe_to_kind(kind: str) -> str:
    """How to subscribe to the events of a kind; refuses NotFound."""
    if kind not in list(EventKind):
        raise NotFound(say("There is no kind of event “%(kind)s”.", kind=kind))
    return _subscribe(_of_kind(EventKind(kind)))


def _subscribe(offer: Offer) -> str:
    return render_template(
        "calendars/subscribe.html",
        feed=offer,
        clients=CLIENTS,
        qr=qr_code(services().links.to(offer.page)),
        is_local_only=calendar_links.is_local_only(services().links),
    )


def _everything() -> Offer:
    return _offer("all", gettext("All events"), url_for("pages.subscribe_to_all"))


def feed_of_campus(campus: Campus) -> Offer:
    """The feed of a campus, and its page."""
    return _offer(f"campus/{campus.slug}", campus.name, url_for("pages.subscribe_to_campus", slug=campus.slug))


def _of_kind(kind: EventKind) -> Offer:
    return _offer(f"kind/{kind}", str(words.KINDS_PLURAL[kind]), url_for("pages.subscribe_to_kind", kind=str(kind)))


def _offer(path: str, name: str, page: str) -> Offer:
    return Offer(name, page, calendar_links.for_feed(path, name, services().links))


def _campuses() -> list[Campus]:
    """Campuses in use where something can take place or has: imports bring hundreds of schools that never host."""
    hosts = or_(exists().where(Room.campus_id == Campus.id), exists().where(Event.campus_id == Campus.id))
    return list(db.session.scalars(select(Campus).where(Campus.retired_on.is_(None), hosts).order_by(Campus.name)))


def qr_code(address: str) -> Markup:
    """The address as a QR code (ISO/IEC 18004), black on white also in the dark: phones read no other way round."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=3, light="#fff", omitsize=True)
    return Markup(drawn)  # segno draws squares and writes none of the text
