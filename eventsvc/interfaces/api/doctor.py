"""The doctor over JSON."""

from __future__ import annotations

from flask import Response, jsonify
from marshmallow import Schema, fields

from eventsvc.core import clock
from eventsvc.domain.accounts import ensure_may_run
from eventsvc.domain.events.models import Status
from eventsvc.interfaces import examined, gaps, requests
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.fields import a_word, an_instant
from eventsvc.interfaces.office_schemas import NamedSchema
from eventsvc.interfaces.paging import listed, listing
from eventsvc.workflows import doctor
from eventsvc.workflows.examine_offices import gaps_seen

blueprint = Blueprint("doctor", __name__, url_prefix="/api/v1/doctor", description="Whether all that is booked holds")


class ExaminedEventSchema(Schema):
    """An event as a finding names it."""

    id = fields.UUID()
    title = fields.String()
    status = a_word(Status)
    starts_at = an_instant()
    zone = fields.String()
    office = fields.String()
    url = fields.String(metadata={"format": "uri"})


class FindingSchema(Schema):
    """Something that is not as it should be; `clash` where it is one, as in a refusal."""

    kind = fields.String()
    event = fields.Nested(ExaminedEventSchema)
    detail = fields.String()
    clash = fields.Dict(allow_none=True)


class OverriddenEventSchema(Schema):
    """A soft rule that somebody took on themselves to break."""

    kind = fields.String()
    event = fields.Nested(ExaminedEventSchema)
    reason = fields.String()
    by = fields.String()
    at = an_instant()


class GapSchema(Schema):
    """An office where somebody is missing (nobody who may act, no mailbox …), with what lies still because of it."""

    kind = fields.String(metadata={"example": "nobody_left"})
    is_finding = fields.Boolean(metadata={"description": "false: nobody yet; others act for the office"})
    organization = fields.Nested(NamedSchema)
    office = fields.Nested(NamedSchema, allow_none=True)
    what = fields.String()
    to_do = fields.String()
    events = fields.List(fields.Nested(ExaminedEventSchema))
    events_in_all = fields.Integer(metadata={"description": "With those that you may not see"})
    rooms = fields.List(fields.Nested(NamedSchema))


class ExaminationSchema(Schema):
    """What the doctor found; an empty list of findings is good news."""

    examined_at = an_instant()
    findings = fields.List(fields.Nested(FindingSchema))
    overridden = fields.List(fields.Nested(OverriddenEventSchema))
    offices = fields.List(fields.Nested(GapSchema))


@blueprint.get("")
@blueprint.response(200, ExaminationSchema)
def examination() -> Response:
    """Re-verify every reservation that lies ahead; for those who run the service. It may take some seconds."""
    actor, now = requests.actor(), clock.now()
    ensure_may_run(actor)
    return jsonify(examined.facts_of(doctor.examine(now), actor=actor, now=now))


@blueprint.get("/offices")
@blueprint.response(200, listed(GapSchema))
def offices() -> Response:
    """Where somebody is missing: at one's own office, a district's colleges, or everywhere, as far as one may know."""
    return listing(gaps.facts_of(gaps_seen(actor=requests.actor(), now=clock.now())), None)
