"""How an organization's people are asked, on a page: each setting with what it means and what counts without it."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.core.versions import Expected, these
from eventsvc.domain.booking.hours import clock_text
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Organization
from eventsvc.domain.invitations import settings
from eventsvc.domain.invitations.models import PartnerSettings
from eventsvc.domain.requests import permits
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import kept
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, keeper_of_things_only
from eventsvc.interfaces.web.private_calendars_page import page_for
from eventsvc.workflows import keep_asking

_LISTS = ("chase_after_working_days", "chase_before_days")
_NUMBERS = (
    "tell_after_working_days",
    "pass_on_after_working_days",
    "answer_by_working_days",
    "changes_until_hours",
)
_CLOCKS = ("works_from_minute", "works_until_minute")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00")


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/organizations/<slug>/asking", view_func=asking, methods=["GET", "POST"])


@kept.shows_again
@keeper_of_things_only
def asking(slug: str) -> ResponseReturnValue:
    """The settings of one organization; POST changes them, or goes back to those of the house."""
    own = keep_asking.asking_of(slug, actor=requests.actor())
    if request.method != "POST":
        return _page(slug, _filled(own), own)
    form = Form(kept.sent())
    if kept.is_again():
        return _page(slug, form, own)
    try:
        said = _facts(settings.unsaved(own.organization_id)) if form.value("act") == "defaults" else _said(form)
        with transaction():
            keep_asking.keep_asking(slug, said, expected=_expected(form), actor=requests.actor(), now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(slug, form, keep_asking.asking_of(slug, actor=requests.actor())), refusal.status
    flash(gettext("Saved. It counts from the next letter on."), "good")
    return redirect(url_for("pages.asking", slug=slug), SEE_OTHER)


def _expected(form: Form) -> Expected:
    """The version that was shown; before the first saving there is none."""
    version = int(form.value("version")) if form.value("version").isdecimal() else 0
    return these(version) if version else Expected(is_nothing=True)


def _facts(own: PartnerSettings) -> dict[str, Any]:
    return {name: getattr(own, name) for name in keep_asking.FIELDS}


def _filled(own: PartnerSettings) -> Form:
    """The form as the settings stand."""
    text: dict[str, str | list[str]] = {name: ", ".join(map(str, getattr(own, name))) for name in _LISTS}
    text |= {name: str(getattr(own, name)) for name in _NUMBERS}
    text |= {name: clock_text(getattr(own, name)) for name in _CLOCKS}
    return Form().with_values(asks_automatically="yes" if own.asks_automatically else "", **text)


def _said(form: Form) -> dict[str, Any]:
    """What was typed; refuses InvalidInput naming every field that cannot be read."""
    said: dict[str, Any] = {"asks_automatically": form.value("asks_automatically") == "yes"}
    errors: list[tuple[str, str]] = []
    readers = {**dict.fromkeys(_LISTS, _days), **dict.fromkeys(_NUMBERS, _number), **dict.fromkeys(_CLOCKS, _minute)}
    for name, read in readers.items():
        try:
            said[name] = read(form.value(name).strip(), name)
        except InvalidInput as refusal:
            errors += [(one["field"], one["reason"]) for one in refusal.facts["errors"]]
    if errors:
        raise InvalidInput(errors)
    return said


def _number(text: str, field: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise InvalidInput({field: say("is not a whole number")})
    return int(text)


def _days(text: str, field: str) -> list[int]:
    """Numbers with commas between; none at all is possible."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(re.fullmatch(r"[0-9]{1,4}", word) for word in words):
        raise InvalidInput({field: say("are whole numbers with commas between, such as 3, 6")})
    return [int(word) for word in words]


def _minute(text: str, field: str) -> int:
    if not _CLOCK.fullmatch(text):
        raise InvalidInput({field: say("is an hour such as 09:00")})
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _page(slug: str, form: Form, own: PartnerSettings) -> str:
    organization = lookup.get(Organization, slug)
    offices: list[Office] = permits.offices_of(organization)
    return render_template(
        "partner/asking.html",
        organization=organization,
        office=offices[0] if offices else None,
        calendars=page_for(offices[0], requests.actor()) if offices else None,
        form=form,
        version=own.version,
        usual=_filled(settings.unsaved(own.organization_id)),
    )
