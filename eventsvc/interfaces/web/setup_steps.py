"""What each step of setting up has: a form filled from what is there, what saving does, and what else the page shows.

A step calls the stories that keep the directory, accounts and the sender; it has no rule of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import zone_names
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory.models import Organization
from eventsvc.interfaces.web import forms, words
from eventsvc.interfaces.web.forms import Form

# The United States first: most who set up a college here are in California.
USUAL_ZONES = (
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/New_York",
    "America/Anchorage",
    "Pacific/Honolulu",
)


class Saved(NamedTuple):
    """What saving did, in words, and whether the same page comes again."""

    says: str
    stays: bool = False
    college: Organization | None = None


class StepPage(NamedTuple):
    """A step: `filled` and `shown` read, `save` is called inside a transaction and may refuse.

    `fields` tells what the form calls the fields that the stories refuse by other names.
    """

    template: str
    filled: Callable[[Organization], Form]
    save: Callable[[Organization, Form, Actor, datetime], Saved]
    shown: Callable[[Organization, Form], dict[str, Any]]
    fields: Mapping[str, str]


def form_of(values: Mapping[str, Any]) -> Form:
    """A form that says these; what is not known is an empty field."""
    return Form(MultiDict([(name, "" if value is None else str(value)) for name, value in values.items()]))


def renamed(refusal: InvalidInput, fields: Mapping[str, str]) -> InvalidInput:
    """The same no, by the names of the form."""
    return InvalidInput([(fields.get(one["field"], one["field"]), one["reason"]) for one in refusal.facts["errors"]])


def zones() -> dict[str, list[tuple[str, str]]]:
    """The zones to choose from: the usual ones in words with their cities, every other by its name.

    The city tells apart Denver and Phoenix, both of Mountain Time: only one of them changes its clocks.
    """
    usual = [(zone, words.zone_and_city(zone)) for zone in USUAL_ZONES]
    return {"usual": usual, "others": [(zone, zone) for zone in zone_names() if zone not in USUAL_ZONES]}


def number_in(form: Form, name: str) -> int | None:
    """The whole number that was typed, or None for nothing; refuses InvalidInput."""
    if not form.value(name).strip():
        return None
    found = forms.whole(form.value(name))
    if not isinstance(found, int):
        raise InvalidInput({name: say("is not a whole number")})
    return found


def coordinates_in(form: Form, name: str) -> tuple[float | None, float | None]:
    """ "34.1443, -118.1187", as maps write a place, or nothing; refuses InvalidInput."""
    text = form.value(name).strip()
    if not text:
        return None, None
    found = re.fullmatch(r"\(?\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*\)?", text)
    if found is None:
        raise InvalidInput({name: say("is not of the form 34.1443, -118.1187")})
    return float(found[1]), float(found[2])
