"""Planning: choose the campus, fill the form, check or plan; a no comes back with the form as it was filled."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.errors import Refusal
from eventsvc.domain.events.lookup import find_submitted
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import requests
from eventsvc.interfaces.schemas import PlanSchema
from eventsvc.interfaces.shown import get_visible_event
from eventsvc.interfaces.web import choices, done_words, forms, kept, offers, reminder_words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, go_to_event, planner_only
from eventsvc.interfaces.web.offers import Shown
from eventsvc.interfaces.web.submissions import once
from eventsvc.interfaces.web.told import ToldRow, told_rows
from eventsvc.workflows import plan_event, preview_reminders
from eventsvc.workflows.offer_alternatives import offers_for_plan
from eventsvc.workflows.plan_event import Plan
from eventsvc.workflows.preview_reminders import Preview
from eventsvc.workflows.who_is_told import trying_plan


def add_routes(blueprint: Blueprint) -> None:
    """Add planning."""
    blueprint.add_url_rule("/plan", view_func=plan, methods=["GET", "POST"])


@kept.shows_again
@planner_only
def plan() -> ResponseReturnValue:
    """Plan an event; `?campus=` chooses where, `?copy=` takes the words and people of another event."""
    if request.method != "POST":
        return begun(_page)
    form = Form(kept.sent())
    if form.value("act") == "rooms" or kept.is_again():  # show what belongs to the choices so far, keep the rest
        return _page(form)
    if form.value("offer"):
        return _taken_up(form)
    if form.value("act") not in ("plan", "draft"):
        return _checked(form)
    try:
        event, is_new = plan_once(form)
    except Refusal as refusal:
        return _refused(form, refusal), refusal.status
    flash(_said(event) if is_new else gettext("This was planned already: here it is."))
    return go_to_event(str(event.public_id))


def _taken_up(form: Form) -> ResponseReturnValue:
    """An offer that was pressed: the form filled with it, and everything held while it is looked at once more."""
    wanted = offers.wish_in(form)
    if wanted is None:
        return _page(form)
    filled = offers.filled(form, wanted)
    try:
        return _page(offers.hold(filled, wanted))
    except Refusal as refusal:
        return _refused(filled, refusal), refusal.status


def _checked(form: Form) -> ResponseReturnValue:
    """What stands against a form, or who would be told and reminded: its story is run and nothing of it kept."""
    try:
        with trying_plan() as told:
            told.plans(tried := _planned(form))
            found = preview_reminders.of_tried(tried, actor=requests.actor(), now=clock.now())
    except Refusal as refusal:
        return _refused(form, refusal), refusal.status
    return _page(form, reminded=found, told=told_rows(told))


def plan_once(form: Form) -> tuple[Event, bool]:
    """The event of this very form and whether it was made now: pressed twice, it is planned once."""
    return once(form, find_submitted, _planned)


def _planned(form: Form, submission: str | None = None) -> Event:
    is_draft = form.value("act") == "draft"
    return plan_event.plan_event(
        _plan_in(form),
        is_draft=is_draft,
        hold=None if is_draft else offers.live_hold(form),
        submission=submission,
        actor=requests.actor(),
        now=clock.now(),
    )


def _plan_in(form: Form) -> Plan:
    needed = ("title", *forms.when_fields(form))
    plan: Plan = forms.load(PlanSchema(), forms.plan_values(form), needed=needed)[0]
    return plan


def begun(show: Callable[[Form], str]) -> ResponseReturnValue:
    """A form to start from: empty, at a campus, or a copy; `show` is its page.

    Its number stands in the address, so that going back finds the same form, whatever the browser has kept of it.
    """
    asked = request.args
    if ("campus" in asked or "copy" in asked) and not asked.get("submission"):
        numbered = [pair for pair in asked.items(multi=True) if pair[0] != "submission"]
        numbered.append(("submission", secrets.token_hex(8)))
        return redirect(f"{request.path}?{urlencode(numbered)}", SEE_OTHER)
    if "copy" not in asked:
        return show(Form(asked))
    copied = forms.filled_from(get_visible_event(asked["copy"], requests.actor()), with_time=False)
    return show(copied.with_values(submission=asked["submission"]))


def _said(event: Event) -> str:
    if event.holds_resources:
        return done_words.requested(event)
    return str(gettext("Kept as a draft. Nothing is reserved yet."))


def _refused(form: Form, refusal: Refusal) -> str:
    form.refuse(refusal, choices.place_of(form)[1])
    return _page(form, found=offers.shown(form, lambda: offers_for_plan(_plan_in(form), now=clock.now())))


def _page(
    form: Form, *, reminded: Preview | None = None, told: Sequence[ToldRow] = (), found: Sequence[Shown] = ()
) -> str:
    """The form; `reminded` and `told` where all is free."""
    is_begun = "campus" in form.values
    held = offers.standing_in_words(form, choices.place_of(form)[1])
    return render_template(
        "plan.html",
        form=form,
        is_begun=is_begun,
        is_free=reminded is not None,
        reminded=reminded,
        told=told,
        says=reminder_words,
        offers=found,
        held=held,
        **choices.of_plan(form),
    )
