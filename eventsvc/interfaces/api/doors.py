"""Links for helpers at the door over JSON: make one, list those in force, look, end one."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.attendance import doors
from eventsvc.interfaces import paging, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.api.created import created
from eventsvc.interfaces.api.sent_again import ShownOnce
from eventsvc.interfaces.paging import listed
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.shown_doors import DoorLinkSchema, NewDoorLinkSchema, door_address, door_facts
from eventsvc.workflows import keep_door

blueprint = Blueprint(
    "door links", __name__, url_prefix="/api/v1/events", description="Helpers at the door of an event"
)


class DoorWishSchema(Schema):
    """For which day of the event a link is."""

    day = fields.Date(required=True, metadata={"description": "A local day of the event"})


@blueprint.get("/<event_id>/door-links")
@blueprint.response(200, listed(DoorLinkSchema))
def in_force(event_id: str) -> Response:
    """Links that open still, or will on their day; the links themselves were shown when they were made."""
    found = keep_door.links_in_force(event_id, actor=requests.actor(), now=clock.now())
    return paging.listing([door_facts(link) for link in found], None)


@blueprint.post("/<event_id>/door-links")
@blueprint.arguments(DoorWishSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(201, NewDoorLinkSchema)
def make(wish: dict[str, date], query: dict[str, Any], event_id: str) -> Response:
    """Make a link for a helper: it opens the door of this event on that day, and nothing else.

    `url` is shown this once, in an answer that no cache keeps. The same call with the same `Idempotency-Key` makes no
    other link, and is answered without it.
    """
    is_dry = query["dry_run"]
    with transaction(keep=not is_dry):
        link = keep_door.make_door_link(
            event_id, wish["day"], expected=expected(), actor=requests.actor(), now=clock.now()
        )
        facts, tag, url = door_facts(link), doors.tag_of_link(link), door_address(link)
    told = [{**facts, "url": one} for one in (None if is_dry else url, None)]
    whole, kept = (tagged(created(f"events/{event_id}/door-links", one, is_dry=is_dry), tag) for one in told)
    return ShownOnce.of(whole, kept)


@blueprint.get("/<event_id>/door-links/<link_id>")
@blueprint.response(200, DoorLinkSchema)
def one_link(event_id: str, link_id: str) -> Response:
    """One link, in force or over."""
    link = keep_door.get_door_link(event_id, link_id, actor=requests.actor())
    return tagged(jsonify(door_facts(link)), doors.tag_of_link(link))


@blueprint.delete("/<event_id>/door-links/<link_id>")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(204)
def end(query: dict[str, Any], event_id: str, link_id: str) -> None:
    """End a link: it opens nothing from the next request on; doing it again changes nothing."""
    with transaction(keep=not query["dry_run"]):
        keep_door.end_door_link(event_id, link_id, expected=expected(), actor=requests.actor(), now=clock.now())
