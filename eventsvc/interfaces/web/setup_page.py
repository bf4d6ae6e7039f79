"""Setting up a college: on an empty database for the first, at any time for another.

Every step is one page whose form is saved at once. Nothing remembers where somebody stopped: what is done is worked out
from what is there, so one leaves and comes back, and two people may share the work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, NotFound, Refusal, SignInNeeded, say
from eventsvc.domain.accounts import ensure_may_run, may_run, signing_in
from eventsvc.domain.directory.models import Organization
from eventsvc.interfaces import college_ready, requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import frame, kept, reminder_words, setup_letters, setup_people, setup_places, setup_words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.setup_steps import Saved, StepPage, renamed
from eventsvc.interfaces.web.told import told_rows
from eventsvc.workflows import set_up
from eventsvc.workflows.set_up import STEPS, State, Step
from eventsvc.workflows.who_is_told import trying_place

PAGES: dict[str, StepPage] = {
    Step.OFFICE: setup_places.OFFICE,
    Step.CAMPUS: setup_places.CAMPUS,
    Step.ROOMS: setup_places.ROOMS,
    Step.EXPERT: setup_people.EXPERT,
    Step.SENDER: setup_letters.SENDER,
    Step.COLLEAGUE: setup_people.COLLEAGUE,
    Step.FEED: setup_letters.FEED,
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/setup", view_func=set_up_colleges)
    blueprint.add_url_rule("/setup/new", view_func=set_up_new, methods=["GET", "POST"])
    blueprint.add_url_rule("/setup/<slug>", view_func=set_up_college)
    blueprint.add_url_rule("/setup/<slug>/ready", view_func=set_up_ready)
    blueprint.add_url_rule("/setup/<slug>/<step>", view_func=set_up_step, methods=["GET", "POST"])
    blueprint.add_url_rule("/setup/<slug>/<step>/skip", view_func=set_up_skip, methods=["POST"])


def welcome() -> str:
    """What stands at / as long as nothing is there."""
    may_anybody = bool(services().admin_token) or signing_in.has_accounts()
    return render_template("setup/welcome.html", may_anybody=may_anybody, has_token=bool(services().admin_token))


def _for_those_who_may(view: Callable[..., Any]) -> Callable[..., Any]:
    """Send strangers to the sign-in page, and back afterwards with what they typed."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            set_up.ensure_may_begin(requests.actor())
        except SignInNeeded:
            if request.method == "POST" and (found := kept.of_this_request()):
                return frame.sign_in_page(frame.way_back(), kept=found), 401
            return redirect(url_for(".sign_in", next=frame.way_back()), frame.SEE_OTHER)
        return view(*args, **kwargs)

    return guarded


@_for_those_who_may
def set_up_colleges() -> str:
    """The colleges that one may set up, and the way to another one."""
    actor = requests.actor()
    return render_template("setup/colleges.html", colleges=set_up.colleges(actor=actor), may_add=may_run(actor))


@kept.shows_again
@_for_those_who_may
def set_up_new() -> ResponseReturnValue:
    """The first step of a college that is not there yet."""
    actor = requests.actor()
    ensure_may_run(actor)
    if request.method != "POST":
        return _new_page(setup_places.new_college())
    form = Form(kept.sent())
    if kept.is_again():
        return _new_page(form)
    try:
        with transaction():
            saved = setup_places.add_college(form, actor, clock.now())
            college = saved.college
            slug = college.slug if college else ""
    except InvalidInput as refusal:
        form.refuse(renamed(refusal, setup_places.OFFICE_FIELDS))
        return _new_page(form), refusal.status
    flash(saved.says, "good")
    return redirect(url_for(".set_up_step", slug=slug, step=Step.CAMPUS), frame.SEE_OTHER)


def _new_page(form: Form) -> str:
    shown = setup_places.shown_of_office(None, form)
    return render_template(
        "setup/office.html", form=form, college=None, step=Step.OFFICE, **_of_steps(Step.OFFICE), **shown
    )


@_for_those_who_may
def set_up_college(slug: str) -> str:
    """Every step of a college, and how it stands."""
    college = set_up.get_college(slug, actor=requests.actor())
    own = url_for(".reminders_of_organization", slug=college.slug)
    ways = [way for way in reminder_words.ways_of(requests.actor()) if way[0] == own]
    return render_template("setup/college.html", college=college, reminder_ways=ways, **_of_steps(Step.READY, college))


@_for_those_who_may
def set_up_ready(slug: str) -> str:
    """What is still missing before students should see the college."""
    college = set_up.get_college(slug, actor=requests.actor())
    return render_template(
        "setup/ready.html",
        college=college,
        step=Step.READY,
        path_of=lambda check: college_ready.mending_path(check, college.slug),
        **_of_steps(Step.READY, college),
    )


@kept.shows_again
@_for_those_who_may
def set_up_step(slug: str, step: str) -> ResponseReturnValue:
    """One step: its form, filled with what is there, or what was refused of it."""
    actor = requests.actor()
    college, page = set_up.get_college(slug, actor=actor), _page_of(step)
    if request.method != "POST":
        return _step_page(college, step, page.filled(college))
    form = Form(kept.sent())
    if kept.is_again():
        return _step_page(college, step, form)
    place = setup_places.place_in(college, step, form)
    try:
        if form.value("act") == "check" and place is not None:
            with trying_place(place, clock.now()) as told:
                page.save(set_up.get_college(slug, actor=actor), form, actor, clock.now())
            return _step_page(college, step, form, told=told_rows(told), told_zone=setup_places.zone_of(place))
        with transaction():
            saved = page.save(set_up.get_college(slug, actor=actor), form, actor, clock.now())
    except Refusal as refusal:
        form.refuse(renamed(refusal, page.fields) if isinstance(refusal, InvalidInput) else refusal)
        return _step_page(college, step, form), refusal.status
    flash(saved.says, "good")
    return _onward(college, Step(step), saved)


def _onward(college: Organization, step: Step, saved: Saved) -> ResponseReturnValue:
    following = step if saved.stays else STEPS[STEPS.index(step) + 1]
    return redirect(_address(college, following), frame.SEE_OTHER)


@_for_those_who_may
def set_up_skip(slug: str, step: str) -> ResponseReturnValue:
    """Leave a step for later, with a note."""
    actor = requests.actor()
    college = set_up.get_college(slug, actor=actor)
    try:
        with transaction():
            set_up.skip(college, step, request.form.get("note", ""), actor=actor, now=clock.now())
    except InvalidInput as refusal:
        form = PAGES[step].filled(college)
        form.refuse(refusal)
        return _step_page(college, step, form), refusal.status
    flash(gettext("Left for later. It stays on the list of what is missing."))
    return _onward(college, Step(step), Saved(""))


def _page_of(step: str) -> StepPage:
    if step not in PAGES:
        raise NotFound(say("There is no step “%(step)s”.", step=step))
    return PAGES[step]


def _step_page(college: Organization, step: str, form: Form, **more: Any) -> str:
    page = _page_of(step)
    shown = page.shown(college, form)
    more["changes_place"] = setup_places.place_in(college, step, form) is not None
    steps = _of_steps(Step(step), college)
    return render_template(page.template, form=form, college=college, step=Step(step), **steps, **shown, **more)


def _of_steps(step: Step, college: Organization | None = None) -> dict[str, Any]:
    """What the frame of every step shows."""
    index = STEPS.index(step)
    progress = set_up.progress_of(college, college_ready.surroundings(), clock.now()) if college else None
    return {
        "steps": STEPS,
        "number": index + 1,
        "progress": progress,
        "is_skippable": college is not None and step in set_up.SKIPPABLE,
        "is_done": progress is not None and progress.states[step] is State.DONE,
        "previous_url": _address(college, STEPS[index - 1]) if college and index else None,
        "next_url": _address(college, STEPS[index + 1]) if college and index + 1 < len(STEPS) else None,
        "setup_words": setup_words,
        "address_of": lambda one: _address(college, one) if college else "",
    }


def _address(college: Organization, step: Step) -> str:
    if step is Step.READY:
        return url_for(".set_up_ready", slug=college.slug)
    return url_for(".set_up_step", slug=college.slug, step=str(step))
