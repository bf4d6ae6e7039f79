"""Availability over JSON: what is free at a time, when a set is free, and a grid of a day or a week."""

from __future__ import annotations

import re
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, ValidationError, fields, validate

from eventsvc.core import clock
from eventsvc.core.errors import InvalidInput, say
from eventsvc.domain.events.schedule import YEARS, When, out_of_years
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import TOKEN_WELCOME, Blueprint
from eventsvc.interfaces.fields import Slug, WallTime, slugs
from eventsvc.interfaces.languages import translated
from eventsvc.interfaces.schemas import time_in
from eventsvc.workflows import show_availability
from eventsvc.workflows.said_wish import SaidEquipment, SaidWish

blueprint = Blueprint("availability", __name__, url_prefix="/api/v1", description="What is free, and why not")


class View(StrEnum):
    """What is asked."""

    AT = "at"
    FREE = "free"
    GRID = "grid"


_THING = re.compile("(?P<slug>[a-z0-9-]+)(:(?P<quantity>[1-9][0-9]{0,3}))?")


class Things(fields.String):
    """A pool and how many of it: `projectors`, `projectors:2`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "metadata": {"pattern": "^[a-z0-9-]+(:[1-9][0-9]{0,3})?$"}})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> SaidEquipment:  # type: ignore[override]  # a thing, where its parent reads words
        found = _THING.fullmatch(super()._deserialize(value, attr, data, **kwargs))
        if found is None:
            raise ValidationError(say("is not a slug such as projectors, or projectors:2"))
        return SaidEquipment(found["slug"], int(found["quantity"] or 1))


class AvailabilityQuery(Schema):
    """What is asked: `starts_local` and a length for `at`; `from`, `to` and a length for `free`; `from` for `grid`.

    Lists are said by naming the field again: `rooms=a&rooms=b`.
    """

    view = fields.Enum(View, by_value=True, load_default=View.AT)
    campus = Slug(required=True)
    topic = Slug(metadata={"description": "Only experts for this topic"})
    heads = fields.Integer(validate=validate.Range(0, 100_000))
    rooms = slugs()
    experts = slugs(20)
    equipment = fields.List(Things(), metadata={"description": "projectors, or projectors:2"})
    starts_local = WallTime()
    starts_side = fields.String(validate=validate.OneOf(["earlier", "later"]))
    duration_minutes = fields.Integer()
    all_day = fields.Boolean()
    starts_on = fields.Date()
    days = fields.Integer(metadata={"description": "Whole days, or those of a grid: 1 to 7"})
    first = fields.Date(data_key="from", metadata={"description": "The first local day"})
    last = fields.Date(data_key="to", metadata={"description": "The last local day, included"})


@blueprint.get("/availability")
@blueprint.doc(security=TOKEN_WELCOME)
@blueprint.arguments(AvailabilityQuery, location="query")
@blueprint.response(200)
def availability(query: dict[str, Any]) -> Response:
    """What is free. Rooms and pools for everybody; experts, and what takes a room, for those who plan.

    `view=at`: who and what is free at a time, each "no" with its reasons; who `is_understudy` would step in elsewhere
    then, if needed, which a booking takes away. `view=free`: when all of a set is, each
    quarter of an hour. `view=grid`: what is taken on a day or in a week, with set-up and travel,
    which rooms are too small for `heads`, and how many of each pool are free.
    """
    return jsonify(_VIEWS[query.pop("view")](query))


def _at(query: dict[str, Any]) -> dict[str, Any]:
    said = _said(query, When(**time_in(query)))
    return _in_words(show_availability.free_at(said, topic=query.get("topic"), actor=requests.actor(), now=clock.now()))


def _in_words(facts: dict[str, Any]) -> dict[str, Any]:
    """The answer with its reasons in the language of the request."""
    for answer in (one for kind in ("rooms", "experts", "pools") for one in facts.get(kind, ())):
        for reason in answer.get("reasons", ()):
            reason["detail"] = translated(reason["detail"])
    return facts


def _free(query: dict[str, Any]) -> dict[str, Any]:
    _ensure_told(query, "first", "from")
    _ensure_told(query, "last", "to")
    first, last = query["first"], query["last"]
    show_availability.days_between(first, last)
    # Only the length of the wish matters here; noon is an hour that every day has once.
    noon = datetime.combine(first, time(12))
    when = When(starts_local=noon, duration_minutes=query.get("duration_minutes"))
    return show_availability.free_spans(_said(query, when), first, last, actor=requests.actor(), now=clock.now())


def _grid(query: dict[str, Any]) -> dict[str, Any]:
    _ensure_told(query, "first", "from")
    days = query.get("days", 1)
    if not 1 <= days <= 7:
        raise InvalidInput({"days": say("must be between %(low)s and %(high)s", low=1, high=7)})
    said = _said(query, When())
    return _in_words(show_availability.grid(said, query["first"], days, actor=requests.actor(), now=clock.now()))


_VIEWS = {View.AT: _at, View.FREE: _free, View.GRID: _grid}


def _said(query: dict[str, Any], when: When) -> SaidWish:
    return SaidWish(
        when=when,
        campus=query["campus"],
        rooms=tuple(query.get("rooms", ())),
        experts=tuple(query.get("experts", ())),
        equipment=tuple(query.get("equipment", ())),
        expected_heads=query.get("heads"),
    )


def _ensure_told(query: dict[str, Any], name: str, field: str) -> None:
    if name not in query:
        raise InvalidInput({field: say("is needed, for instance 2027-02-10")})
    if query[name].year not in YEARS:
        raise InvalidInput({field: out_of_years()})
