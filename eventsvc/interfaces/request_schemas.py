"""Schemas of what is taken about requests, offered dates, rounds and approvals of employers."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from eventsvc.core.errors import say
from eventsvc.domain.booking.hours import clock_text
from eventsvc.domain.directory.models import Level
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.words import MAX_ADVICE, MAX_TITLE
from eventsvc.domain.requests.models import Format, RequestState
from eventsvc.domain.requests.windows import LONGEST_MINUTES, MOST, SaidWindow
from eventsvc.interfaces.fields import Line, Slug, WallTime, Whole, heads, slugs
from eventsvc.interfaces.paging import PageSchema
from eventsvc.interfaces.schemas import TITLE, with_tuples
from eventsvc.workflows.answer_request import Choice, OtherDate
from eventsvc.workflows.ask_partner import MOST_DESCRIPTION, AskedFor
from eventsvc.workflows.offer_dates import Claim, Publication

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
_SIDE: dict[str, Any] = {
    "validate": validate.OneOf(["earlier", "later"]),
    "metadata": {"description": "Of a time that the clock shows twice", "enum": ["earlier", "later", None]},
}


def _audience() -> fields.List[str]:
    return fields.List(Line(most=60, validate=validate.Length(min=1)), validate=validate.Length(max=20))


class ClockField(fields.Field[int]):
    """An hour of the day such as 09:00, up to 24:00; inside it is minutes of the day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": _CLOCK, "example": "09:00"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or re.match(_CLOCK, value) is None:
            raise ValidationError(say("is an hour such as 09:00"))
        return int(value[:2]) * 60 + int(value[3:])

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else clock_text(value)


class WindowSchema(Schema):
    """Days from and until, both counting, and hours at which it could be; without weekdays every day."""

    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True)
    from_minute = ClockField(data_key="from", load_default=9 * 60)
    until_minute = ClockField(data_key="until", load_default=17 * 60)
    weekdays = fields.List(fields.String(validate=validate.OneOf(WEEKDAYS)), validate=validate.Length(max=7))

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> SaidWindow:
        days = tuple(WEEKDAYS.index(one) for one in values.pop("weekdays", ()))
        return SaidWindow(weekdays=days, **values)


class AskedForSchema(Schema):
    """A wish of a college's office to a partner: up to three windows, the one wished most first, and nobody named."""

    partner = Slug(required=True, metadata={"description": "The organization that is asked"})
    partner_office = Slug(metadata={"description": "One of its offices; by default its first"})
    asker = Slug(metadata={"description": "The office that asks; by default the campus's own"})
    campus = Slug(allow_none=True)
    round = fields.UUID(metadata={"description": "A round that is open, among whose requests it shall stand"})
    kind = fields.Enum(EventKind, by_value=True)
    title = fields.String(required=True, metadata=TITLE)
    description = Line(most=MOST_DESCRIPTION, lines=True)
    audience = _audience()
    level = fields.Enum(Level, by_value=True, allow_none=True)
    language = Line(most=10)
    format = fields.Enum(Format, by_value=True)
    duration_minutes = Whole(metadata={"minimum": 1, "maximum": LONGEST_MINUTES})
    expected_heads = heads()
    accommodations = Line(most=MAX_ADVICE, lines=True)
    topics = slugs()
    windows = fields.List(fields.Nested(WindowSchema), required=True, validate=validate.Length(1, MOST))

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> AskedFor:
        if values.get("round") is not None:
            values["round"] = str(values["round"])
        return AskedFor(**with_tuples(values))


class ChoiceSchema(Schema):
    """A time within a window of the request, and who comes."""

    starts_local = WallTime(required=True)
    starts_side = fields.String(**_SIDE, allow_none=True)
    experts = slugs()
    online_experts = slugs()
    rooms = slugs()

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> Choice:
        return Choice(**with_tuples(values))


class OtherDateSchema(Schema):
    """A date in place of those that were wished for."""

    starts_local = WallTime(required=True)
    starts_side = fields.String(**_SIDE, allow_none=True)
    duration_minutes = Whole(metadata={"minimum": 1, "maximum": LONGEST_MINUTES})
    expert = Slug()
    note = Line(most=MAX_ADVICE, lines=True)

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> OtherDate:
        return OtherDate(**values)


class PublicationSchema(Schema):
    """A date that every college may claim; the time is on the clock of the partner's office."""

    office = Slug(required=True)
    title = fields.String(required=True, metadata=TITLE)
    starts_local = WallTime(required=True)
    starts_side = fields.String(**_SIDE, allow_none=True)
    duration_minutes = Whole(required=True, metadata={"minimum": 1, "maximum": LONGEST_MINUTES})
    kind = fields.Enum(EventKind, by_value=True)
    format = fields.Enum(Format, by_value=True)
    expert = Slug()
    topics = slugs()
    note = Line(most=MAX_ADVICE, lines=True)
    closes_on = fields.Date(allow_none=True, metadata={"description": "The last day to claim it, which counts whole"})

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> Publication:
        return Publication(**with_tuples(values))


class ClaimSchema(Schema):
    """For which campus a date is claimed, and what is needed there; what answers a request needs nothing of it."""

    campus = Slug(allow_none=True)
    asker = Slug()
    rooms = slugs()
    title = Line(most=MAX_TITLE, validate=validate.Length(min=1))
    description = Line(most=MOST_DESCRIPTION, lines=True)
    audience = _audience()
    expected_heads = heads()
    accommodations = Line(most=MAX_ADVICE, lines=True)

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> Claim:
        return Claim(**with_tuples(values))


class NewRoundSchema(Schema):
    """A round to open."""

    office = Slug(required=True)
    title = fields.String(required=True, metadata=TITLE)
    closes_on = fields.Date(required=True, metadata={"description": "The last day, which counts whole"})


class EmployerSchema(Schema):
    """An employer to put on a college's list."""

    employer = Slug(required=True)


class RequestQuery(PageSchema):
    """Which requests."""

    state = fields.Enum(RequestState, by_value=True)
    round = fields.UUID()
    partner_office = Slug()
    asker = Slug()


class BoardQuery(PageSchema):
    """Whose board."""

    office = Slug(required=True, metadata={"description": "The partner's office"})
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 50))


class OffersQuery(PageSchema):
    """Which offered dates; by default those that can be claimed."""

    all = fields.Boolean(load_default=False)


class MatchesQuery(Schema):
    """How many people."""

    most = fields.Integer(load_default=10, validate=validate.Range(1, 50))
