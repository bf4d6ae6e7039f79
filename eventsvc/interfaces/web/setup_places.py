"""The first three steps of setting up: college and office, campus, rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext

from eventsvc.core.errors import InvalidInput, NotAllowed, say
from eventsvc.domain.accounts import Actor, may_run
from eventsvc.domain.directory.models import Campus, Office, Organization, OrganizationKind, Room
from eventsvc.domain.directory.weekly import hours_text, parse_hours
from eventsvc.interfaces import requests
from eventsvc.interfaces.languages import NAMES
from eventsvc.interfaces.web.forms import Form
from eventsvc.interfaces.web.setup_steps import Saved, StepPage, coordinates_in, form_of, number_in, zones
from eventsvc.workflows import keep_directory, new_names
from eventsvc.workflows.college_standing import campuses_of, offices_of, rooms_of
from eventsvc.workflows.keep_directory import CampusRow, OfficeRow, OrganizationRow, RoomRow
from eventsvc.workflows.readiness import LEAST_ROOMS
from eventsvc.workflows.set_up import Step

USUAL_ZONE = "America/Los_Angeles"


def add_college(form: Form, actor: Actor, now: datetime) -> Saved:
    """A new college with its first office; refuses a name that is there already."""
    name = form.value("college").strip()
    new_names.ensure_new_organization(name, field="college", is_another=bool(form.value("is_another")))
    row = OrganizationRow(name=name, kind=OrganizationKind.COLLEGE)
    try:
        college = keep_directory.save_organization(row, actor=actor, now=now)
    except InvalidInput as refusal:
        raise InvalidInput([("college", one["reason"]) for one in refusal.facts["errors"]]) from None
    _save_office(college, None, form, actor, now)
    return Saved(gettext("%(college)s is in the directory.", college=college.name), college=college)


def new_college() -> Form:
    """The form of the first step, with what is usual."""
    return form_of({"office_name": gettext("Career Center"), "zone": USUAL_ZONE, "language": "en"})


def _filled_office(college: Organization) -> Form:
    office = _first(offices_of(college))
    known = {"college": college.name}
    if office is None:
        return form_of({**dict(new_college().values), **known})
    known |= {"office_name": office.name, "mailbox": office.mailbox, "telephone": office.telephone}
    return form_of({**known, "zone": office.zone, "language": office.language})


def _save_college(college: Organization, form: Form, actor: Actor, now: datetime) -> Saved:
    name = form.value("college").strip()
    if name != college.name:
        if not may_run(actor):
            raise NotAllowed(say("Only whoever runs the service gives a college another name."))
        new_names.ensure_new_organization(name, field="college", is_another=True)
        row = OrganizationRow(name=name, slug=college.slug)
        keep_directory.save_organization(row, actor=actor, now=now)
    _save_office(college, _first(offices_of(college)), form, actor, now)
    return Saved(gettext("The office is saved."))


def _save_office(college: Organization, known: Office | None, form: Form, actor: Actor, now: datetime) -> None:
    if not form.value("mailbox").strip():
        raise InvalidInput({"mailbox": say("is needed: letters to the office go there")})
    row = OfficeRow(
        name=form.value("office_name"),
        organization=college.slug,
        slug=known.slug if known else None,
        mailbox=form.value("mailbox"),
        telephone=form.value("telephone"),
        language=form.value("language") if form.value("language") in NAMES else None,
        zone=form.value("zone"),
    )
    keep_directory.save_office(row, actor=actor, now=now)


def shown_of_office(college: Organization | None, form: Form) -> dict[str, Any]:
    """Zones and languages to choose from."""
    return {"zones": zones(), "languages": list(NAMES.items()), "may_rename": may_run(requests.actor())}


def _filled_campus(college: Organization) -> Form:
    campus, office = _first(campuses_of(college)), _first(offices_of(college))
    if campus is None:
        zone = office.zone if office else USUAL_ZONE
        return form_of({"campus_name": college.name, "zone": zone})
    at = "" if campus.latitude is None else f"{campus.latitude}, {campus.longitude}"
    return form_of(
        {
            "campus_name": campus.name,
            "address": campus.address,
            "city": campus.city,
            "postal_code": campus.postal_code,
            "coordinates": at,
            "zone": campus.zone,
            "parking": campus.parking,
            "hours": hours_text(campus.hours),
        }
    )


def _save_campus(college: Organization, form: Form, actor: Actor, now: datetime) -> Saved:
    known = _first(campuses_of(college))
    latitude, longitude = coordinates_in(form, "coordinates")
    row = CampusRow(
        name=form.value("campus_name"),
        slug=known.slug if known else None,
        organization=college.slug,
        address=form.value("address"),
        city=form.value("city"),
        postal_code=form.value("postal_code"),
        latitude=latitude,
        longitude=longitude,
        zone=form.value("zone"),
        parking=form.value("parking"),
        hours=_hours(form),
    )
    _ensure_filled(form, "address", "city")
    keep_directory.save_campus(row, actor=actor, now=now, mends_words=bool(known and form.value("mends_words")))
    return Saved(gettext("The campus is saved."))


def _filled_room(college: Organization) -> Form:
    room = next((one for one in rooms_of(college) if one.slug == request.args.get("room")), None)
    if room is None:
        return form_of({"campus": request.args.get("campus")})
    known = {"room": room.slug, "room_name": room.name, "campus": room.campus.slug, "capacity": room.capacity}
    return form_of({**known, "hours": hours_text(room.hours), "step_free": "yes" if room.step_free else ""})


def _save_room(college: Organization, form: Form, actor: Actor, now: datetime) -> Saved:
    campus, office = _campus_of(college, form), _first(offices_of(college))
    known = next((room for room in rooms_of(college) if room.slug == form.value("room")), None)
    name = form.value("room_name").strip()
    if known is None:
        new_names.ensure_new_room(campus, name, field="room_name", is_another=bool(form.value("is_another")))
    row = RoomRow(
        name=name,
        campus=known.campus.slug if known else campus.slug,
        slug=known.slug if known else None,
        office=office.slug if office and known is None else None,
        capacity=number_in(form, "capacity"),
        step_free=True if form.value("step_free") else None,
        hours=_hours(form),
    )
    room = keep_directory.save_room(row, actor=actor, now=now, mends_words=bool(known and form.value("mends_words")))
    has_more = known is not None or form.value("act") == "more" or len(rooms_of(college)) < LEAST_ROOMS
    return Saved(gettext("%(room)s is saved.", room=room.name), stays=has_more)


def _campus_of(college: Organization, form: Form) -> Campus:
    campuses = campuses_of(college)
    chosen = next((one for one in campuses if one.slug == form.value("campus")), None) or _first(campuses)
    if chosen is None:
        raise InvalidInput({"campus": say("is needed before its rooms")})
    return chosen


def _shown_rooms(college: Organization, form: Form) -> dict[str, Any]:
    rooms = rooms_of(college)
    return {"rooms": rooms, "campuses": campuses_of(college), "least": LEAST_ROOMS, "hours_text": hours_text}


def _hours(form: Form) -> list[list[int]] | None:
    """As JSON keeps them; an empty field says nothing of them."""
    text = form.value("hours").strip()
    return [list(window) for window in parse_hours(text)] if text else None


def _ensure_filled(form: Form, *names: str) -> None:
    empty = [name for name in names if not form.value(name).strip()]
    if empty:
        raise InvalidInput(dict.fromkeys(empty, say("is empty")))


def _first(found: list[Any]) -> Any:
    return found[0] if found else None


def _zones_alone(college: Organization, form: Form) -> dict[str, Any]:
    return {"zones": zones()}


OFFICE_FIELDS = {"name": "office_name", "slug": "office_name"}
OFFICE = StepPage("setup/office.html", _filled_office, _save_college, shown_of_office, OFFICE_FIELDS)
_CAMPUS_FIELDS = {"name": "campus_name", "slug": "campus_name", "latitude": "coordinates", "longitude": "coordinates"}
CAMPUS = StepPage("setup/campus.html", _filled_campus, _save_campus, _zones_alone, _CAMPUS_FIELDS)
_ROOM_FIELDS = {"name": "room_name", "slug": "room_name", "aliases": "room_name"}
ROOMS = StepPage("setup/rooms.html", _filled_room, _save_room, _shown_rooms, _ROOM_FIELDS)


def place_in(college: Organization, step: str, form: Form) -> Campus | Room | None:
    """The campus or room that a step's form changes; None for one that is new, and on the other steps."""
    if step == Step.CAMPUS:
        return next(iter(campuses_of(college)), None)
    if step == Step.ROOMS:
        return next((room for room in rooms_of(college) if room.slug == form.value("room")), None)
    return None


def zone_of(place: Campus | Room) -> str:
    """In whose hours it is said when letters leave."""
    return place.zone if isinstance(place, Campus) else place.campus.zone
