"""Over JSON: who is asked next for the seats of an event, one more seat, one fewer, one that is left open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged_event
from eventsvc.interfaces.fields import slugs
from eventsvc.interfaces.schemas import DryRunSchema, EventSchema
from eventsvc.interfaces.seat_schemas import NewSeatSchema
from eventsvc.interfaces.shown import event_facts
from eventsvc.workflows import keep_line_up
from eventsvc.workflows.line_ups import SaidSeat

blueprint = Blueprint("seats", __name__, url_prefix="/api/v1/events", description="Seats and who is asked next")


class LineUpSchema(Schema):
    """Who is asked next, in order, and who of them agreed beforehand to come if needed."""

    then = slugs(20)
    understudies = slugs(20)


@blueprint.post("/<event_id>/seats")
@blueprint.arguments(NewSeatSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def add(said: SaidSeat, query: dict[str, Any], event_id: str) -> Response:
    """One more seat: `expert` is named, or the first of `then` who is free is asked, or it is left open.

    It is checked like a move; answered with the event.
    """
    return _run(partial(keep_line_up.add_seat, event_id, said), query)


@blueprint.put("/<event_id>/seats/<seat_id>/line-up")
@blueprint.arguments(LineUpSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def keep_line_up_of(body: dict[str, Any], query: dict[str, Any], event_id: str, seat_id: str) -> Response:
    """Say who is asked next for a seat, in order; what is left out is empty. `If-Match` takes the event's ETag.

    Who was asked for this time already keeps a place behind. `understudies` are held softly: shown, in nobody's way.
    For an open seat the first who is free is asked at once.
    """
    then, understudies = body.get("then", ()), body.get("understudies", ())
    return _run(partial(keep_line_up.keep_line_up, event_id, seat_id, then, understudies), query)


@blueprint.post("/<event_id>/seats/<seat_id>/free")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def free(query: dict[str, Any], event_id: str, seat_id: str) -> Response:
    """Who is named need not come, and is told; the next of the line-up is asked, or the seat is open."""
    return _run(partial(keep_line_up.free_seat, event_id, seat_id), query)


@blueprint.delete("/<event_id>/seats/<seat_id>")
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(204)
def take_away(query: dict[str, Any], event_id: str, seat_id: str) -> None:
    """One seat fewer; who is named for it is told that they need not come. `If-Match` takes the event's ETag."""
    with transaction(keep=not query["dry_run"]):
        keep_line_up.take_seat_away(event_id, seat_id, expected=expected(), actor=requests.actor(), now=clock.now())


def _run(story: Callable[..., Event], query: dict[str, Any]) -> Response:
    actor = requests.actor()
    with transaction(keep=not query["dry_run"]):
        facts = event_facts(story(expected=expected(), actor=actor, now=clock.now()), actor)
    return tagged_event(jsonify(facts), facts)
