"""What is known of people: one person's records, legal holds, lists of names, and public-records requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, Refusal, say
from eventsvc.domain.accounts import ensure_somebody
from eventsvc.domain.privacy import holds
from eventsvc.interfaces import csv_text, downloads, requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import frame, kept, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import keep_access_log, keep_holds, take_out
from eventsvc.workflows.erase_person import erase_person
from eventsvc.workflows.export_person import export_person
from eventsvc.workflows.name_lists import Names, take_names

NAMES = {
    Names.EXPERTS: lazy_gettext("Experts"),
    Names.ACCOUNTS: lazy_gettext("People who sign in"),
    Names.CONTACTS: lazy_gettext("Offices with mailbox and telephone"),
}


def add_routes(blueprint: Blueprint) -> None:
    """Add the pages."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/privacy", view_func=privacy, methods=both)
    blueprint.add_url_rule("/offices/<slug>/take-out", view_func=office_take_out, methods=both)


@kept.shows_again
@frame.administrator_only
def privacy() -> ResponseReturnValue:
    """Everything about privacy that is the administrators'; `act` says what to do."""
    form = Form(kept.sent())
    if request.method != "POST" or kept.is_again():
        return _page(form)
    try:
        story = _ACTS.get(form.value("act"))
        if story is None:
            raise InvalidInput({"act": say("is none of the acts of this page")})
        return story(form)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form), refusal.status


def _export(form: Form) -> ResponseReturnValue:
    with transaction():
        found = export_person(
            form.value("email"),
            purpose=form.value("purpose"),
            links=services().links,
            actor=requests.actor(),
            now=clock.now(),
        )
    return _file(json.dumps(found.document, indent=2, ensure_ascii=False), "application/json", "person.json")


def _look(form: Form) -> ResponseReturnValue:
    with transaction(keep=False):
        erased = erase_person(form.value("email"), actor=requests.actor(), now=clock.now())
    return _page(form, would_go=erased)


def _erase(form: Form) -> ResponseReturnValue:
    with transaction():
        erased = erase_person(form.value("email"), actor=requests.actor(), now=clock.now())
    flash(gettext("Erased."), "good")
    return _page(Form(), stays=erased.kept)


def _place(form: Form) -> ResponseReturnValue:
    with transaction():
        keep_holds.place_hold(
            reason=form.value("reason"),
            email=form.value("email"),
            office=form.value("office"),
            organization=form.value("organization"),
            starts_on=_day(form, "starts_on"),
            ends_on=_day(form, "ends_on"),
            actor=requests.actor(),
            now=clock.now(),
        )
    flash(gettext("The legal hold stands."), "good")
    return redirect(url_for(".privacy"), frame.SEE_OTHER)


def _lift(form: Form) -> ResponseReturnValue:
    with transaction():
        keep_holds.lift_hold(form.value("hold"), actor=requests.actor(), now=clock.now())
    flash(gettext("The legal hold is lifted."), "good")
    return redirect(url_for(".privacy"), frame.SEE_OTHER)


def _names(form: Form) -> ResponseReturnValue:
    if form.value("records") not in list(Names):
        raise InvalidInput({"records": say("is none of the lists")})
    names, office = Names(form.value("records")), form.value("office") or None
    with transaction():
        purpose = form.value("purpose")
        taken = take_names(names, purpose=purpose, office=office, actor=requests.actor(), now=clock.now())
    text = "".join(csv_text.lines([column.name for column in taken.columns], taken.rows))
    return _file(text, "text/csv", f"{names}.csv")


def _records(form: Form) -> ResponseReturnValue:
    wish = {
        "first": _day(form, "first"),
        "last": _day(form, "last"),
        "organization": form.value("organization") or None,
        "person": form.value("email"),
        "redacted": form.value("version") != "full",
        "purpose": form.value("purpose"),
    }
    return downloads.of_records(wish, requests.actor())


_ACTS: dict[str, Callable[[Form], ResponseReturnValue]] = {
    "export": _export,
    "look": _look,
    "erase": _erase,
    "place": _place,
    "lift": _lift,
    "names": _names,
    "records": _records,
}


def _day(form: Form, name: str) -> date | None:
    try:
        return date.fromisoformat(form.value(name)) if form.value(name) else None
    except ValueError:
        raise InvalidInput({name: say("is not a day such as 2027-02-10")}) from None


def _file(text: str, kind: str, name: str) -> Response:
    response = Response(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return downloads.not_stored(response)


def _page(form: Form, **more: Any) -> str:
    return render_template(
        "privacy.html",
        form=form,
        holds=holds.all_holds(),
        accesses=keep_access_log.all_accesses(actor=requests.actor(), limit=50),
        names=NAMES,
        translated=words.translated,
        **more,
    )


@kept.shows_again
@frame.somebody_only
def office_take_out(slug: str) -> ResponseReturnValue:
    """The button by which an office takes everything out."""
    actor = requests.actor()
    ensure_somebody(actor)
    office = take_out.get_taken_out(slug, actor)
    form = Form(kept.sent())
    if request.method != "POST" or kept.is_again():
        return render_template("take_out.html", form=form, office=office)
    try:
        return downloads.of_take_out(slug, form.value("purpose"), actor)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return render_template("take_out.html", form=form, office=take_out.get_taken_out(slug, actor)), refusal.status
