"""Dates that a partner's office offers: publish one or several at once, take one back, see who has claimed which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.times import Span
from eventsvc.core.versions import these
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.requests import lookup, permits
from eventsvc.domain.requests.models import Format
from eventsvc.domain.requests.offered import OfferedDate, OfferStanding
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.request_schemas import PublicationSchema
from eventsvc.interfaces.web import choices, forms, kept, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only
from eventsvc.interfaces.web.partner_page import of_office
from eventsvc.interfaces.web.partner_words import OFFERED_ROWS
from eventsvc.interfaces.web.wish_words import FORMATS
from eventsvc.workflows import offer_dates
from eventsvc.workflows.offer_dates import Publication

PAGE_OF_DATES = 25
STANDINGS = {
    OfferStanding.OPEN: lazy_gettext("Can be claimed"),
    OfferStanding.CLAIMED: lazy_gettext("Claimed"),
    OfferStanding.CLOSED: lazy_gettext("Taken back"),
    OfferStanding.LAPSED: lazy_gettext("Over"),
}
_SAID = ("title", "kind", "format", "expert", "note", "closes_on", "starts_side")


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/offices/<slug>/dates", view_func=partner_dates, methods=["GET", "POST"])


@kept.shows_again
@planner_only
def partner_dates(slug: str) -> ResponseReturnValue:
    """What an office offers; POST publishes dates, or takes one back."""
    office, form = directory.get(Office, slug), Form(kept.sent())
    permits.ensure_may_plan_for(requests.actor(), office)
    if request.method != "POST" or kept.is_again():
        return _page(office, form)
    try:
        flash(_take_back(form) if form.value("act") == "take_back" else _publish(office, form), "good")
    except Refusal as refusal:
        form.refuse(refusal)
        is_twice = any("comes twice" in one["reason"] for one in _errors(refusal))
        return _page(office, form, is_twice=is_twice), refusal.status
    return redirect(url_for("pages.partner_dates", slug=slug), SEE_OTHER)


def _publish(office: Office, form: Form) -> str:
    """All of the dates or none of them."""
    rows = [name for name in OFFERED_ROWS if form.value(name).strip()]
    if not rows:
        raise InvalidInput({next(iter(OFFERED_ROWS)): say("is needed")})
    said = list(_read(office, form, rows))
    with transaction():
        for row, one in zip(rows, said, strict=True):
            with _naming(row):
                offer_dates.publish_date(one, actor=requests.actor(), now=clock.now())
    return str(
        ngettext("%(num)d date is offered to every college.", "%(num)d dates are offered to every college.", len(rows))
    )


def _read(office: Office, form: Form, rows: list[str]) -> Iterator[Publication]:
    common: dict[str, Any] = {name: form.value(name).strip() for name in _SAID if form.value(name).strip()}
    common["duration_minutes"] = forms.whole(form.value("duration_minutes"))
    for row in rows:
        values = {**common, "office": office.slug, "starts_local": form.value(row), "topics": form.all("topics")}
        with _naming(row):
            yield forms.load(PublicationSchema(), values, needed=("title", "duration_minutes"))


@contextmanager
def _naming(row: str) -> Iterator[None]:
    """Let a no about the time name the row in which the date was typed, and one about people the one list of them."""
    shown_at = {"starts_local": row, "experts[0]": "expert"}
    try:
        yield
    except InvalidInput as refusal:
        errors = [(shown_at.get(one["field"], one["field"]), one["reason"]) for one in _errors(refusal)]
        raise InvalidInput(errors) from None


def _errors(refusal: Refusal) -> list[dict[str, str]]:
    return refusal.facts.get("errors", []) if isinstance(refusal, InvalidInput) else []


def _take_back(form: Form) -> str:
    version = int(form.value("version")) if form.value("version").isdecimal() else 0
    who: dict[str, Any] = {"actor": requests.actor(), "now": clock.now()}
    with transaction():
        offer_dates.take_back_date(form.value("offer"), expected=these(version), **who)
    return str(gettext("The date is offered no more."))


def _page(office: Office, form: Form, *, is_twice: bool = False) -> str:
    now, cursor = clock.now(), request.args.get("cursor")
    show = "all" if request.args.get("show") == "all" else "open"
    found, last = lookup.page_of_office(
        office, now=now, open_only=show == "open", after=paging.event_key(cursor), limit=PAGE_OF_DATES
    )
    following = paging.encode(paging.event_cursor(last)) if last else None
    return render_template(
        "partner/dates.html",
        **of_office(office),
        form=form,
        show=show,
        dates=[_shown(one, now) for one in found],
        following=url_for("pages.partner_dates", slug=office.slug, show=show, cursor=following) if following else None,
        is_first_page=cursor is None,
        rows=list(OFFERED_ROWS.items()),
        is_twice=is_twice or bool(form.value("starts_side")),
        kinds=[(kind, words.KINDS[kind]) for kind in EventKind],
        formats=[(one, FORMATS[one]) for one in Format],
        people=_people(office),
        topics=choices.of_words(form)["topics"],
        zone=words.zone_name(office.zone),
    )


def _shown(one: OfferedDate, now: datetime) -> dict[str, Any]:
    stands = one.standing(now)
    return {
        "offer": one,
        "when": words.span_in_words(Span(one.starts_at, one.ends_at), one.zone),
        "is_open": stands is OfferStanding.OPEN,
        "standing": STANDINGS[stands],
        "format": FORMATS[one.format],
    }


def _people(office: Office) -> list[tuple[str, str]]:
    query = select(Expert).where(Expert.organization_id == office.organization_id, Expert.retired_on.is_(None))
    return [(one.slug, one.name) for one in db.session.scalars(query.order_by(Expert.name))]
