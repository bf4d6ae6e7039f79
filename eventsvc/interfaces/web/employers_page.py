"""Employers and colleges: which a college admits, and asking a college to admit one's own organization."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.times import local_day
from eventsvc.core.versions import these
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import EMPLOYERS, Organization
from eventsvc.domain.directory.names import is_slug
from eventsvc.domain.requests import permits
from eventsvc.domain.requests.employers import EmployerState, needs_approval
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import kept, wish_choices, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only
from eventsvc.workflows import admit_employers

STATES = {
    EmployerState.WAITING: lazy_gettext("Waits for your answer"),
    EmployerState.APPROVED: lazy_gettext("Approved"),
    EmployerState.DECLINED: lazy_gettext("Not admitted"),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the way in, and the page of a college."""
    blueprint.add_url_rule("/employers", view_func=employers, methods=["GET", "POST"])
    blueprint.add_url_rule("/employers/<slug>", view_func=employers_of, methods=["GET", "POST"])


@kept.shows_again
@planner_only
def employers() -> ResponseReturnValue:
    """One's own colleges, and for employers the form that asks a college; who has one college alone is led there."""
    form = Form(kept.sent()) if request.method == "POST" else Form()
    actor = requests.actor()
    mine = _mine(actor)
    askers = [one for one in mine if needs_approval(one)]
    colleges = [one for one in mine if one.kind not in EMPLOYERS]
    if request.method != "POST" or kept.is_again():
        if len(colleges) == 1 and not askers and request.method != "POST":
            return redirect(url_for("pages.employers_of", slug=colleges[0].slug), SEE_OTHER)
        return _ways(form, colleges, askers)
    try:
        with transaction():
            college, employer = form.value("college_asked"), form.value("employer")
            _ensure_listed(college, employer)
            found = admit_employers.ask_to_be_admitted(college, employer, actor=actor, now=clock.now())
            state = found.state
    except Refusal as refusal:
        form.refuse(refusal)
        return _ways(form, colleges, askers), refusal.status
    flash(str(_ASKED[state]), "good" if state is not EmployerState.DECLINED else "warn")
    return redirect(url_for("pages.employers"), SEE_OTHER)


_ASKED = {
    EmployerState.WAITING: lazy_gettext("Asked. The college gets a letter, and you get one with its answer."),
    EmployerState.APPROVED: lazy_gettext("This college has approved you already."),
    EmployerState.DECLINED: lazy_gettext("This college has declined; it may change its answer any time."),
}


def _ensure_listed(college: str, employer: str) -> None:
    errors = {"college_asked": college, "employer": employer}
    if missing := [(name, say("is not on the list")) for name, slug in errors.items() if _listed(slug) is None]:
        raise InvalidInput(missing)


def _listed(slug: str) -> Organization | None:
    return lookup.find(Organization, slug) if is_slug(slug) else None


def _mine(actor: Actor) -> list[Organization]:
    found = {office.organization_id: office.organization for office in wish_choices.own_offices(actor)}
    return sorted(found.values(), key=lambda one: one.name.casefold())


def _ways(form: Form, colleges: Sequence[Organization], askers: Sequence[Organization]) -> str:
    others = _organizations(lambda one: one.kind not in EMPLOYERS) if askers else []
    return render_template("wishes/employers_ways.html", form=form, colleges=colleges, askers=askers, others=others)


def _organizations(is_wanted: Callable[[Organization], bool]) -> list[tuple[str, str]]:
    query = select(Organization).where(Organization.retired_on.is_(None)).order_by(Organization.name)
    return [(one.slug, one.name) for one in db.session.scalars(query) if is_wanted(one)]


@kept.shows_again
@planner_only
def employers_of(slug: str) -> ResponseReturnValue:
    """Which employers a college admits; `?employer=` has one chosen in the form."""
    if request.method != "POST":
        return _page(slug, Form(request.args))
    form = Form(kept.sent())
    if kept.is_again():
        return _page(slug, form)
    try:
        state = _DECISIONS.get(form.value("act"))
        if state is None:
            raise InvalidInput({"act": say("is none of the acts of this page")})
        with transaction():
            _decide(slug, form, state, requests.actor(), clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(slug, form), refusal.status
    flash(str(_DONE[state]), "good")
    return redirect(url_for("pages.employers_of", slug=slug), SEE_OTHER)


_DECISIONS = {"approve": EmployerState.APPROVED, "decline": EmployerState.DECLINED}
_DONE = {
    EmployerState.APPROVED: lazy_gettext("Approved. Both sides get a letter."),
    EmployerState.DECLINED: lazy_gettext("Not admitted. Both sides get a letter."),
}


def _decide(slug: str, form: Form, state: EmployerState, actor: Actor, now: datetime) -> None:
    """The answer about an employer; one that has not asked is put on the list in the same breath."""
    employer = _listed(form.value("employer"))
    if employer is None:
        raise InvalidInput({"employer": say("is not on the list")})
    version = form.value("version")
    expected = these(int(version)) if version.isdecimal() and len(version) < 10 else None
    if needs_approval(employer):
        admit_employers.ask_to_be_admitted(slug, employer.slug, actor=actor, now=now)
    reason = form.value("reason")
    admit_employers.decide_on_employer(
        slug, employer.slug, state, reason=reason, expected=expected, actor=actor, now=now
    )


def _page(slug: str, form: Form) -> str:
    college = lookup.get(Organization, slug)
    found = admit_employers.employers_of(slug, actor=requests.actor())
    zone = next((office.zone for office in permits.offices_of(college)), "UTC")
    named: dict[str, Any] = {
        "said_on": lambda at: words.day(local_day(at, zone)),
        "college": college,
        "found": found,
        "states": STATES,
        "form": form,
    }
    listed = _organizations(lambda one: one.kind in EMPLOYERS and one.id != college.id)
    return render_template("wishes/employers.html", listed=listed, **named)
