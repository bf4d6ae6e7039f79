"""Planning: choose the campus, fill the form, check or plan; a no comes back with the form as it was filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import requests
from eventsvc.interfaces.schemas import MoveSchema, PlanSchema, WordsSchema
from eventsvc.interfaces.web import choices, forms
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import go_to_event, planner_only
from eventsvc.workflows import edit_event, move_event, plan_event

Story = Callable[[], Event]


def add_routes(blueprint: Blueprint) -> None:
    """Add planning, moving and editing."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/plan", view_func=plan, methods=both)
    blueprint.add_url_rule("/events/<event_id>/move", view_func=move, methods=both)
    blueprint.add_url_rule("/events/<event_id>/edit", view_func=edit, methods=both)


@planner_only
def plan() -> ResponseReturnValue:
    """Plan an event; `?campus=` chooses where, `?copy=` takes the words and people of another event."""
    if request.method == "GET":
        return _plan_page(_begun())
    form = Form(request.form)
    act = form.value("act")
    if act == "rooms":  # only the campus changed: show its rooms, keep the rest
        return _plan_page(form)

    def story() -> Event:
        needed = ("title", *forms.when_fields(form))
        made, _ = forms.load(PlanSchema(), forms.plan_values(form), needed=needed)
        return plan_event.plan_event(made, is_draft=act == "draft", actor=requests.actor(), now=clock.now())

    event, status = _tried(form, story)
    if event is None or act == "check":
        return _plan_page(form, is_free=event is not None), status
    said = gettext("Kept as a draft. Nothing is reserved yet.")
    flash(said if act == "draft" else gettext("Planned. Rooms and people are held, and everybody has been asked."))
    return go_to_event(str(event.public_id))


@planner_only
def move(event_id: str) -> ResponseReturnValue:
    """Another time, place or other people."""
    event = get_event(event_id)
    form = Form(request.form) if request.method == "POST" else forms.filled_from(event)
    if request.method == "GET" or form.value("act") == "rooms":
        return _event_form("events/move.html", event, form, choices.of_bookings(form))

    def story() -> Event:
        to = forms.load(MoveSchema(), forms.move_values(form), needed=forms.when_fields(form))
        return move_event.move_event(event_id, to, actor=requests.actor(), now=clock.now())

    moved, status = _tried(form, story)
    if moved is None or form.value("act") == "check":
        shown = choices.of_bookings(form)
        return _event_form("events/move.html", get_event(event_id), form, shown, is_free=moved is not None), status
    flash(gettext("Moved. Everybody concerned is told by mail."))
    return go_to_event(event_id)


@planner_only
def edit(event_id: str) -> ResponseReturnValue:
    """Other words; the version that was read goes with the form, so that nobody's change is overwritten."""
    event = get_event(event_id)
    if request.method == "GET":
        form = forms.filled_from(event)
        return _event_form("events/edit.html", event, form, choices.of_words(), version=event.version)
    form = Form(request.form)
    version = forms.whole(form.value("version"))

    def story() -> Event:
        edits = forms.load(WordsSchema(), forms.word_values(form))
        expected = version if isinstance(version, int) else None
        return edit_event.edit_event(
            event_id, edits, expected_version=expected, actor=requests.actor(), now=clock.now()
        )

    edited, status = _tried(form, story)
    if edited is None:
        return _event_form("events/edit.html", get_event(event_id), form, choices.of_words(), version=version), status
    flash(gettext("The words are changed."))
    return go_to_event(event_id)


def _begun() -> Form:
    """A form to start from: empty, at a campus, or a copy."""
    if copied := request.args.get("copy"):
        return forms.filled_from(get_event(copied), with_time=False)
    return Form(request.args)


def _tried(form: Form, story: Story) -> tuple[Event | None, int]:
    """Run a story, or rehearse it when the check button was pressed; a no goes into the form."""
    try:
        with transaction(keep=form.value("act") != "check"):
            return story(), 200
    except Refusal as refusal:
        form.refuse(refusal)
        return None, refusal.status


def _plan_page(form: Form, *, is_free: bool = False) -> str:
    is_begun = "campus" in form.values
    return render_template("plan.html", form=form, is_begun=is_begun, is_free=is_free, **choices.of_plan(form))


def _event_form(template: str, event: Event, form: Form, shown: dict[str, Any], **more: Any) -> str:
    return render_template(template, event=event, form=form, **shown, **more)
