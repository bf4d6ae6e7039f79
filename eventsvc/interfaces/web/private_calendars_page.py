"""Private calendars on pages: the addresses of an expert, a room or an office, and how to subscribe to one's own.

The address stands on the page of its holder alone; who else may have one of the same thing sees that it is there, and
may turn it or end it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.accounts import Actor
from eventsvc.domain.accounts.models import Grant
from eventsvc.domain.directory.models import Expert, Office, Room
from eventsvc.domain.feeds.private import PrivateFeed, Shows, Thing
from eventsvc.interfaces import downloads, requests
from eventsvc.interfaces.feed_statistics import FAMILIES, LAGS
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown_private_feeds import address_for
from eventsvc.interfaces.web import calendar_links, frame, kept
from eventsvc.interfaces.web.calendars_page import CLIENTS, qr_code
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import keep_private_feeds as keep
from eventsvc.workflows.count_polls import add_counted, fetched_by

SHOWS = {
    Shows.DETAILS: lazy_gettext("Everything: what, where, and with whom"),
    Shows.BUSY: lazy_gettext("Busy times only, as entries without words"),
    Shows.FREEBUSY: lazy_gettext("Busy times only, for programs that plan (VFREEBUSY)"),
}
_MOST_ROOMS = 200


def add_routes(blueprint: Blueprint) -> None:
    """Add the addresses of a thing, and the page of each."""
    path = "/<any(experts,rooms,offices):kind>/<slug>/calendars"
    blueprint.add_url_rule(path, view_func=private_calendars, methods=["GET", "POST"])
    blueprint.add_url_rule("/private-calendars/<calendar_id>", view_func=private_calendar, methods=["GET", "POST"])


@kept.shows_again
@frame.somebody_only
def private_calendars(kind: str, slug: str) -> ResponseReturnValue:
    """Which addresses there are, and a form for one more."""
    form = Form(kept.sent())
    if request.method != "POST" or kept.is_again():
        return _page(kind, slug, form)
    actor, now = requests.actor(), clock.now()
    try:
        with transaction():
            made = keep.make(
                kind, slug, form.value("made_for"), shows_of(form), links=services().links, actor=actor, now=now
            )
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(kind, slug, form), refusal.status
    flash(gettext("The address is made."), "good")
    return redirect(url_for(".private_calendar", calendar_id=made.public_id), frame.SEE_OTHER)


@frame.somebody_only
def private_calendar(calendar_id: str) -> ResponseReturnValue:
    """One address, for its holder with the ways to subscribe; turn it or end it."""
    actor, now, links = requests.actor(), clock.now(), services().links
    act = request.form.get("act") if request.method == "POST" else None
    if act == "turn":
        with transaction():
            keep.turn(calendar_id, links=links, actor=actor, now=now)
        flash(gettext("It has a new address; the one before leads nowhere."), "good")
        return redirect(url_for(".private_calendar", calendar_id=calendar_id), frame.SEE_OTHER)
    if act == "end":
        with transaction():
            ended = keep.end(calendar_id, actor=actor, now=now)
            kind, slug = kind_of(ended.thing), ended.thing.slug
        flash(gettext("It has ended; its address leads nowhere."), "good")
        return redirect(url_for(".private_calendars", kind=kind, slug=slug), frame.SEE_OTHER)
    return _one(keep.get_feed(calendar_id, actor=actor))


def shows_of(form: Form) -> Shows:
    """What the form says that it is to show; refuses InvalidInput."""
    said = form.value("shows") or str(Shows.DETAILS)
    if said not in list(Shows):
        raise InvalidInput({"shows": say("Choose how much it shows.")})
    return Shows(said)


def kind_of(thing: Thing) -> str:
    """The word of its pages: `experts`, `rooms` or `offices`."""
    return next(word for word, kind in keep.KINDS.items() if isinstance(thing, kind))


def ways_of(expert_ids: frozenset[int], grants: list[Grant]) -> list[tuple[str, str]]:
    """Name and page of everything near at hand that somebody may have a calendar of: themselves, offices, rooms."""
    offices = list(dict.fromkeys(grant.office for grant in grants if grant.office is not None))
    own = select(Expert).where(Expert.id.in_(expert_ids)).order_by(Expert.name)
    rooms = select(Room).where(Room.office_id.in_([office.id for office in offices]), Room.retired_on.is_(None))
    found: list[Expert | Office | Room] = [*db.session.scalars(own)] if expert_ids else []
    found += offices
    found += db.session.scalars(rooms.order_by(Room.name, Room.id).limit(_MOST_ROOMS)) if offices else []
    actor = requests.actor()
    return [(one.name, page_of(one)) for one in found if keep.may_have(actor, one)]


def page_for(thing: Thing, actor: Actor) -> str | None:
    """The page of its addresses, for who may have one; None for others."""
    return page_of(thing) if keep.may_have(actor, thing) else None


def page_of(thing: Thing) -> str:
    """The page of its addresses."""
    return url_for("pages.private_calendars", kind=kind_of(thing), slug=thing.slug)


def _page(kind: str, slug: str, form: Form) -> str:
    actor = requests.actor()
    found = keep.feeds_of(kind, slug, actor=actor)
    thing = keep.get_thing(kind, slug, actor)
    return render_template(
        "private_calendars.html",
        form=form,
        thing=thing,
        feeds=[(feed, keep.is_holder(feed, actor)) for feed in found],
        shows=SHOWS,
        zone=_zone(thing),
    )


def _one(feed: PrivateFeed) -> Response:
    """No cache keeps it, nor the browser's Back: it shows a secret."""
    actor, links = requests.actor(), services().links
    address = address_for(feed, actor)
    shown: dict[str, Any] = {"address": None}
    if address is not None:
        offer = calendar_links.for_address(address, feed.thing.name)
        shown = {"address": address, "feed": {"add": offer}, "clients": CLIENTS, "qr": qr_code(offer.webcal)}
    add_counted(services().tally)
    body = render_template(
        "private_calendar.html",
        private=feed,
        fetched=fetched_by(feed, actor),
        families=FAMILIES,
        lags=LAGS,
        is_holder=keep.is_holder(feed, actor),
        back=page_of(feed.thing),
        shows=SHOWS,
        zone=_zone(feed.thing),
        is_local_only=calendar_links.is_local_only(links),
        **shown,
    )
    return downloads.not_stored(make_response(body))


def _zone(thing: Thing) -> str:
    return thing.campus.zone if isinstance(thing, Room) else thing.zone
