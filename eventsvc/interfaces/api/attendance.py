"""After an event over JSON: how many came, who spoke, and the two questions by the link of a letter."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.attendance import counting
from eventsvc.domain.attendance.counting import Told
from eventsvc.domain.attendance.models import Feedback
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import BY_LINK, Blueprint
from eventsvc.interfaces.api.conditions import expected, tagged
from eventsvc.interfaces.attendance_schemas import (
    FeedbackSchema,
    SaidSchema,
    WholeAttendanceSchema,
    attendance_facts,
    count_of,
    feedback_facts,
)
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.interfaces.services import services
from eventsvc.workflows import after_event

blueprint = Blueprint("attendance", __name__, url_prefix="/api/v1", description="After an event: how many came")


@blueprint.get("/events/<event_id>/attendance")
@blueprint.response(200, WholeAttendanceSchema)
def attendance(event_id: str) -> Response:
    """How many came and who spoke, for the offices concerned; the answers to the two questions for both offices."""
    event, told = after_event.attendance_of(event_id, actor=requests.actor())
    return tagged(jsonify(_facts(event, told)), told.tag)


@blueprint.put("/events/<event_id>/attendance")
@blueprint.arguments(SaidSchema)
@blueprint.arguments(DryRunSchema, location="query")
@blueprint.response(200, WholeAttendanceSchema)
def say(body: dict[str, Any], query: dict[str, Any], event_id: str) -> Response:
    """Say how many came, from the start of the event on; said again it takes the place of what was said before.

    There is always something to read here, so `If-Match` takes the ETag of that, also before anything was said.
    """
    actor, now = requests.actor(), clock.now()
    with transaction(keep=not query["dry_run"]):
        after_event.say_count(event_id, count_of(body), body["spoke"], expected=expected(), actor=actor, now=now)
        event, told = after_event.attendance_of(event_id, actor=actor)
        facts, tag = _facts(event, told), told.tag
    return tagged(jsonify(facts), tag)


@blueprint.get("/feedback/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.response(200)
def questions(token: str) -> dict[str, Any]:
    """What is asked about which event, and what was answered; reading it changes nothing."""
    return _shown(counting.get_feedback(services().links.read_feedback(token, clock.now())))


@blueprint.post("/feedback/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.arguments(FeedbackSchema)
@blueprint.response(200)
def answer(body: dict[str, Any], token: str) -> dict[str, Any]:
    """Answer: a number from 1 to 5, and a line. Another answer takes its place; both offices read it, nobody else."""
    now = clock.now()
    feedback_id = services().links.read_feedback(token, now)
    with transaction():
        return _shown(after_event.give_feedback(feedback_id, body["score"], body["comment"], now=now))


def _facts(event: Event, told: Told) -> dict[str, Any]:
    given = after_event.feedback_for(event, requests.actor())
    return {
        **attendance_facts(told),
        "at_door": counting.counted_at_door(event.id),
        "feedback": [feedback_facts(one) for one in given],
    }


def _shown(asked: Feedback) -> dict[str, Any]:
    return {
        "id": str(asked.public_id),
        "person": asked.expert.name if asked.expert else None,
        **{name: fact for name, fact in feedback_facts(asked).items() if name != "expert"},
        "event": {**facts_of(asked.event), "status": str(asked.event.status)},
    }
