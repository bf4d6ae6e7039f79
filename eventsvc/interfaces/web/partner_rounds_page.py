"""Rounds of a partner's office: open one, look at the ranking and why it is so, grant it, read what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import NotFound, Refusal
from eventsvc.core.versions import these
from eventsvc.domain.accounts import sight_of
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Office
from eventsvc.domain.requests import lookup, permits, standing
from eventsvc.domain.requests.lookup import Filter
from eventsvc.domain.requests.models import Request, RequestState
from eventsvc.domain.requests.rounds import Round, RoundStanding
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.match_words import turn_in_words
from eventsvc.interfaces.request_schemas import NewRoundSchema
from eventsvc.interfaces.web import forms, kept, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only
from eventsvc.interfaces.web.partner_page import of_office, shown_match
from eventsvc.interfaces.web.wish_words import STATES
from eventsvc.workflows import grant_rounds
from eventsvc.workflows.grant_rounds import Outcome

PAGE_OF_ROUNDS, PAGE_OF_REQUESTS = 25, 100
STANDINGS = {
    RoundStanding.OPEN: lazy_gettext("Takes requests"),
    RoundStanding.CLOSED: lazy_gettext("Closed, to be granted"),
    RoundStanding.GRANTED: lazy_gettext("Granted"),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the list and the page of one."""
    blueprint.add_url_rule("/offices/<slug>/rounds", view_func=partner_rounds, methods=["GET", "POST"])
    blueprint.add_url_rule("/offices/<slug>/rounds/<round_id>", view_func=partner_round, methods=["GET", "POST"])


@kept.shows_again
@planner_only
def partner_rounds(slug: str) -> ResponseReturnValue:
    """The rounds of an office, the newest first; POST opens one."""
    office, form = _office(slug), Form(kept.sent())
    if request.method != "POST" or kept.is_again():
        return _list(office, form)
    try:
        said = {"office": slug, "title": form.value("title"), "closes_on": form.value("closes_on")}
        wish = forms.load(NewRoundSchema(), said, needed=("title",))
        with transaction():
            opened = grant_rounds.open_round(**wish, actor=requests.actor(), now=clock.now())
            round_id, day = str(opened.public_id), opened.closes_on
    except Refusal as refusal:
        form.refuse(refusal)
        return _list(office, form), refusal.status
    flash(gettext("The round is open. It takes requests until the end of %(day)s.", day=words.day(day)), "good")
    return redirect(url_for("pages.partner_round", slug=slug, round_id=round_id), SEE_OTHER)


def _office(slug: str) -> Office:
    office = directory.get(Office, slug)
    permits.ensure_may_plan_for(requests.actor(), office)
    return office


def _list(office: Office, form: Form) -> str:
    now, cursor = clock.now(), request.args.get("cursor")
    found, last = lookup.rounds(after=paging.number_key(cursor), limit=PAGE_OF_ROUNDS, office=office)
    counts = lookup.in_rounds([one.id for one in found])
    following = paging.encode(last) if last else None
    return render_template(
        "partner/rounds.html",
        **of_office(office),
        form=form,
        rounds=[_shown(one, counts[one.id], now) for one in found],
        following=url_for("pages.partner_rounds", slug=office.slug, cursor=following) if following else None,
        is_first_page=cursor is None,
    )


def _shown(one: Round, counts: dict[RequestState, int], now: datetime) -> dict[str, Any]:
    stands = one.standing(now)
    return {
        "round": one,
        "stands": str(stands),
        "standing": STANDINGS[stands],
        "requests": sum(counts.values()),
        "waiting": sum(number for state, number in counts.items() if state in standing.WAITS),
        "planned": counts.get(RequestState.PLANNED, 0),
        "granted_on": words.instant(one.granted_at, one.office.zone) if one.granted_at else "",
    }


@planner_only
def partner_round(slug: str, round_id: str) -> ResponseReturnValue:
    """One round: the ranking until it is granted, then what came of it; POST grants it."""
    office, form = _office(slug), Form(request.form)
    found = _round_of(office, round_id)
    if request.method != "POST":
        return _page(found, form)
    version = int(form.value("version")) if form.value("version").isdecimal() else 0
    who: dict[str, Any] = {"actor": requests.actor(), "now": clock.now()}
    try:
        with transaction():
            _, outcome = grant_rounds.grant_round(round_id, expected=these(version), **who)
            made = sum(one.made is not None for one in outcome)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(_round_of(office, round_id), form), refusal.status
    flash(
        ngettext(
            "Granted: %(num)d event is planned. Every college is told.",
            "Granted: %(num)d events are planned. Every college is told.",
            made,
        ),
        "good",
    )
    return redirect(url_for("pages.partner_round", slug=slug, round_id=round_id), SEE_OTHER)


def _round_of(office: Office, round_id: str) -> Round:
    found = lookup.get_round(round_id)
    if found.office_id != office.id:
        raise NotFound(permits.ROUND_MISSING)
    return found


def _page(found: Round, form: Form) -> str:
    now, actor = clock.now(), requests.actor()
    shown = _shown(found, lookup.in_rounds([found.id])[found.id], now)
    turns: list[dict[str, Any]] = []
    rows: list[Request] = []
    following = None
    if shown["stands"] == RoundStanding.GRANTED:
        rows, following = _result(found)
    else:
        outcome = grant_rounds.rehearse(str(found.public_id), actor=actor, now=now)
        turns = [_turn(one) for one in outcome]
    return render_template(
        "partner/round.html",
        **of_office(found.office),
        **shown,
        form=form,
        turns=turns,
        would=sum(one["person"] is not None for one in turns),
        rows=rows,
        states=STATES,
        following=following,
        is_first_page=request.args.get("cursor") is None,
    )


def _turn(one: Outcome) -> dict[str, Any]:
    """A request in its turn: why then, and what it would get."""
    wish = one.request
    asked = gettext("Asked on %(day)s", day=words.instant(wish.asked_at, wish.partner.zone))
    return {
        "wish": wish,
        "why": [*turn_in_words(one.share, one.travel_minutes), asked],
        "person": shown_match(one.match, wish) if one.match else None,
        "is_admitted": one.is_admitted,
    }


def _result(found: Round) -> tuple[list[Request], str | None]:
    """The requests of a round as they stand, in the order in which they were asked."""
    wanted = Filter(sight=sight_of(requests.actor()), round_id=found.id)
    after = paging.event_key(request.args.get("cursor"))
    rows, last = lookup.page(wanted, after=after, limit=PAGE_OF_REQUESTS)
    if last is None:
        return list(rows), None
    cursor = paging.encode(paging.event_cursor(last))
    slug, round_id = found.office.slug, found.public_id
    return list(rows), url_for("pages.partner_round", slug=slug, round_id=round_id, cursor=cursor)
