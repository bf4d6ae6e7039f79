"""The page of a helper at the door: the event, whom to call, and how many came. No names, and nothing else.

Planners make such a link, and end it, on the event's page.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.attendance import doors
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import forms, guests
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, go_to_event, planner_only
from eventsvc.workflows import keep_door

STEPS = (1, 10)


def add_routes(blueprint: Blueprint) -> None:
    """Add what planners do."""
    blueprint.add_url_rule("/events/<event_id>/door", view_func=make_door, methods=["POST"])
    blueprint.add_url_rule("/events/<event_id>/door/<link_id>/end", view_func=end_door, methods=["POST"])


def add_guest_routes(blueprint: Blueprint) -> None:
    """Add the helper's page."""
    blueprint.add_url_rule("/door/<token>", view_func=door)
    blueprint.add_url_rule("/door/<token>", view_func=count, methods=["POST"])


@planner_only
def make_door(event_id: str) -> ResponseReturnValue:
    """Make a link for a helper."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise InvalidInput({"day": say("is no day of this event")}) from None
    with transaction():
        keep_door.make_door_link(event_id, day, actor=requests.actor(), now=clock.now())
    flash(gettext("The link is made. Copy it and give it to whoever helps at the door."), "good")
    return go_to_event(event_id)


@planner_only
def end_door(event_id: str, link_id: str) -> ResponseReturnValue:
    """End one."""
    with transaction():
        keep_door.end_door_link(event_id, link_id, actor=requests.actor(), now=clock.now())
    flash(gettext("That link opens nothing any more."))
    return go_to_event(event_id)


def door(token: str) -> Response:
    """What a helper needs to know, and two rows of buttons."""
    return _page(token, Form())


def count(token: str) -> ResponseReturnValue:
    """Count some more, or fewer."""
    form = Form(request.form)
    more = forms.whole(form.value("more"))
    try:
        if not isinstance(more, int) or abs(more) not in STEPS:
            raise InvalidInput({"more": say("is none of the buttons of this page")})
        link_id = services().links.read_door(token, clock.now())
        with transaction():
            keep_door.count_at_door(link_id, more, now=clock.now())
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(token, form, refusal.status)
    return redirect(url_for(".door", token=token), SEE_OTHER)


def _page(token: str, form: Form, status: int = 200) -> Response:
    now = clock.now()
    link = doors.get_open(services().links.read_door(token, now), now)
    event = link.event
    return guests.page(
        "door.html",
        status,
        event=event,
        link=link,
        form=form,
        heads=doors.heads_on(event.id, link.day) or 0,
        steps=STEPS,
        ending="",
        is_on_page=False,
    )
