"""What a person typed about how an event repeats, as the rule that the JSON door takes; and what the form offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.interfaces.web import forms
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.repeat_words import KINDS, WHICH, weekday_names

# So many more inputs for days than are filled.
MORE_DATES = 3


def choices_of(form: Form, campuses: Sequence[Campus], experts: Sequence[Expert]) -> dict[str, Any]:
    """What the form offers: the ways to repeat, and for a campaign each stop with its campus's rooms."""
    chosen = [campus for campus in campuses if campus.slug in form.all("stops")]
    rooms = _rooms_of([campus.id for campus in chosen])
    return {
        "repeat_kinds": list(KINDS.items()),
        "which_weeks": list(WHICH.items()),
        "weekdays": weekday_names(),
        "further_days": [*filter(None, form.all("dates")), *[""] * MORE_DATES],
        "stops": [(campus, [room for room in rooms if room.campus_id == campus.id]) for campus in chosen],
        "all_experts": [(expert.slug, expert.name) for expert in experts],
    }


def _rooms_of(campus_ids: Sequence[int]) -> list[Room]:
    query = select(Room).where(Room.campus_id.in_(campus_ids), Room.retired_on.is_(None)).order_by(Room.name)
    return list(db.session.scalars(query)) if campus_ids else []


def series_values(form: Form) -> dict[str, Any]:
    """The whole wish. The rooms chosen above are those of the campus above; each stop has its own."""
    kind = form.value("repeats", "weekly")
    rule = {"kind": kind, **_OF_KIND[kind](form)} if kind in _OF_KIND else {"kind": kind}
    return {**forms.plan_values(form), "rule": rule}


def in_the_form(refusal: InvalidInput) -> InvalidInput:
    """The same refusal by the names that the form has for the fields of a rule."""
    errors = refusal.facts["errors"]
    return InvalidInput([(_field_of(error["field"]), error["reason"]) for error in errors])


def _field_of(path: str) -> str:
    inner = path.removeprefix("rule.")
    return "repeats" if inner in ("rule", "kind") and path != inner else inner


def _end(form: Form) -> dict[str, Any]:
    if form.value("ends", "count") == "until":
        return {"until": form.value("until")} if form.value("until") else {}
    return {"count": forms.whole(form.value("count"))} if form.value("count") else {}


def _interval(form: Form) -> dict[str, Any]:
    return {"interval": forms.whole(form.value("interval"))} if form.value("interval") else {}


def _weekly(form: Form) -> dict[str, Any]:
    return {"weekdays": form.all("weekdays"), **_interval(form), **_end(form)}


def _monthly(form: Form) -> dict[str, Any]:
    which, weekday = forms.whole(form.value("which", "1")), form.value("weekday", "monday")
    return {"which": which, "weekday": weekday, **_interval(form), **_end(form)}


def _dates(form: Form) -> dict[str, Any]:
    """The day of the form is the first of them."""
    named = [form.value("date"), *form.all("dates")]
    return {"dates": list(dict.fromkeys(day for day in named if day))}


def _campaign(form: Form) -> dict[str, Any]:
    on = {room.slug: room.campus.slug for room in db.session.scalars(select(Room).where(Room.slug.in_(_rooms(form))))}
    return {"stops": [_stop(form, slug, on) for slug in form.all("stops")]}


def _rooms(form: Form) -> list[str]:
    return [*form.all("stop_rooms"), *form.all("rooms")]


def _stop(form: Form, campus: str, on: Mapping[str, str]) -> dict[str, Any]:
    mine = [slug for slug in form.all("stop_rooms") if on.get(slug) == campus]
    rooms = mine or [slug for slug in form.all("rooms") if on.get(slug) == campus]
    stop: dict[str, Any] = {"campus": campus, "rooms": rooms}
    if expert := form.value(f"stop-expert-{campus}"):
        stop["experts"] = [expert]
    if at := form.value(f"stop-time-{campus}"):
        stop["starts_local"] = f"{form.value('date')}T{at}"
    return stop


_OF_KIND = {"weekly": _weekly, "monthly": _monthly, "dates": _dates, "campaign": _campaign}
