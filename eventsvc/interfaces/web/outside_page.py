"""Outside calendars: whose, how old the knowledge is, what failed; attach one, ask for a look, take one away."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, NotFound, Refusal, say
from eventsvc.domain.directory import lookup
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.interfaces.web import frame, kept, words
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import outside_calendars as keep
from eventsvc.workflows.keeping import may_keep
from eventsvc.workflows.outside_calendars import Known

_MOST = 2_000


def add_routes(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/outside-calendars", view_func=outside_calendars, methods=["GET", "POST"])


@kept.shows_again
@frame.keeper_of_things_only
def outside_calendars() -> ResponseReturnValue:
    """The outside calendars of what one keeps, those that fail first, and the form for one more; `act`: what to do."""
    if request.method != "POST":
        return _page(Form())
    form = Form(kept.sent())
    if kept.is_again():
        return _page(form)
    try:
        flash(_done(form), "good")
    except Refusal as refusal:
        _note(form, refusal)
        return _page(form), refusal.status
    return redirect(url_for("pages.outside_calendars"), frame.SEE_OTHER)


def _done(form: Form) -> str:
    """Do what the form asks for; returns what was done, in words."""
    kind, _, slug = form.value("whose").partition(":")
    actor, now = requests.actor(), clock.now()
    if kind not in keep.KINDS:
        raise InvalidInput({"whose": say("Choose whose calendar it is.")})
    if form.value("act") == "remove":
        with transaction():
            keep.detach(kind, slug, actor=actor, now=now)
        return str(gettext("The calendar is forgotten, and what it blocked is free."))
    file = request.files.get("file")
    if file is not None and file.filename:
        reading = keep.read_upload(kind, slug, file.read(), actor=actor, now=now)
        with transaction():
            known = keep.attach_reading(kind, slug, reading, actor=actor, now=now)
        return str(gettext("The file was read: %(blocks)s times are blocked.", blocks=known.blocks))
    url = form.value("url") if form.value("act") == "attach" else _url_of(kind, slug)
    with transaction():
        keep.attach_by_address(kind, slug, url, fetcher=services().fetcher, actor=actor, now=now)
    return str(gettext("The calendar is looked at within a few minutes."))


def _url_of(kind: str, slug: str) -> str:
    known = keep.get_known(kind, slug, actor=requests.actor())
    if not known.calendar.url:
        raise NotFound(say("%(slug)r has no outside calendar.", slug=slug))
    return known.calendar.url


def _note(form: Form, refusal: Refusal) -> None:
    """Every reason beside its field; what is about none stands on top."""
    if not isinstance(refusal, InvalidInput):
        form.sentence = words.translated(refusal.detail)
        return
    for error in refusal.facts["errors"]:
        field = {"text": "file"}.get(error["field"], error["field"])
        form.errors.setdefault(field, []).append(words.translated(error["reason"]))


def _page(form: Form) -> str:
    known = keep.all_known(actor=requests.actor())
    return render_template(
        "outside_calendars.html",
        form=form,
        calendars=[_shown(one) for one in known],
        owners=[(label, _choices(kind)) for kind, label in _labels()],
    )


def _labels() -> list[tuple[str, str]]:
    return [("rooms", gettext("Rooms")), ("experts", gettext("Experts")), ("campuses", gettext("Campuses"))]


def _choices(kind: str) -> list[tuple[str, str]]:
    entries, _ = lookup.page(keep.KINDS[kind], after_slug=None, limit=_MOST)
    kept_here = [entry for entry in entries if may_keep(requests.actor(), entry)]
    return [(f"{kind}:{entry.slug}", _full_name(kind, entry)) for entry in kept_here]


def _full_name(kind: str, entry: Any) -> str:
    if kind == "rooms":
        return f"{entry.name}, {entry.campus.name}"
    return f"{entry.name}, {entry.organization.name}" if kind == "experts" else str(entry.name)


def _shown(known: Known) -> dict[str, Any]:
    kinds = {type_: kind for kind, type_ in keep.KINDS.items()}
    kind = kinds[type(known.owner)]
    return {
        "whose": f"{kind}:{known.owner.slug}",
        "name": known.owner.name,
        "zone": keep.owner_zone(known.owner),
        # An address may hold a secret; the host says enough.
        "host": urlsplit(known.calendar.url).hostname or "",
        "blocks": known.blocks,
        "is": known.calendar,
    }
