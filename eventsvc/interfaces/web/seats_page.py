"""Seats on the page of an event: the order in which people are asked, one more seat, one fewer, one left open."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.versions import Expected, tag_of
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.seats import SeatRole
from eventsvc.domain.invitations import asking, line_up
from eventsvc.domain.invitations.models import InvitationState
from eventsvc.interfaces import requests
from eventsvc.interfaces.shown import get_visible_event
from eventsvc.interfaces.web import event_page, kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import go_to_event, planner_only
from eventsvc.workflows import keep_line_up
from eventsvc.workflows.line_ups import SaidSeat

# Where the page shows what was refused.
SEATS = "seats"
_CHANGED = lazy_gettext("The line-up is changed.")
_FREED = lazy_gettext("Nobody is named for that seat any more, or the next person is asked.")
_ADDED = lazy_gettext("One more seat. Where somebody stands in its line-up, they are asked.")
_GONE = lazy_gettext("That seat is gone. Who was named for it is told.")
_STORIES = {"free": (keep_line_up.free_seat, _FREED), "remove": (keep_line_up.take_seat_away, _GONE)}
_NO_BUTTON = say("is none of the buttons of this page")


def add_routes(blueprint: Blueprint) -> None:
    """Add the targets of the forms."""
    blueprint.add_url_rule("/events/<event_id>/seats", view_func=add_seat, methods=["POST"])
    one = "/events/<event_id>/seats/<seat_id>"
    blueprint.add_url_rule(f"{one}/line-up", view_func=change_line_up, methods=["POST"])
    blueprint.add_url_rule(f"{one}/<any(free,remove):verb>", view_func=change_seat, methods=["POST"])


@kept.shows_again
@planner_only
def change_line_up(event_id: str, seat_id: str) -> ResponseReturnValue:
    """One step: somebody earlier, later, out, in, or said to have agreed beforehand."""
    form = Form(kept.sent())
    if kept.is_again():
        return event_page.show(event_id, form, refused=SEATS)
    try:
        with transaction():
            then, understudies, version = _stepped(event_id, seat_id, form)
            expected = Expected(frozenset({tag_of(version)}))
            keep_line_up.keep_line_up(event_id, seat_id, then, understudies, expected=expected, **_who())
    except Refusal as refusal:
        return _refused(event_id, form, refusal)
    flash(str(_CHANGED), "good")
    return go_to_event(event_id)


@kept.shows_again
@planner_only
def add_seat(event_id: str) -> ResponseReturnValue:
    """One more seat, with the first of its line-up or left open."""
    form = Form(kept.sent())
    if kept.is_again():
        return event_page.show(event_id, form, refused=SEATS)
    try:
        said = SaidSeat(role=_role(form), then=tuple(slug for slug in [form.value("first")] if slug))
        with transaction():
            keep_line_up.add_seat(event_id, said, **_who())
    except Refusal as refusal:
        return _refused(event_id, form, refusal)
    flash(str(_ADDED), "good")
    return go_to_event(event_id)


@kept.shows_again
@planner_only
def change_seat(event_id: str, seat_id: str, verb: str) -> ResponseReturnValue:
    """Nobody is named any more, or the seat goes."""
    form = Form(kept.sent())
    if kept.is_again():
        return event_page.show(event_id, form, refused=SEATS)
    story, said = _STORIES[verb]
    try:
        with transaction():
            story(event_id, seat_id, **_who())
    except Refusal as refusal:
        return _refused(event_id, form, refusal)
    flash(str(said), "good")
    return go_to_event(event_id)


def _who() -> dict[str, Any]:
    return {"actor": requests.actor(), "now": clock.now()}


def _role(form: Form) -> SeatRole:
    if form.value("role") not in set(SeatRole):
        raise InvalidInput({"role": say("is no role of a seat")})
    return SeatRole(form.value("role"))


def _stepped(event_id: str, seat_id: str, form: Form) -> tuple[list[str], list[str], int]:
    """The line-up after the button that was pressed, who has agreed in it, and which version that was read of."""
    event = get_visible_event(event_id, requests.actor())
    seat, invitations = line_up.get_seat(event, seat_id), asking.of_event(event.id)
    then = [expert.slug for expert in line_up.next_ones(event, seat, invitations)]
    held = {one.expert_id for one in invitations if one.state is InvitationState.UNDERSTUDY}
    agreed = [one.expert.slug for one in seat.candidates if one.is_understudy or one.expert_id in held]
    act, _, slug = form.value("act").partition(":")
    if act == "add":
        slug = form.value("who")
        then.append(slug)
        agreed += [slug] if form.value("agreed") else []
    elif slug not in then:
        raise InvalidInput({"act": _NO_BUTTON})
    elif act in ("earlier", "later"):
        _swap(then, then.index(slug), -1 if act == "earlier" else 1)
    elif act == "out":
        then.remove(slug)
    elif act in ("agreed", "not-agreed"):
        agreed = [one for one in agreed if one != slug] + ([slug] if act == "agreed" else [])
    else:
        raise InvalidInput({"act": _NO_BUTTON})
    return then, [one for one in agreed if one in then], event.version


def _swap(then: list[str], at: int, by: int) -> None:
    if 0 <= at + by < len(then):
        then[at], then[at + by] = then[at + by], then[at]


def _refused(event_id: str, form: Form, refusal: Refusal) -> ResponseReturnValue:
    form.refuse(refusal, get_event(event_id).zone)
    return event_page.show(event_id, form, refused=SEATS), refusal.status
