"""Feeds to subscribe to: the catalogue, and a page for each with its one address, a button per calendar program, a QR
code, and in plain words how soon each program sees a change (shared research: calendar-interop 2.1).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import exists, or_, select

from eventsvc.core.db import db
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory import pairings
from eventsvc.domain.directory.models import Campus, Organization, OrganizationKind, Room
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.domain.feeds import catalogue, dimensions, public, saved
from eventsvc.domain.feeds.catalogue import Listed
from eventsvc.domain.feeds.dimensions import Part
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import calendar_links, combine_words
from eventsvc.interfaces.web.calendar_links import AddFeed
from eventsvc.interfaces.web.frame import SEE_OTHER
from eventsvc.workflows.keep_pairings import may_pair

COLLEGE = OrganizationKind.COLLEGE
MOST_FOUND = 30
# Dimensions of which the catalogue shows the first ones; organizations and series are many, and looked for.
SECTIONS = {
    "topic": lazy_gettext("By topic"),
    "audience": lazy_gettext("By group"),
    "language": lazy_gettext("By language"),
    "district": lazy_gettext("By district"),
}


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
    blueprint.add_url_rule(f"/calendars/<any({','.join(public.FIND)}):of>/<word>", view_func=subscribe)


def calendars() -> ResponseReturnValue:
    """What there is to subscribe to; a campus or kind chosen in the form leads on to its page, `q` finds others."""
    for of in ("campus", "kind"):
        if word := request.args.get(of):
            return redirect(url_for(".subscribe", of=of, word=word), SEE_OTHER)
    asked = request.args.get("q", "").replace("\x00", "").strip()[:100]
    found, more = catalogue.page(words=asked, limit=MOST_FOUND) if asked else ([], None)
    return render_template(
        "calendars/catalogue.html",
        asked=asked,
        found=[_offered(one) for one in found],
        is_cut=more is not None,
        everything=_offered(catalogue.everything()),
        campuses=[(campus.slug, feed_of_campus(campus)) for campus in _campuses()],
        kinds=[(kind, _offer("kind", str(kind), "")) for kind in EventKind],
        others=[(SECTIONS[of], [_offer(of, *part) for part in _few(of)]) for of in SECTIONS],
        is_local_only=calendar_links.is_local_only(services().links),
    )


def subscribe_to_all() -> str:
    """How to subscribe to every event."""
    return _subscribe(_offered(catalogue.everything()))


def subscribe(of: str, word: str) -> str:
    """How to subscribe to one feed; refuses NotFound."""
    listed = catalogue.one(of, word)
    selects = combine_words.selects(listed.selects) if of == saved.OF else []
    more = _of_pairings(directory.get(Organization, word)) if of == "organization" else {}
    return _subscribe(_offered(listed), selects=selects, **more)


def _of_pairings(organization: Organization) -> dict[str, Any]:
    """With which colleges a school is paired, and where that is kept, for who may keep it."""
    paired = [one.name for one in pairings.partners_of(organization) if one.kind == COLLEGE]
    keeps = organization.kind in pairings.OTHER_SIDE and may_pair(requests.actor(), organization)
    return {"paired": paired, "pairings_page": url_for("pages.paired", slug=organization.slug) if keeps else None}


def _subscribe(offer: Offer, **more: Any) -> str:
    return render_template(
        "calendars/subscribe.html",
        feed=offer,
        clients=CLIENTS,
        qr=qr_code(services().links.to(offer.page)),
        is_local_only=calendar_links.is_local_only(services().links),
        **more,
    )


def feed_of_campus(campus: Campus) -> Offer:
    """The feed of a campus, and its page."""
    return _offer("campus", campus.slug, campus.name)


def _offered(listed: Listed) -> Offer:
    if listed.of == saved.OF:
        name = " · ".join(", ".join(names) for _, names in combine_words.selects(listed.selects))
        return _offer(listed.of, listed.word, name)
    return _offer(listed.of, listed.word, listed.name)


def _offer(of: str, word: str, name: str) -> Offer:
    path = f"{of}/{word}" if word else of
    page = url_for("pages.subscribe", of=of, word=word) if word else url_for("pages.subscribe_to_all")
    named = combine_words.name_of(of, word, name)
    return Offer(named, page, calendar_links.for_feed(path, named, services().links))


def _few(of: str) -> list[Part]:
    return dimensions.listed(of, limit=MOST_FOUND)


def _campuses() -> list[Campus]:
    """Campuses in use where something can take place or has: imports bring hundreds of schools that never host."""
    hosts = or_(exists().where(Room.campus_id == Campus.id), exists().where(Event.campus_id == Campus.id))
    return list(db.session.scalars(select(Campus).where(Campus.retired_on.is_(None), hosts).order_by(Campus.name)))


def qr_code(address: str) -> Markup:
    """The address as a QR code (ISO/IEC 18004), black on white also in the dark: phones read no other way round."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=3, light="#fff", omitsize=True)
    return Markup(drawn)  # segno draws squares and writes none of the text
