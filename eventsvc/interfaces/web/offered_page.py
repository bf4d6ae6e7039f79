"""Dates that partners offer, for a college: the list with the rounds that are open, and the form to claim one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import Refusal
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.requests import employers, lookup, permits
from eventsvc.domain.requests.employers import EmployerState
from eventsvc.domain.requests.models import Side
from eventsvc.domain.requests.offered import OfferedDate, OfferStanding
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.request_schemas import ClaimSchema
from eventsvc.interfaces.web import choices, forms, kept, wish_choices, wish_words, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, go_to_event, planner_only
from eventsvc.workflows import offer_dates
from eventsvc.workflows.offer_dates import OfferGone

PAGE_OF_DATES = 30


def add_routes(blueprint: Blueprint) -> None:
    """Add the list and the form."""
    blueprint.add_url_rule("/offered-dates", view_func=offered_dates)
    blueprint.add_url_rule("/offered-dates/<offer_id>", view_func=offered_date, methods=["GET", "POST"])


@planner_only
def offered_dates() -> str:
    """What can be claimed, by its start, and the rounds in which one can ask."""
    actor, now, cursor = requests.actor(), clock.now(), request.args.get("cursor")
    key = paging.event_key(cursor)
    found, last = lookup.page_of_offers(actor, now=now, open_only=True, after=key, limit=PAGE_OF_DATES)
    following = paging.encode(paging.event_cursor(last)) if last else None
    own = wish_choices.own_offices(actor)
    return render_template(
        "wishes/offered.html",
        offers=[one for one in found if one.standing(now) is OfferStanding.OPEN],
        new_here=_not_admitted(found, own),
        rounds=wish_choices.open_rounds(now) if cursor is None else [],
        formats=wish_words.FORMATS,
        is_first_page=cursor is None,
        following=url_for("pages.offered_dates", cursor=following) if following else None,
    )


def _not_admitted(offers: Sequence[OfferedDate], own: Sequence[Office]) -> set[int]:
    """The organizations among those who offer that none of one's own organizations admits; one query."""
    pairs = {(office.organization_id, one.office.organization) for office in own for one in offers}
    states = employers.states_of(pairs) if pairs else {}
    admitted = {employer for (_, employer), state in states.items() if state is EmployerState.APPROVED}
    return {employer for _, employer in states} - admitted


@kept.shows_again
@planner_only
def offered_date(offer_id: str) -> ResponseReturnValue:
    """One date; claim it for one's campus. Who claimed it already is led to what became of it."""
    form = Form(kept.sent()) if request.method == "POST" else Form()
    if request.method != "POST" or kept.is_again() or form.value("act") == "rooms":
        return _page(offer_id, form)
    actor, now = requests.actor(), clock.now()
    try:
        claim = forms.load(ClaimSchema(), _values(form))
        with transaction():
            made = offer_dates.claim_date(offer_id, claim, actor=actor, now=now)
            event_id = str(made.event.public_id)
    except OfferGone as refusal:
        return _gone(offer_id, form, refusal)
    except Refusal as refusal:
        form.refuse(refusal, lookup.get_offer(offer_id, actor).zone)
        return _page(offer_id, form), refusal.status
    flash(gettext("The date is yours. It is an event now; both offices are told."), "good")
    return go_to_event(event_id)


def _gone(offer_id: str, form: Form, refusal: OfferGone) -> ResponseReturnValue:
    """The form was sent twice, or others were faster."""
    offer = lookup.get_offer(offer_id, requests.actor())
    if _is_ours(offer, requests.actor()) and offer.claimed_by is not None:
        flash(gettext("This date is yours already."))
        return redirect(url_for("pages.wish", request_id=offer.claimed_by.public_id), SEE_OTHER)
    form.refuse(refusal, offer.zone)
    return _page(offer_id, form), refusal.status


def _values(form: Form) -> dict[str, Any]:
    said = forms.word_values(form)
    kept_words = ("title", "description", "accommodations", "audience", "expected_heads")
    values = {
        **{name: said[name] for name in kept_words},
        "campus": form.value("campus"),
        "asker": form.value("asker"),
        "rooms": form.all("rooms"),
    }
    return {name: value for name, value in values.items() if value not in ("", None)}


def _page(offer_id: str, form: Form) -> str:
    actor, now = requests.actor(), clock.now()
    offer = lookup.get_offer(offer_id, actor)
    own = wish_choices.own_offices(actor)
    campuses = wish_choices.campuses_of(own)
    campus = _campus(form, campuses)
    stands = offer.standing(now)
    return render_template(
        "wishes/claim.html",
        offer=offer,
        form=form,
        stands=str(stands),
        ended=words.instant(_ended(offer, stands, now), offer.zone),
        is_ours=_is_ours(offer, actor),
        is_new_here=bool(_not_admitted([offer], own)),
        free=_free(offer, now) if stands is not OfferStanding.OPEN else [],
        formats=wish_words.FORMATS,
        askers=own,
        campuses=campuses,
        campus=campus,
        rooms=choices.rooms_on(campus, form.all("rooms")) if campus is not None else [],
    )


def _campus(form: Form, campuses: Sequence[Campus]) -> Campus | None:
    if len(campuses) == 1 and "campus" not in form.values:
        return campuses[0]
    return next((one for one in campuses if one.slug == form.value("campus")), None)


def _ended(offer: OfferedDate, stands: OfferStanding, now: datetime) -> datetime:
    return offer.open_until if stands in (OfferStanding.LAPSED, OfferStanding.OPEN) else offer.ended_at or now


def _is_ours(offer: OfferedDate, actor: Actor) -> bool:
    return offer.claimed_by is not None and permits.may_act_for(actor, offer.claimed_by, Side.COLLEGE)


def _free(offer: OfferedDate, now: datetime) -> list[dict[str, str]]:
    """Other dates that can be claimed, in the words of a list."""
    return [
        {
            "id": one["id"],
            "title": one["title"],
            "starts": words.instant(datetime.fromisoformat(one["starts_at"]), offer.zone),
        }
        for one in offer_dates.free_beside(offer, now)
    ]
