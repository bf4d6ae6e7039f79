"""How many came: one number, by the link of a letter to the host or on the event's own pages.

Heads are counted, never names; who spoke is chosen among those named, or written as the directory has it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import LinkExpired, Refusal
from eventsvc.domain.attendance import afterwards, counting
from eventsvc.domain.attendance.models import Standing
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import languages, requests
from eventsvc.interfaces.attendance_schemas import SaidOnPageSchema, count_of
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown import get_changeable_event
from eventsvc.interfaces.web import forms, guests, kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, go_to_event, planner_only
from eventsvc.workflows import after_event

_NUMBERS = ("heads", *counting.PARTS)


def add_routes(blueprint: Blueprint) -> None:
    """Add what planners do."""
    blueprint.add_url_rule("/events/<event_id>/count", view_func=count_event, methods=["GET", "POST"])


def add_guest_routes(blueprint: Blueprint) -> None:
    """Add the page of the link in the host's letter."""
    blueprint.add_url_rule("/count/<token>", view_func=how_many)
    blueprint.add_url_rule("/count/<token>", view_func=say_how_many, methods=["POST"])


@kept.shows_again
@planner_only
def count_event(event_id: str) -> ResponseReturnValue:
    """The same form on the event's pages, for those who plan it."""
    event = get_changeable_event(event_id, requests.actor())
    if request.method != "POST":
        return _planners_page(event, _filled(event))
    form = Form(kept.sent())
    if kept.is_again():
        return _planners_page(event, form)
    try:
        body = _said_in(form)
        spoke, others = form.all("spoke"), body["others"]
        with transaction():
            after_event.say_count_with_names(
                event_id, count_of(body), spoke, others, actor=requests.actor(), now=clock.now()
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return _planners_page(get_event(event_id), form), refusal.status
    flash(gettext("The number is kept."), "good")
    return go_to_event(event_id)


def how_many(token: str) -> Response:
    """The form, filled with what was said or counted at the door; or why there is nothing to fill in."""
    try:
        event = get_event(services().links.read_count(token, clock.now()))
    except LinkExpired as refusal:
        return _page(get_event(refusal.facts["subject"]), Form(), refusal.status, is_over=True)
    return _page(event, _filled(event))


def say_how_many(token: str) -> ResponseReturnValue:
    """Keep the number and show the page again; a no is said there."""
    form, now = Form(request.form), clock.now()
    try:
        event_id = services().links.read_count(token, now)
    except LinkExpired as refusal:
        return _page(get_event(refusal.facts["subject"]), form, refusal.status, is_over=True)
    try:
        body = _said_in(form)
        with transaction():
            after_event.say_count_by_link(event_id, count_of(body), form.all("spoke"), body["others"], now=now)
    except Refusal as refusal:
        event = get_event(event_id)
        languages.prefer(event.owner.language)
        form.refuse(refusal)
        return _page(event, form, refusal.status)
    return redirect(url_for(".how_many", token=token), SEE_OTHER)


def _said_in(form: Form) -> dict[str, Any]:
    typed = {name: forms.whole(form.value(name)) for name in _NUMBERS if form.value(name).strip()}
    body: dict[str, Any] = forms.load(SaidOnPageSchema(), {**typed, "others": form.value("others")})
    return body


def _filled(event: Event) -> Form:
    """What was said; else what was counted at the door, and whoever said yes."""
    told = counting.told_of(event)
    spoke = after_event.who_was_to_come(event) if told.speakers is None else told.speakers
    named = {expert.id for expert in event.experts}
    values: list[tuple[str, Any]] = [("spoke", expert.slug) for expert in spoke]
    values.append(("others", ", ".join(expert.name for expert in spoke if expert.id not in named)))
    if told.row is not None and told.standing is Standing.COUNTED:
        numbers = {name: getattr(told.row, name) for name in _NUMBERS}
    else:
        numbers = {"heads": counting.counted_at_door(event.id)}
    values += [(name, str(number)) for name, number in numbers.items() if number is not None]
    return Form(MultiDict(values))


def _shown(event: Event, form: Form) -> dict[str, Any]:
    return {
        "event": event,
        "form": form,
        "told": counting.told_of(event),
        "is_open": counting.takes_a_count(event, clock.now()),
        "at_door": counting.counted_at_door(event.id),
    }


def _planners_page(event: Event, form: Form) -> str:
    return render_template("events/count.html", **_shown(event, form))


def _page(event: Event, form: Form, status: int = 200, *, is_over: bool = False) -> Response:
    languages.prefer(event.owner.language)
    shown = _shown(event, form)
    return guests.page(
        "count.html",
        status,
        **shown,
        ending="",
        is_over=is_over,
        is_on_page=False,
        questions="" if is_over else _questions(event),
    )


def _questions(event: Event) -> str:
    """Where the host answers the two questions; they are asked once the number is there."""
    asked = counting.hosts_feedback(event)
    return services().links.feedback(str(asked.public_id), afterwards.taken_until(event)) if asked else ""
