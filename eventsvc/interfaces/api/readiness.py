"""What a college still lacks, over JSON."""

from __future__ import annotations

from flask import Response, jsonify
from marshmallow import Schema, fields

from eventsvc.core import clock
from eventsvc.interfaces import college_ready, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.workflows import set_up
from eventsvc.workflows.readiness import readiness_of

blueprint = Blueprint(
    "readiness", __name__, url_prefix="/api/v1/readiness", description="What a college lacks before students see it"
)


class CheckSchema(Schema):
    """One thing, and where it is mended."""

    name = fields.String()
    is_done = fields.Boolean()
    is_needed = fields.Boolean(metadata={"description": "while it is missing, students should not see the college"})
    says = fields.String()
    url = fields.String()


class ReadinessSchema(Schema):
    """All checks of one college."""

    college = fields.String()
    name = fields.String()
    is_ready = fields.Boolean()
    checks = fields.List(fields.Nested(CheckSchema))
    url = fields.String()


@blueprint.get("/<slug>")
@blueprint.response(200, ReadinessSchema)
def readiness(slug: str) -> Response:
    """What the college of that organization still lacks; for those who set it up."""
    college = set_up.get_college(slug, actor=requests.actor())
    return jsonify(college_ready.facts_of(readiness_of(college, college_ready.surroundings(), clock.now())))
