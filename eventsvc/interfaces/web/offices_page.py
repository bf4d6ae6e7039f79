"""Offices outlive people, on pages: hand over, be away with a cover, be in charge, and where somebody is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, Refusal
from eventsvc.domain.accounts.colleagues import offices_kept
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.places import EVERYWHERE, grants_at
from eventsvc.interfaces import gaps, requests, signed_in
from eventsvc.interfaces.office_schemas import HandOverSchema, NewAbsenceSchema, handed_over_facts
from eventsvc.interfaces.web import away_now, forms, kept, leave_forms, role_words, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, forgetting, planner_only, somebody_only
from eventsvc.workflows import keep_absences
from eventsvc.workflows.colleagues import may_act_for
from eventsvc.workflows.examine_offices import gaps_seen
from eventsvc.workflows.hand_over import hand_over
from eventsvc.workflows.leave_seen import coming_leave, experts_kept
from eventsvc.workflows.put_in_charge import put_in_charge

Choice = tuple[str, str]
_HAND_OVER = ("giver", "taker", "office", "organization")
_IN_JSON = {"giver": "from", "taker": "to"}


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/hand-over", view_func=handing_over, methods=["GET", "POST"])
    blueprint.add_url_rule("/absences", view_func=absences, methods=["GET", "POST"])
    blueprint.add_url_rule("/absences/<absence_id>/end", view_func=end_absence, methods=["POST"])
    leave_forms.add_routes(blueprint)
    blueprint.add_url_rule("/events/<event_id>/charge", view_func=charge, methods=["POST"])
    blueprint.add_url_rule("/missing", view_func=missing)


@kept.shows_again
@somebody_only
def handing_over() -> ResponseReturnValue:
    """From whom to whom; the first button shows what would happen, the second one on that page does it."""
    form = Form(kept.sent())
    if request.method != "POST" or kept.is_again():
        return _hand_over_page(form)
    does = form.value("step") == "do"
    try:
        said = {_IN_JSON.get(name, name): words for name, words in _said(form, *_HAND_OVER).items()}
        wish = forms.load(HandOverSchema(), said)
        with transaction(keep=does):
            facts = handed_over_facts(hand_over(**wish, actor=requests.actor(), now=clock.now()))
    except Refusal as refusal:
        form.refuse(_by_field(refusal))
        return _hand_over_page(form), refusal.status
    if not does:
        return _hand_over_page(form, preview=facts)
    flash(gettext("Handed over to %(name)s. Both of you are told, and the partners.", name=facts["to"]["name"]))
    return _after_handing_over()


def _after_handing_over() -> ResponseReturnValue:
    """Who has left by it is signed out, as by the button; others go on to their colleagues."""
    if not signed_in.has_just_ended():
        return redirect(url_for(".absences"), SEE_OTHER)
    with transaction():
        signed_in.end(clock.now())
    return forgetting(redirect(url_for(".listing"), SEE_OTHER))


@kept.shows_again
@somebody_only
def absences() -> ResponseReturnValue:
    """Who is away and who covers, and a form for one's own absence or a colleague's."""
    form = Form(kept.sent())
    if request.method != "POST" or kept.is_again():
        return _absences_page(form)
    if form.value("act") == "leave":
        return _leave_of_an_expert(form)
    try:
        days = {name: said for name in ("from", "until") if (said := leave_forms.moment(form, name))}
        wish = forms.load(NewAbsenceSchema(), {**_said(form, "account", "cover", "office"), **days})
        email = wish.pop("account", "")
        with transaction():
            keep_absences.add_absence(email, **wish, actor=requests.actor(), now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _absences_page(form), refusal.status
    flash(gettext("Noted. Your cover is told."))
    return redirect(url_for(".absences"), SEE_OTHER)


def _leave_of_an_expert(form: Form) -> ResponseReturnValue:
    """The second form of the page."""
    try:
        said = leave_forms.note(form.value("expert"), form)
    except InvalidInput as refusal:
        form.refuse(leave_forms.renamed(refusal))
        return _absences_page(form), refusal.status
    flash(said, "good")
    return redirect(url_for(".absences", _anchor="leave"), SEE_OTHER)


@somebody_only
def end_absence(absence_id: str) -> ResponseReturnValue:
    """Somebody is there after all, or back early."""
    with transaction():
        keep_absences.end_absence(absence_id, actor=requests.actor(), now=clock.now())
    flash(gettext("Noted: no longer away."))
    return redirect(url_for(".absences"), SEE_OTHER)


@planner_only
def charge(event_id: str) -> ResponseReturnValue:
    """Be in charge of an event oneself."""
    me = _me()
    if me is not None:
        with transaction():
            put_in_charge(event_id, me.email, actor=requests.actor(), now=clock.now())
        flash(gettext("You are in charge of this event now."))
    return redirect(url_for(".event", event_id=event_id), SEE_OTHER)


@somebody_only
def missing() -> str:
    """Offices where somebody is missing, as far as one may know."""
    found = gaps.facts_of(gaps_seen(actor=requests.actor(), now=clock.now()))
    return render_template("offices/missing.html", gaps=found, when=_when)


def _by_field(refusal: Refusal) -> Refusal:
    """The same no with the names of the page's fields; `from` and `to` are other fields on other pages."""
    if not isinstance(refusal, InvalidInput):
        return refusal
    on_page = {name: field for field, name in _IN_JSON.items()}
    pairs = [(error["field"], error["reason"]) for error in refusal.facts["errors"]]
    return InvalidInput([(on_page.get(field, field), reason) for field, reason in pairs])


def _hand_over_page(form: Form, *, preview: dict[str, Any] | None = None) -> str:
    filled = form if form.value("giver") else form.with_values(giver=_own_email(request.args.get("of", "")))
    return render_template(
        "offices/hand_over.html",
        form=filled,
        preview=preview,
        places=_own_places(),
        role_words=role_words,
        when=_when,
    )


def _absences_page(form: Form) -> str:
    kept_ones = experts_kept(actor=requests.actor())
    found = keep_absences.absences_seen(actor=requests.actor(), now=clock.now())
    return render_template(
        "offices/absences.html",
        form=form,
        own_email=_own_email(""),
        absences=found,
        places=_own_places(),
        since=away_now.since,
        until=away_now.until,
        now=clock.now(),
        experts=leave_forms.choices(kept_ones),
        leaves=leave_forms.rows(coming_leave(kept_ones, actor=requests.actor(), now=clock.now())),
        may_end=lambda one: may_act_for(requests.actor(), one.account, one.place),
    )


def _said(form: Form, *names: str) -> dict[str, str]:
    return {name: said for name in names if (said := form.value(name).strip())}


def _me() -> Account | None:
    account_id = requests.actor().account_id
    return db.session.get(Account, account_id) if account_id is not None else None


def _own_email(of: str) -> str:
    me = _me()
    return of or (me.email if me else "")


def _own_places() -> list[Choice]:
    """The offices to choose from: where one has a role, and where one keeps accounts; by name."""
    me = _me()
    own = [one.office for one in grants_at(me, EVERYWHERE) if one.office] if me else []
    offices = {one.slug: f"{one.name}, {one.organization.name}" for one in [*own, *offices_kept(requests.actor())]}
    return sorted(offices.items(), key=lambda choice: choice[1])


def _when(event: dict[str, Any]) -> str:
    return words.instant(datetime.fromisoformat(event["starts_at"]), event.get("zone", "UTC"))
