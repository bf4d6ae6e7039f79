"""Schemas of what is shown of requests, offered dates, rounds and approvals of employers."""

from __future__ import annotations

from marshmallow import Schema, fields

from eventsvc.domain.directory.models import Level
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.requests.employers import EmployerState
from eventsvc.domain.requests.matching import ReasonKind
from eventsvc.domain.requests.models import Format, RequestState
from eventsvc.domain.requests.offered import OfferStanding
from eventsvc.domain.requests.rounds import RoundStanding
from eventsvc.interfaces.fields import WallTime, a_word, an_instant
from eventsvc.interfaces.request_schemas import WindowSchema


class ReasonShownSchema(Schema):
    """One reason, with its facts and in words."""

    kind = a_word(ReasonKind)
    facts = fields.Dict()
    words = fields.String()


class MatchSchema(Schema):
    """Somebody who comes into question; `starts_at` is the first start at which they could."""

    expert = fields.String()
    name = fields.String()
    is_free = fields.Boolean()
    lacks_topic = fields.Boolean()
    window = fields.Integer(allow_none=True, metadata={"description": "The rank of the window it lies in"})
    starts_at = an_instant(allow_none=True)
    starts_local = WallTime(allow_none=True)
    points = fields.Float(metadata={"description": "Fewer are better"})
    reasons = fields.List(fields.Nested(ReasonShownSchema))


class ShownWindowSchema(WindowSchema):
    """A window with its rank."""

    rank = fields.Integer()


class OfferedSchema(Schema):
    """An offered date; `claimed` and `closed` ones stay to be read."""

    id = fields.UUID()
    office = fields.String()
    organization = fields.String()
    request = fields.UUID(allow_none=True, metadata={"description": "The request that it answers"})
    kind = a_word(EventKind)
    title = fields.String()
    note = fields.String()
    format = a_word(Format)
    topics = fields.List(fields.String())
    expert = fields.String(allow_none=True)
    starts_at = an_instant()
    ends_at = an_instant()
    starts_local = WallTime()
    zone = fields.String()
    duration_minutes = fields.Integer()
    closes_on = fields.Date(allow_none=True)
    standing = a_word(OfferStanding)
    version = fields.Integer()


class RequestSchema(Schema):
    """A request as the two offices see it."""

    id = fields.UUID()
    state = a_word(RequestState)
    partner = fields.String()
    partner_office = fields.String()
    college = fields.String()
    asker = fields.String()
    campus = fields.String(allow_none=True)
    round = fields.UUID(allow_none=True)
    kind = a_word(EventKind)
    title = fields.String()
    description = fields.String()
    audience = fields.List(fields.String())
    level = a_word(Level, allow_none=True)
    language = fields.String()
    format = a_word(Format)
    duration_minutes = fields.Integer()
    expected_heads = fields.Integer(allow_none=True)
    accommodations = fields.String()
    topics = fields.List(fields.String())
    windows = fields.List(fields.Nested(ShownWindowSchema))
    zone = fields.String()
    asked_at = an_instant()
    answer_by = fields.Date()
    is_late = fields.Boolean()
    age_working_days = fields.Integer()
    answered_at = an_instant(allow_none=True)
    reason = fields.String()
    employer_state = a_word(EmployerState)
    offered = fields.List(fields.Nested(OfferedSchema))
    events = fields.List(fields.UUID())
    version = fields.Integer()
    url = fields.String(metadata={"format": "uri"})


class MatchesSchema(Schema):
    """Who fits a request."""

    request = fields.UUID()
    items = fields.List(fields.Nested(MatchSchema))


class BoardLineSchema(Schema):
    """A request on the board, and who could go."""

    request = fields.Nested(RequestSchema)
    suggested = fields.List(fields.Nested(MatchSchema))
    sessions = fields.Integer(metadata={"description": "That the college has had of the partner within a year"})
    per_thousand = fields.Float(metadata={"description": "The same for each 1,000 students"})


class RoundSchema(Schema):
    """A round."""

    id = fields.UUID()
    office = fields.String()
    organization = fields.String()
    title = fields.String()
    closes_on = fields.Date()
    closes_at = an_instant()
    standing = a_word(RoundStanding)
    granted_at = an_instant(allow_none=True)
    version = fields.Integer()


class OutcomeSchema(Schema):
    """What a request gets of its round."""

    request = fields.UUID()
    title = fields.String()
    college = fields.String()
    per_thousand = fields.Float(metadata={"description": "Sessions per 1,000 students when its turn came"})
    sessions = fields.Integer(
        metadata={"description": "That the college had had within a year, earlier turns included"}
    )
    students = fields.Integer(allow_none=True, metadata={"description": "Of the college; null counts as 1,000"})
    travel_minutes = fields.Integer(allow_none=True, metadata={"description": "The shortest way of anybody"})
    words = fields.List(fields.String(), metadata={"description": "Why its turn came when it did"})
    is_admitted = fields.Boolean(metadata={"description": "False: the college has not approved the employer"})
    granted = fields.Nested(MatchSchema, allow_none=True)
    event = fields.UUID(allow_none=True)


class GrantedRoundSchema(Schema):
    """A round and what its requests get, in the order of their turns."""

    round = fields.Nested(RoundSchema)
    outcome = fields.List(fields.Nested(OutcomeSchema))


class EmployerApprovalSchema(Schema):
    """Where an employer stands with a college."""

    college = fields.String()
    employer = fields.String()
    name = fields.String()
    state = a_word(EmployerState)
    asked_at = an_instant()
    decided_at = an_instant(allow_none=True)
    reason = fields.String()
    version = fields.Integer()
