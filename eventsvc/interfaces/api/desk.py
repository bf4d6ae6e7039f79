"""The desk of whoever plans, over JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, validate

from eventsvc.core import clock
from eventsvc.domain.requests.models import RequestState
from eventsvc.interfaces import requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.shown_desk import desk_facts
from eventsvc.workflows.show_desk import Lack, desk_of

blueprint = Blueprint("desk", __name__, url_prefix="/api/v1", description="What an office begins the day with")


class OfficeQuerySchema(Schema):
    """Which office's desk; all of one's own without it."""

    office = fields.String(load_default="", metadata={"description": "slug of an office for which you plan"})


class DeskRequestSchema(Schema):
    """A request of one's own that waits."""

    id = fields.String()
    title = fields.String()
    state = fields.String(validate=validate.OneOf([str(one) for one in RequestState]))
    partner = fields.String()
    age_working_days = fields.Integer()
    answer_by = fields.String(metadata={"format": "date"})
    is_late = fields.Boolean()
    url = fields.String()


class DeskEventSchema(Schema):
    """An event, as a line."""

    id = fields.String()
    title = fields.String()
    status = fields.String()
    starts_at = fields.String(metadata={"format": "date-time"})
    ends_at = fields.String(metadata={"format": "date-time"})
    zone = fields.String()
    url = fields.String()


class NeedSchema(Schema):
    """Something that lies still unless somebody acts."""

    kind = fields.String(validate=validate.OneOf([str(one) for one in Lack]))
    event = fields.Nested(DeskEventSchema)
    since = fields.String(metadata={"format": "date-time"})
    says = fields.String(metadata={"description": "a sentence, in the language that was asked for"})
    url = fields.String(metadata={"description": "the page on which one acts on it"})


class WaitingEmployerSchema(Schema):
    """An employer that waits until the college admits it."""

    college = fields.String()
    employer = fields.String()
    name = fields.String()
    since = fields.String(metadata={"format": "date-time"})
    url = fields.String(metadata={"description": "the page on which one decides"})


class _DeskSchema(Schema):
    """All of it; of each part at most fifty, those that have waited longest."""

    until = fields.String(metadata={"format": "date-time", "description": "of `events`"})
    requests = fields.List(fields.Nested(DeskRequestSchema))
    events = fields.List(fields.Nested(DeskEventSchema), metadata={"description": "of the next seven days"})
    needs = fields.List(fields.Nested(NeedSchema))
    employers = fields.List(fields.Nested(WaitingEmployerSchema))
    mails = fields.Integer(metadata={"description": "How many mails wait for a decision, at /mail"})
    is_more = fields.Boolean()


# "from" is a word of Python's.
_FROM: dict[str, fields.Field[Any]] = {"from": fields.String(metadata={"format": "date-time"})}
DeskSchema = _DeskSchema.from_dict(_FROM, name="DeskSchema")


@blueprint.get("/desk")
@blueprint.arguments(OfficeQuerySchema, location="query")
@blueprint.response(200, DeskSchema)
def desk(query: dict[str, Any]) -> Response:
    """Your offices' requests that wait, the next seven days, and what needs attention.

    Each with its page.
    """
    return jsonify(desk_facts(desk_of(requests.actor(), clock.now(), office=query["office"])))
