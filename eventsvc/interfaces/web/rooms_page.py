"""On the page of an event: what the office of a room has said by telephone, and a nudge to one that is silent."""

from __future__ import annotations

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.events.lookup import get_event
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import event_page, kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import go_to_event, planner_only
from eventsvc.interfaces.web.room_answer_page import said_in
from eventsvc.workflows import answer_room, ask_rooms

SAID = {
    "grant_room": lazy_gettext("Recorded: the room is granted."),
    "decline_room": lazy_gettext("Recorded: the room cannot be had. It is given back; everybody stays reserved."),
    "nudge_room": lazy_gettext("The office is asked once more by mail."),
}
_WORDS = {"grant_room": "grant", "decline_room": "decline"}


def add_routes(blueprint: Blueprint) -> None:
    """Add the buttons; which room is meant stands in the form."""
    rule = f"/events/<event_id>/<any({','.join(SAID)}):verb>"
    blueprint.add_url_rule(rule, view_func=record, methods=["POST"])


@kept.shows_again
@planner_only
def record(event_id: str, verb: str) -> ResponseReturnValue:
    """Write down what the room's office said, or write to it again; a no is said on the same page."""
    form = Form(kept.sent())
    room = form.value("room")
    if kept.is_again():
        return event_page.show(event_id, form, refused=f"{verb} {room}")
    try:
        _act(event_id, room, verb, form)
    except Refusal as refusal:
        form.refuse(refusal, get_event(event_id).zone)
        return event_page.show(event_id, form, refused=f"{verb} {room}"), refusal.status
    flash(str(SAID[verb]))
    return go_to_event(event_id)


def _act(event_id: str, room: str, verb: str, form: Form) -> None:
    actor, now = requests.actor(), clock.now()
    if verb == "nudge_room":
        with transaction():
            ask_rooms.nudge(event_id, room, actor=actor, now=now)
        return
    said = said_in(form.with_values(answer=_WORDS[verb]))
    with transaction():
        answer_room.record_room_answer(event_id, room, said, actor=actor, now=now)
