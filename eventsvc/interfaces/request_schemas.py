"""Schemas of requests, offered dates, rounds and approvals of employers: what goes in, and what comes out."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from eventsvc.core.errors import say
from eventsvc.domain.booking.hours import clock_text
from eventsvc.domain.directory.models import Level
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.words import MAX_ADVICE
from eventsvc.domain.requests.employers import EmployerState
from eventsvc.domain.requests.matching import ReasonKind
from eventsvc.domain.requests.models import Format, RequestState
from eventsvc.domain.requests.offered import OfferStanding
from eventsvc.domain.requests.rounds import RoundStanding
from eventsvc.domain.requests.windows import MOST, SaidWindow
from eventsvc.interfaces.fields import Line, Slug, WallTime, Whole, a_word, an_instant, heads, slugs
from eventsvc.interfaces.paging import PageSchema
from eventsvc.interfaces.schemas import TITLE, with_tuples
from eventsvc.workflows.answer_request import Choice, OtherDate
from eventsvc.workflows.ask_partner import LONGEST_MINUTES, MOST_DESCRIPTION, AskedFor
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
    title = fields.String(metadata=TITLE)
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
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 50))


class OffersQuery(PageSchema):
    """Which offered dates; by default those that can be claimed."""

    all = fields.Boolean(load_default=False)


class MatchesQuery(Schema):
    """How many people."""

    most = fields.Integer(load_default=10, validate=validate.Range(1, 50))


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
