"""Calendars of other systems, on a page of the office: import a file, subscribe to an address, what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.subscriptions import EventSubscription
from eventsvc.interfaces import requests
from eventsvc.interfaces.importing.calendar_report import facts_of
from eventsvc.interfaces.services import services
from eventsvc.interfaces.subscription_schemas import last_reading
from eventsvc.interfaces.web import kept, kind_words, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.frame import SEE_OTHER, planner_only
from eventsvc.interfaces.web.private_calendars_page import page_for
from eventsvc.workflows import keep_subscriptions as keep
from eventsvc.workflows.import_calendar import import_at_once, into_office, window
from eventsvc.workflows.import_entry import Outcome

_MOST = 2_000
OUTCOMES = {
    Outcome.CREATED: lazy_gettext("new"),
    Outcome.UPDATED: lazy_gettext("brought up to date"),
    Outcome.CANCELLED: lazy_gettext("called off"),
    Outcome.UNCHANGED: lazy_gettext("unchanged"),
    Outcome.SKIPPED: lazy_gettext("left out"),
    Outcome.REFUSED: lazy_gettext("refused"),
    Outcome.GONE: lazy_gettext("gone from the calendar"),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the page of an office, and the way to one's own."""
    blueprint.add_url_rule("/imports", view_func=imports)
    blueprint.add_url_rule("/offices/<slug>/imports", view_func=office_imports, methods=["GET", "POST"])


@planner_only
def imports() -> ResponseReturnValue:
    """To the office for which one plans; where there are several, to choose."""
    found = keep.offices_planned(actor=requests.actor())
    if len(found) == 1:
        return redirect(url_for("pages.office_imports", slug=found[0].slug))
    return render_template("offices/imports_of.html", offices=found)


@kept.shows_again
@planner_only
def office_imports(slug: str) -> ResponseReturnValue:
    """A form for a file or an address, the subscriptions and what their last reading did; `act`: what to do."""
    found = keep.subscriptions_seen(slug, actor=requests.actor())
    if request.method != "POST":
        return _page(slug, Form(), found)
    form = Form(kept.sent())
    if kept.is_again():
        return _page(slug, form, found)
    try:
        report = _done(slug, form)
    except Refusal as refusal:
        _note(form, refusal)
        return _page(slug, form, keep.subscriptions_seen(slug, actor=requests.actor())), refusal.status
    if report is not None:
        return _page(slug, form, keep.subscriptions_seen(slug, actor=requests.actor()), report)
    return redirect(url_for("pages.office_imports", slug=slug), SEE_OTHER)


def _done(slug: str, form: Form) -> dict[str, Any] | None:
    """Do what the form asks for; the report of an import, or None where there is nothing more to show."""
    act, actor, now = form.value("act"), requests.actor(), clock.now()
    if act in ("try", "import"):
        return _imported(slug, form, keep_it=act == "import")
    if act == "subscribe":
        wish = keep.Subscribing(
            office=slug,
            url=form.value("url"),
            campus=form.value("campus") or None,
            kind=_kind(form),
            is_published=form.value("publish") == "yes",
        )
        with transaction():
            keep.subscribe(wish, fetcher=services().fetcher, actor=actor, now=now)
        flash(gettext("The calendar is looked at within a few minutes."), "good")
        return None
    own = form.value("subscription")
    with transaction():
        if act == "end":
            keep.end_subscription(own, actor=actor, now=now)
        elif act == "look":
            keep.look_soon(own, actor=actor, now=now)
        else:
            keep.change_subscription(own, {"is_paused": act == "pause"}, actor=actor, now=now)
    flash(_SAID[act] if act in _SAID else _SAID["go_on"], "good")
    return None


_SAID = {
    "end": lazy_gettext("The subscription has ended. Its events stay."),
    "look": lazy_gettext("The calendar is looked at within a few minutes."),
    "pause": lazy_gettext("The calendar is not looked at until you let it go on."),
    "go_on": lazy_gettext("The calendar is looked at again."),
}


def _imported(slug: str, form: Form, *, keep_it: bool) -> dict[str, Any]:
    actor, now = requests.actor(), clock.now()
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInput({"file": say("Choose an .ics file.")})
    into = into_office(
        slug,
        campus=form.value("campus") or None,
        kind=_kind(form),
        is_published=form.value("publish") == "yes",
        actor=actor,
    )
    report = import_at_once(file.read(), into, window(now), actor=actor, now=now, keep=keep_it)
    facts = facts_of(report, is_dry=not keep_it)
    for entry in facts["entries"]:
        entry["said"] = [words.translated(one) for one in [entry["reason"], *entry["warnings"]] if one]
        entry["when"] = _when(entry["starts"], slug)
    facts["warnings"] = [words.translated(one["detail"]) for one in facts["warnings"]]
    return facts


def _kind(form: Form) -> EventKind | None:
    try:
        return EventKind(form.value("kind")) if form.value("kind") else None
    except ValueError:
        raise InvalidInput({"kind": say("Choose one from the list.")}) from None


def _note(form: Form, refusal: Refusal) -> None:
    """Every reason beside its field; the file's where it cannot be read, with the line."""
    line = refusal.facts.get("line")
    if line:
        said = words.translated(refusal.detail)
        form.errors["file"] = [gettext("Line %(line)s: %(reason)s", line=line, reason=said)]
    elif isinstance(refusal, InvalidInput):
        for error in refusal.facts["errors"]:
            field = {"text": "file"}.get(error["field"], error["field"])
            form.errors.setdefault(field, []).append(words.translated(error["reason"]))
    else:
        form.refuse(refusal)


def _page(slug: str, form: Form, found: list[EventSubscription], report: dict[str, Any] | None = None) -> str:
    office = lookup.get(Office, slug)
    gone = keep.gone_of(found)
    campuses, _ = lookup.page(Campus, after_slug=None, limit=_MOST)
    return render_template(
        "offices/imports.html",
        office=office,
        form=form,
        calendars=page_for(office, requests.actor()),
        report=report,
        outcomes=OUTCOMES,
        subscriptions=[{**_shown(one, office), "gone": gone[one.id]} for one in found],
        campuses=[(campus.slug, campus.name) for campus in campuses],
        kinds=[(kind, said) for kind, said in kind_words.KINDS.items() if kind is not EventKind.MEETING],
    )


def _shown(one: EventSubscription, office: Office) -> dict[str, Any]:
    reading = last_reading(one)
    for entry in reading["entries"]:
        entry["said"] = [words.translated(said) for said in entry["said"]]
        entry["when"] = _when(entry["starts"], office.slug)
    return {
        "is": one,
        # An address may hold a secret; the host says enough.
        "host": urlsplit(one.url).hostname or "",
        "counts": {outcome: number for outcome, number in reading["counts"].items() if number},
        "entries": reading["entries"],
        "unsaid": reading["unsaid"],
        "warnings": [words.translated(warning["detail"]) for warning in reading["warnings"]],
    }


def _when(starts: str | None, slug: str) -> str:
    """An instant by the office's clock, or a day."""
    if not starts:
        return ""
    if len(starts) == len("2027-02-10"):
        return words.day(datetime.fromisoformat(starts).date())
    return words.instant(datetime.fromisoformat(starts), lookup.get(Office, slug).zone)
