"""Who has been reached after a late change, over JSON; and saying that somebody was told."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.events import permits
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.api.conditions import expected
from eventsvc.interfaces.reached_schemas import ReachedSchema, ToldOneSchema, reached_facts
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.workflows.keep_reminders import ensure_sees_work
from eventsvc.workflows.show_reached import note_reached, who_is_reached

blueprint = Blueprint("reached", __name__, url_prefix="/api/v1/events", description="Who knows of a late change")


@blueprint.get("/<event_id>/reached")
@blueprint.response(200, ReachedSchema)
def show(event_id: str) -> Response:
    """Who has been reached after a change within 48 hours of the start, and whom to telephone."""
    event = ensure_sees_work(event_id, requests.actor())
    may_change = permits.may_change(requests.actor(), event)
    return jsonify(reached_facts(who_is_reached(event, clock.now()), may_change=may_change))


@blueprint.post("/<event_id>/reached")
@blueprint.arguments(ToldOneSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, ReachedSchema)
def told(body: dict[str, str], query: dict[str, Any], event_id: str) -> Response:
    """Say that you have told somebody of the late change; saying it twice is once."""
    with transaction(keep=not query["dry_run"]):
        found = note_reached(event_id, body["who"], expected=expected(), actor=requests.actor(), now=clock.now())
        return jsonify(reached_facts(found, may_change=True))
