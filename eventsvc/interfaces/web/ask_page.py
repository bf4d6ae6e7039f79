"""Asking a partner: the form of a request, and the list of those that one's offices have made."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.errors import NotFound, Refusal
from eventsvc.domain.accounts import sight_of
from eventsvc.domain.requests import lookup, standing
from eventsvc.domain.requests.employers import EmployerState, state_of
from eventsvc.domain.requests.lookup import Filter
from eventsvc.domain.requests.models import Request, RequestState
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.web import kept, wish_choices, wish_form, wish_words, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only
from eventsvc.interfaces.web.submissions import once
from eventsvc.workflows import ask_partner

PAGE_OF_REQUESTS = 25
# What a list shows: what still waits, or what has been answered.
_SHOWN: dict[str, tuple[RequestState, ...]] = {
    "waiting": standing.WAITS,
    "answered": tuple(state for state in RequestState if state not in standing.WAITS),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the form and the list."""
    blueprint.add_url_rule("/requests/new", view_func=ask, methods=["GET", "POST"])
    blueprint.add_url_rule("/requests/mine", view_func=my_requests)


@kept.shows_again
@planner_only
def ask() -> ResponseReturnValue:
    """Ask a partner; `?partner=` and `?round=` choose whom, `?again=` takes the words of an earlier request."""
    if request.method != "POST":
        return _begun()
    form = Form(kept.sent())
    if kept.is_again():
        return _page(form)
    try:
        with wish_form.naming_fields(form):
            asked, is_new = once(form, lookup.find_submitted, _asked)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status
    flash(_said(asked) if is_new else gettext("This was asked already: here it is."), "good")
    return redirect(url_for("pages.wish", request_id=asked.public_id), SEE_OTHER)


def _asked(form: Form, submission: str | None) -> Request:
    said = wish_form.asked_in(form)
    return ask_partner.ask_partner(said, submission=submission, actor=requests.actor(), now=clock.now())


def _said(asked: Request) -> str:
    said = gettext(
        "Asked. Both offices are told; the partner should answer by %(day)s.", day=words.day(asked.answer_by)
    )
    if state_of(asked.asker.organization, asked.partner.organization) is not EmployerState.WAITING:
        return str(said)
    new = gettext("This employer is new to you: nothing is planned before you have approved it under Employers.")
    return f"{said} {new}"


def _begun() -> ResponseReturnValue:
    """The form; its number stands in the address, so that going back finds the same form."""
    if not request.args.get("submission"):
        numbered = [pair for pair in request.args.items(multi=True) if pair[0] != "submission"]
        numbered.append(("submission", secrets.token_hex(8)))
        return redirect(f"{request.path}?{urlencode(numbered)}", SEE_OTHER)
    number = request.args["submission"]
    if "again" in request.args:
        before = lookup.get_request(request.args["again"], requests.actor())
        return _page(wish_form.filled_from(before).with_values(submission=number))
    form = Form(request.args)
    if form.value("round"):
        form = form.with_values(partner=_of_round(form))
    return _page(wish_choices.with_only_campus(form, requests.actor()))


def _of_round(form: Form) -> str:
    """The office whose round the address names, if there is one."""
    try:
        return lookup.get_round(form.value("round")).office.slug
    except NotFound:
        return form.value("partner")


def _page(form: Form) -> str:
    return render_template("wishes/ask.html", form=form, **wish_choices.of_form(form, requests.actor(), clock.now()))


@planner_only
def my_requests() -> str:
    """What one's offices have asked for: those that wait, or with `?show=answered` the others; the oldest first."""
    actor, now = requests.actor(), clock.now()
    show = request.args.get("show", "waiting")
    show = show if show in _SHOWN else "waiting"
    cursor = request.args.get("cursor")
    own = tuple(office.id for office in wish_choices.own_offices(actor))
    wanted = Filter(sight=sight_of(actor), states=_SHOWN[show], asker_ids=own)
    found, last = lookup.page(wanted, after=paging.event_key(cursor), limit=PAGE_OF_REQUESTS)
    following = paging.encode(paging.event_cursor(last)) if last else None
    return render_template(
        "wishes/mine.html",
        lines=[line_of(one, now) for one in found],
        show=show,
        following=url_for("pages.my_requests", show=show, cursor=following) if following else None,
        is_first_page=cursor is None,
    )


def line_of(one: Request, now: datetime) -> dict[str, Any]:
    """A request as a line of a list."""
    is_late = standing.is_late(one, now)
    in_round = one.round.standing(now) if one.round is not None else None
    return {
        "wish": one,
        "state": wish_words.STATES[one.state],
        "age": standing.age_in_working_days(one, now),
        "is_late": is_late,
        "waits": one.state in standing.WAITS,
        "next": wish_words.what_is_next(one, is_late=is_late, in_round=in_round),
    }
