"""An expert's private calendars by the link of their season: most have no account, and the link is theirs alone."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.feeds.private import address_of
from eventsvc.interfaces import languages
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import calendar_links, guests
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER
from eventsvc.interfaces.web.private_calendars_page import SHOWS, shows_of
from eventsvc.workflows import keep_private_feeds as keep


def add_guest_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/season/<token>/calendars", view_func=season_calendars, methods=["GET", "POST"])


def season_calendars(token: str) -> ResponseReturnValue:
    """The addresses that were made here; make one, turn one, end one. Refuses NotFound and LinkExpired."""
    now, links, form = clock.now(), services().links, Form(request.form)
    slug, mark = links.read_season(token, now)
    if request.method != "POST":
        return _page(token, slug, mark, form)
    act, chosen = form.value("act"), form.value("calendar")
    try:
        with transaction():
            if act == "turn":
                keep.turn_by_link(slug, mark, chosen, links=links, now=now)
            elif act == "end":
                keep.end_by_link(slug, mark, chosen, now=now)
            else:
                keep.make_by_link(slug, mark, form.value("made_for"), shows_of(form), links=links, now=now)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(token, slug, mark, form, refusal.status)
    return redirect(url_for(".season_calendars", token=token), SEE_OTHER)


def _page(token: str, slug: str, mark: str, form: Form, status: int = 200) -> Response:
    links = services().links
    expert, found = keep.of_expert_by_link(slug, mark)
    languages.prefer(expert.language)
    addresses = [(feed, address_of(feed, links)) for feed in found]
    shown = [
        (feed, address, calendar_links.for_address(address, expert.name) if address else None)
        for feed, address in addresses
    ]
    return guests.page(
        "season_calendars.html",
        status,
        expert=expert,
        feeds=shown,
        form=form,
        shows=SHOWS,
        season=url_for(".season", token=token),
        zone=expert.zone,
    )
