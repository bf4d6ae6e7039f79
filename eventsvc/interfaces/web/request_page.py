"""The page of one request: what is wished, who fits, and what each side can say; letters about it lead here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.versions import Expected, these
from eventsvc.domain.accounts import Actor
from eventsvc.domain.conversations import remarks
from eventsvc.domain.requests import lookup, permits, standing
from eventsvc.domain.requests.models import RequestState, Side
from eventsvc.domain.requests.offered import OfferState
from eventsvc.domain.requests.standing import Step
from eventsvc.interfaces import requests
from eventsvc.interfaces.match_words import language_name
from eventsvc.interfaces.web import answering, frame, kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.wish_words import FORMATS, LEVELS, STATES, said_window, what_is_next
from eventsvc.workflows import answer_request, ask_partner, converse_about_request, match_experts, offer_dates


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/requests/<request_id>", view_func=wish, methods=["GET", "POST"])


@kept.shows_again
@frame.somebody_only
def wish(request_id: str) -> ResponseReturnValue:
    """One request, for its two offices; `act` says what to do with it."""
    form = Form(kept.sent()) if request.method == "POST" else Form()
    if request.method != "POST" or kept.is_again():
        return show(request_id, form)
    try:
        act = _ACTS.get(form.value("act"))
        if act is None:
            raise InvalidInput({"act": say("is none of the acts of this page")})
        version = int(form.value("version")) if form.value("version").isdecimal() else 0
        with transaction():
            act[0](request_id, form, expected=these(version), actor=requests.actor(), now=clock.now())
    except Refusal as refusal:
        shown = show(request_id, _refused(form, refusal, request_id))
        return shown, refusal.status
    flash(str(act[1]), "good")
    return redirect(url_for("pages.wish", request_id=request_id), frame.SEE_OTHER)


def _refused(form: Form, refusal: Refusal, request_id: str) -> Form:
    form.refuse(refusal, lookup.get_request(request_id, requests.actor()).zone)
    # What is wrong with a time is noted at "date", as in the form of a plan; here it is one field.
    if "date" in form.errors:
        form.errors["starts_local"] = form.errors.pop("date")
    return form


def show(request_id: str, form: Form) -> str:
    """The page of a request with a form of it as it was filled."""
    actor, now = requests.actor(), clock.now()
    found = lookup.get_request(request_id, actor)
    sides = permits.sides_of(actor, found)
    waits = found.state in standing.WAITS
    answers = waits and Side.PARTNER in sides
    people = match_experts.matches_of(request_id, actor=actor, now=now)[1] if answers else []
    offers = lookup.offers_of([found.id]).get(found.id, [])
    return render_template(
        "wish.html",
        wish=found,
        form=form,
        state=STATES[found.state],
        age=standing.age_in_working_days(found, now),
        is_late=standing.is_late(found, now),
        answers=answers,
        is_colleges=Side.COLLEGE in sides,
        may_withdraw=Side.COLLEGE in sides and found.state in (*standing.WAITS, RequestState.NOT_THIS_TERM),
        next=what_is_next(
            found,
            is_late=standing.is_late(found, now),
            in_round=found.round.standing(now) if found.round is not None else None,
        ),
        formats=FORMATS,
        levels=LEVELS,
        language=language_name(found.language),
        conversation=remarks.of_subject(found.public_id),
        may_remark=remarks.may_write(actor, converse_about_request.about_request(found).concerned),
        offer=next((one for one in offers if one.state is OfferState.OPEN), None),
        said_window=said_window,
        **(answering.shown(found, people, form, now) if answers else {}),
    )


def _in_words(step: Step) -> Callable[..., None]:
    def act(request_id: str, form: Form, **who: Any) -> None:
        answer_request.answer_in_words(request_id, step, form.value("reason"), **who)

    return act


def _take(request_id: str, form: Form, *, expected: Expected, actor: Actor, now: datetime) -> None:
    found = lookup.get_request(request_id, actor)
    offers = [one for one in lookup.offers_of([found.id]).get(found.id, []) if one.state is OfferState.OPEN]
    if not offers:
        standing.ensure_can(found, Step.TAKE, now)
    claim = offer_dates.Claim()
    offer_dates.claim_date(str(offers[0].public_id), claim, expected=expected, actor=actor, now=now)


def _colleges(story: Callable[..., object]) -> Callable[..., None]:
    """An act of the college, whose words stand in a field of their own: both sides may be one person's."""

    def act(request_id: str, form: Form, **who: Any) -> None:
        try:
            story(request_id, reason=form.value("our_words"), **who)
        except InvalidInput as refusal:
            raise InvalidInput([("our_words", one["reason"]) for one in refusal.facts["errors"]]) from None

    return act


_ACTS: dict[str, tuple[Callable[..., None], Any]] = {
    "plan": (answering.plan, lazy_gettext("Planned. Both offices are told.")),
    "offer": (answering.offer, lazy_gettext("The other date is offered. Both offices are told.")),
    "not_this_term": (_in_words(Step.NOT_THIS_TERM), lazy_gettext("Answered: not this term.")),
    "decline": (_in_words(Step.DECLINE), lazy_gettext("The request is declined.")),
    "take": (_take, lazy_gettext("The date is yours. It is an event now.")),
    "refuse": (_colleges(answer_request.refuse_offer), lazy_gettext("The partner is asked for another answer.")),
    "withdraw": (_colleges(ask_partner.withdraw_request), lazy_gettext("The request is withdrawn.")),
}
