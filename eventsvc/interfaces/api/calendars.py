"""What blocks from outside, over JSON: outside calendars of rooms, experts and campuses, and leave. For planners."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Response, jsonify
from marshmallow import Schema, fields, validate

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import iso
from eventsvc.domain.accounts import ensure_may_plan
from eventsvc.domain.booking.blocks import Block
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.fields import SLUG, an_instant
from eventsvc.interfaces.paging import listing
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_leave, outside_calendars
from eventsvc.workflows.outside_calendars import Known

blueprint = Blueprint("calendars", __name__, url_prefix="/api/v1", description="What blocks from outside")
_OWNER = "/<any(rooms,experts,campuses):kind>/<slug>/calendar"


class SourceSchema(Schema):
    """Where the calendar is: an address that is looked at again and again, or its text as it is now."""

    url = fields.String(
        validate=validate.Length(1, 1_000), metadata={"example": "https://calendar.example.edu/a101.ics"}
    )
    text = fields.String(metadata={"description": "An iCalendar text (.ics); read once"})


class OutsideCalendarSchema(Schema):
    """An outside calendar and how old the knowledge of it is. Instants are RFC 3339 in UTC."""

    kind = fields.String(metadata={"enum": ["room", "expert", "campus"]})
    slug = fields.String(metadata=SLUG)
    url = fields.String(allow_none=True, metadata={"description": "null: uploaded by hand"})
    fetched_at = an_instant(allow_none=True, metadata={"description": "When it was last read whole; null: not yet"})
    next_look_at = an_instant(allow_none=True)
    read_until = an_instant(allow_none=True, metadata={"description": "How far ahead it was read"})
    blocks = fields.Integer(metadata={"description": "How many times it blocks"})
    skipped = fields.Integer(metadata={"description": "Entries that nobody could understand"})
    failures = fields.Integer(metadata={"description": "Looks that failed, in a row"})
    error = fields.String(metadata={"description": "Why the last look failed; empty when it did not"})


class OutsideCalendarsSchema(Schema):
    """Every outside calendar."""

    items = fields.List(fields.Nested(OutsideCalendarSchema))
    next = fields.String(allow_none=True)


class AwaySchema(Schema):
    """When somebody is away: days (the last one counts whole) or local times, by the expert's clock."""

    first = fields.String(data_key="from", required=True, metadata={"example": "2027-03-01"})
    last = fields.String(data_key="until", required=True, metadata={"example": "2027-03-05"})
    cover = fields.String(metadata={"description": "Slug of an expert of the same organization, to be asked instead"})


class LeaveSchema(Schema):
    """A leave."""

    id = fields.String()
    starts_at = an_instant()
    ends_at = an_instant()
    cover = fields.String(allow_none=True)


class LeavesSchema(Schema):
    """When an expert is away."""

    items = fields.List(fields.Nested(LeaveSchema))
    next = fields.String(allow_none=True)


@blueprint.get("/outside-calendars")
@blueprint.response(200, OutsideCalendarsSchema)
def calendars() -> Response:
    """Every outside calendar, those that fail first."""
    return listing([shown(known) for known in outside_calendars.all_known(actor=requests.actor())], None)


@blueprint.get(_OWNER)
@blueprint.response(200, OutsideCalendarSchema)
def calendar(kind: str, slug: str) -> Response:
    """The outside calendar of a room, an expert or a campus. Its ETag stays what it is as long as its source does."""
    return _tagged(outside_calendars.get_known(kind, slug, actor=requests.actor()))


@blueprint.put(_OWNER)
@blueprint.arguments(SourceSchema)
@blueprint.response(200, OutsideCalendarSchema)
def attach(source: dict[str, str], kind: str, slug: str) -> Response:
    """Give it an outside calendar, by address or by text, in place of the one it had.

    An address is looked at soon after, not now; the same address again asks for a look soon. `If-None-Match: *` in
    place of `If-Match` gives the first one.
    """
    actor, now = requests.actor(), clock.now()
    ensure_may_plan(actor)
    if len(source) != 1:
        raise InvalidInput({"url": say("is needed, or the text of the calendar: one of them")})
    if "url" in source:
        story: Callable[..., Known] = partial(
            outside_calendars.attach_by_address, kind, slug, source["url"], fetcher=services().fetcher
        )
    else:
        reading = outside_calendars.read_upload(kind, slug, source["text"].encode(), actor=actor, now=now)
        story = partial(outside_calendars.attach_reading, kind, slug, reading)
    with transaction():
        return _tagged(story(expected=expected(), actor=actor, now=now))


@blueprint.delete(_OWNER)
@blueprint.response(204)
def detach(kind: str, slug: str) -> None:
    """Forget the outside calendar and what it blocks."""
    with transaction():
        outside_calendars.detach(kind, slug, expected=expected(), actor=requests.actor(), now=clock.now())


@blueprint.get("/experts/<slug>/leave")
@blueprint.response(200, LeavesSchema)
def leave(slug: str) -> Response:
    """When an expert is away from now on."""
    found = keep_leave.leave_of(slug, actor=requests.actor(), after=clock.now())
    return listing([_leave(block) for block in found], None)


@blueprint.post("/experts/<slug>/leave")
@blueprint.arguments(AwaySchema)
@blueprint.response(201, LeaveSchema)
def add_leave(wish: dict[str, str], slug: str) -> Response:
    """An expert will be away. What is booked then stays as it is, and the offices in charge are told."""
    with transaction():
        block, _ = keep_leave.add_leave(slug, **wish, actor=requests.actor(), now=clock.now())
    response = _tagged_leave(block)
    response.status_code = 201
    response.headers["Location"] = services().links.to(f"/api/v1/experts/{slug}/leave/{quote(block.uid or '')}")
    return response


@blueprint.get("/experts/<slug>/leave/<leave_id>")
@blueprint.response(200, LeaveSchema)
def one_leave(slug: str, leave_id: str) -> Response:
    """One leave of an expert."""
    return _tagged_leave(keep_leave.get_leave(slug, leave_id, actor=requests.actor()))


@blueprint.delete("/experts/<slug>/leave/<leave_id>")
@blueprint.response(204)
def remove_leave(slug: str, leave_id: str) -> None:
    """The expert is there after all."""
    with transaction():
        keep_leave.remove_leave(slug, leave_id, expected=expected(), actor=requests.actor(), now=clock.now())


def shown(known: Known) -> dict[str, Any]:
    """An outside calendar as JSON shows it."""
    one = known.calendar
    moments = {"fetched_at": one.fetched_at, "next_look_at": one.next_at, "read_until": one.read_until}
    return {
        "kind": type(known.owner).__name__.lower(),
        "slug": known.owner.slug,
        "url": one.url or None,
        **{name: iso(moment) if moment else None for name, moment in moments.items()},
        "blocks": known.blocks,
        "skipped": one.skipped,
        "failures": one.failures,
        "error": one.error,
    }


def _tagged(known: Known) -> Response:
    return tagged(jsonify(shown(known)), outside_calendars.tag_of_calendar(known.calendar))


def _tagged_leave(block: Block) -> Response:
    return tagged(jsonify(_leave(block)), keep_leave.tag_of_leave(block))


def _leave(block: Block) -> dict[str, Any]:
    cover = block.cover.slug if block.cover else None
    return {"id": block.uid, "starts_at": iso(block.starts_at), "ends_at": iso(block.ends_at), "cover": cover}
