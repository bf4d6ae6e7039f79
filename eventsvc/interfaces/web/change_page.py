"""Changing an event: another time, place or other people (move), and other words (edit)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal, Stale
from eventsvc.core.versions import these
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import requests
from eventsvc.interfaces.schemas import MoveSchema, WordsSchema
from eventsvc.interfaces.series_schemas import Scope
from eventsvc.interfaces.shown import get_changeable_event
from eventsvc.interfaces.web import choices, done_words, edit_conflict, forms, glance, kept, offers
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import go_to_event, planner_only
from eventsvc.interfaces.web.told import told_rows
from eventsvc.workflows import change_series, edit_event, move_event
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.offer_alternatives import offers_for_move
from eventsvc.workflows.who_is_told import trying


def add_routes(blueprint: Blueprint) -> None:
    """Add moving and editing."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/events/<event_id>/move", view_func=move, methods=both)
    blueprint.add_url_rule("/events/<event_id>/edit", view_func=edit, methods=both)


@kept.shows_again
@planner_only
def move(event_id: str) -> ResponseReturnValue:
    """Another time, place or other people."""
    event = get_changeable_event(event_id, requests.actor())
    if request.method != "POST":
        return _move_page(event, forms.filled_from(event))
    form = Form(kept.sent())
    if wanted := offers.wish_in(form):
        form = offers.filled(form, wanted)
    if form.value("act") == "rooms" or kept.is_again():
        return _move_page(event, form)
    if form.value("act") != "move":
        try:
            with trying(event_id) as told:
                _mover(event_id)(form)
        except Refusal as refusal:
            return _not_moved(event_id, form, refusal)
        return _move_page(get_event(event_id), form, is_free=True, told=told_rows(told))
    version = event.version
    try:
        with transaction():
            moved = _mover(event_id)(form)
    except Refusal as refusal:
        return _not_moved(event_id, form, refusal)
    flash(done_words.moved(moved, is_changed=moved.version != version))
    return go_to_event(event_id)


def _mover(event_id: str) -> Any:
    def story(form: Form) -> Event:
        values, to = forms.move_values(form), _destination(form)
        if form.value("scope") != Scope.FOLLOWING:
            return move_event.move_event(event_id, to, actor=requests.actor(), now=clock.now())
        to = forms.load(MoveSchema(), _changed(values, forms.move_values(forms.filled_from(get_event(event_id)))))
        return change_series.move_following(event_id, to, actor=requests.actor(), now=clock.now())

    return story


def _destination(form: Form) -> Destination:
    to: Destination = forms.load(MoveSchema(), forms.move_values(form), needed=forms.when_fields(form))
    return to


def _changed(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What the person has changed in the form: the others of the series keep what they have of their own."""
    changed = {name: value for name, value in values.items() if name not in before or before[name] != value}
    if "starts_local" in changed and "starts_side" in values:
        changed["starts_side"] = values["starts_side"]
    return changed


def _not_moved(event_id: str, form: Form, refusal: Refusal) -> ResponseReturnValue:
    event = get_event(event_id)
    form.refuse(refusal, choices.place_of(form, event.owner)[1])
    found = offers.shown(form, lambda: offers_for_move(event_id, _destination(form), now=clock.now()))
    return _move_page(event, form, offers=found), refusal.status


def _move_page(event: Event, form: Form, **more: Any) -> str:
    shown = choices.of_bookings(form, event.owner, [topic.slug for topic in event.topics])
    warnings = _warnings(event, form) if more.get("is_free") else []
    return render_template("events/move.html", event=event, form=form, warnings=warnings, **shown, **more)


def _warnings(event: Event, form: Form) -> list[str]:
    """What the move would take from others who count on somebody softly."""
    seen = glance.of_form(form, *choices.place_of(form, event.owner), beside_event_id=event.id)
    return seen.warnings if seen else []


@kept.shows_again
@planner_only
def edit(event_id: str) -> ResponseReturnValue:
    """Other words; what was read goes with the form, so that nobody's change is overwritten unseen."""
    event = get_changeable_event(event_id, requests.actor())
    if request.method != "POST":
        return _edit_page(event, edit_conflict.read_now(event, forms.filled_from(event)))
    form = Form(kept.sent())
    if kept.is_again():
        return _edit_page(event, form)
    try:
        if form.value("act") == "check":
            with trying(event_id) as told:
                _edited(event_id, form)
            return _edit_page(get_event(event_id), form, told=told_rows(told))
        with transaction():
            edited = _edited(event_id, form)
    except Stale as refusal:
        met = edit_conflict.meet(form, event := get_event(event_id))
        return _edit_page(event, met.form, conflict=met), refusal.status
    except Refusal as refusal:
        form.refuse(refusal)
        return _edit_page(get_event(event_id), form), refusal.status
    flash(gettext("The words are changed."))
    return go_to_event(str(edited.public_id))


def _edited(event_id: str, form: Form) -> Event:
    values = forms.word_values(form)
    edits = forms.load(WordsSchema(), values, needed=("title",))
    version = forms.whole(form.value("version"))
    # Without a readable version nothing is known to have been read: refused like an old one.
    expected = these(version if isinstance(version, int) else 0)
    edit = edit_event.edit_event
    if form.value("scope") == Scope.FOLLOWING:
        edit = change_series.edit_following
        edits = {
            name: edits[name] for name in _changed(values, forms.word_values(forms.filled_from(get_event(event_id))))
        }
    return edit(event_id, edits, expected=expected, actor=requests.actor(), now=clock.now())


def _edit_page(event: Event, form: Form, **more: Any) -> str:
    return render_template("events/edit.html", event=event, form=form, **choices.of_words(form), **more)
