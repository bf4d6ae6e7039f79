"""What invited people say beside yes and no, as doors read it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.domain.invitations.arrivals import MOST_LATE_MINUTES
from eventsvc.domain.invitations.proposals import MOST
from eventsvc.interfaces.fields import Line, Slug, WallTime, Whole
from eventsvc.interfaces.schemas import AnswerSchema, ReasonSchema

_TURN: dict[str, Any] = {"validate": validate.Range(0, 1_000_000)}
_SIDE: dict[str, Any] = {
    "validate": validate.OneOf(["earlier", "later"]),
    "metadata": {"description": "Of a time that the clock shows twice", "enum": ["earlier", "later", None]},
}


class TurnSchema(Schema):
    """Which asking a page showed."""

    turn = Whole(required=True, **_TURN)


class ProposedTimeSchema(Schema):
    """A start, on the clock of the event's campus; the event lasts as long as it did."""

    starts_local = WallTime(required=True)
    starts_side = fields.String(**_SIDE, allow_none=True)


class ProposeSchema(Schema):
    """Up to three times at which the person could come instead."""

    times = fields.List(fields.Nested(ProposedTimeSchema), required=True, validate=validate.Length(1, MOST))
    note = Line(most=1000, lines=True, load_default="")
    turn = Whole(**_TURN)


class ColleagueSchema(ReasonSchema):
    """Who could come instead, and why the person cannot."""

    colleague = Slug(required=True)
    turn = Whole(**_TURN)


class OnTheDaySchema(Schema):
    """That the person is there (null), or by how many minutes they will be late."""

    late_minutes = Whole(required=True, allow_none=True, validate=validate.Range(1, MOST_LATE_MINUTES))
    turn = Whole(**_TURN)


class OnBehalfSchema(AnswerSchema):
    """What somebody has told an office."""

    class Meta:
        exclude = ("turn",)
