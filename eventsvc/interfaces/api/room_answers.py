"""Answering for a room over JSON: by the signed token of the letter, or by somebody who plans and was telephoned."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.approvals import asking
from eventsvc.domain.approvals.asking import RoomAnswer
from eventsvc.domain.approvals.models import RoomApproval, RoomWord
from eventsvc.domain.events.facts import facts_of
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import BY_LINK, Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged_event
from eventsvc.interfaces.approval_schemas import RoomAnswerSchema, RoomDeclineSchema, RoomGrantSchema
from eventsvc.interfaces.schemas import DryRunSchema, EventSchema
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown import approval_facts, event_facts
from eventsvc.workflows import answer_room, ask_rooms

blueprint = Blueprint("room answers", __name__, url_prefix="/api/v1", description="Rooms that another office grants")


@blueprint.get("/room-answers/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.response(200)
def room_request(token: str) -> dict[str, Any]:
    """What is asked of the room; reading it changes nothing."""
    approval_id, _ = services().links.read_room_answer(token, clock.now())
    return shown(asking.get_approval(approval_id))


@blueprint.post("/room-answers/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.arguments(RoomAnswerSchema)
@blueprint.response(200)
def answer(body: dict[str, Any], token: str) -> dict[str, Any]:
    """Grant, with the number of the reservation in your own system, or decline; the same again changes nothing.

    A link counts for the time it asked about. Who has read the request since then says so with its `turn`.
    """
    now = clock.now()
    approval_id, turn = services().links.read_room_answer(token, now)
    said = RoomAnswer(word=body.pop("answer"), **{"turn": turn, **body})
    with transaction():
        return shown(answer_room.answer_room(approval_id, said, actor=requests.actor(), now=now))


@blueprint.post("/events/<event_id>/rooms/<slug>/grant")
@blueprint.arguments(RoomGrantSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def grant(body: dict[str, Any], query: dict[str, Any], event_id: str, slug: str) -> Response:
    """Record that the room's office has granted it, as it told you; the audit log says who wrote it down."""
    return _recorded(event_id, slug, RoomAnswer(word=RoomWord.GRANT, **body), query["dry_run"])


@blueprint.post("/events/<event_id>/rooms/<slug>/decline")
@blueprint.arguments(RoomDeclineSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, EventSchema)
def decline(body: dict[str, Any], query: dict[str, Any], event_id: str, slug: str) -> Response:
    """Record that the room's office has declined it, as it told you."""
    return _recorded(event_id, slug, RoomAnswer(word=RoomWord.DECLINE, **body), query["dry_run"])


@blueprint.post("/events/<event_id>/rooms/<slug>/nudge")
@blueprint.response(200, EventSchema)
def nudge(event_id: str, slug: str) -> Response:
    """Write once more to the room's office, which has not answered."""
    actor = requests.actor()
    with transaction():
        approval = ask_rooms.nudge(event_id, slug, expected=expected(), actor=actor, now=clock.now())
        facts = event_facts(approval.event, actor)
    return tagged_event(jsonify(facts), facts)


def _recorded(event_id: str, slug: str, said: RoomAnswer, is_dry: bool) -> Response:
    actor = requests.actor()
    with transaction(keep=not is_dry):
        approval = answer_room.record_room_answer(
            event_id, slug, said, expected=expected(), actor=actor, now=clock.now()
        )
        facts = event_facts(approval.event, actor)
    return tagged_event(jsonify(facts), facts)


def shown(approval: RoomApproval) -> dict[str, Any]:
    """An approval as facts for the room's office: what is asked, where it stands, and what was said."""
    event, room = approval.event, approval.room
    return {
        "id": str(approval.public_id),
        **approval_facts(approval),
        "room_name": room.name,
        "outside_reference": room.outside_reference,
        "setup_minutes": room.setup_minutes,
        "takedown_minutes": room.takedown_minutes,
        "event": {**facts_of(event), "status": str(event.status), "accommodations": event.accommodations},
    }
