"""What can be said about a room that another office grants, over JSON and by forms."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from eventsvc.domain.approvals.models import RoomWord
from eventsvc.interfaces.fields import Line, Whole
from eventsvc.interfaces.schemas import ReasonSchema


class RoomGrantSchema(Schema):
    """A room is granted: under which number, and which asking it answers (`turn`, by default the present one)."""

    reference = Line(most=120, load_default="")
    turn = Whole(validate=validate.Range(0, 1_000_000))


class RoomDeclineSchema(ReasonSchema):
    """A room is declined, and which asking that answers (`turn`, by default the present one)."""

    turn = Whole(validate=validate.Range(0, 1_000_000))


class RoomAnswerSchema(RoomGrantSchema, ReasonSchema):
    """What the office of a room says."""

    answer = fields.Enum(RoomWord, by_value=True, required=True)
