"""The one set of schemas for JSON, forms and commands: what goes in, and what comes out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from eventsvc.core.times import iso
from eventsvc.domain.booking.conflicts import ClashKind
from eventsvc.domain.events.found_under import MOST_GROUPS, MOST_LANGUAGES
from eventsvc.domain.events.models import EventKind, Status, Visibility
from eventsvc.domain.events.overrides import Waiver
from eventsvc.domain.events.schedule import MAX_DAYS, MAX_DURATION_MINUTES, When
from eventsvc.domain.events.words import MAX_ADVICE, MAX_DESCRIPTION, MAX_LINK, MAX_TITLE
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.interfaces.answered import GivenAnswerSchema
from eventsvc.interfaces.attendance_schemas import AttendanceSchema
from eventsvc.interfaces.equipment import SHOWN_EQUIPMENT, equipment, equipment_facts
from eventsvc.interfaces.fields import (
    INSTANT,
    INSTANT_OR_NULL,
    SLUG,
    Line,
    Slug,
    WallTime,
    Whole,
    a_word,
    derived,
    heads,
    slugs,
    slugs_of,
)
from eventsvc.interfaces.office_schemas import CoordinatorSchema
from eventsvc.interfaces.seat_schemas import SeatSchema, said_seats
from eventsvc.interfaces.shown_doors import HeadCountSchema
from eventsvc.interfaces.yes_schemas import ROOM_STATES, MissingYesSchema, RoomApprovalSchema, room_state
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.plan_event import Plan

_WHEN = ("starts_local", "starts_side", "duration_minutes", "all_day", "starts_on", "days")
TITLE = {"minLength": 1, "maxLength": MAX_TITLE}
_SIDE: dict[str, Any] = {
    "validate": validate.OneOf(["earlier", "later"]),
    "metadata": {"description": "Of a time that the clock shows twice", "enum": ["earlier", "later", None]},
}


class WhenSchema(Schema):
    """When: `starts_local` and `duration_minutes` (elapsed), or `all_day` with `starts_on` and `days`."""

    starts_local = WallTime(metadata={"description": "A local time at the campus"})
    starts_side = fields.String(**_SIDE, allow_none=True)
    duration_minutes = Whole(metadata={"minimum": 1, "maximum": MAX_DURATION_MINUTES})
    all_day = fields.Boolean(truthy={True}, falsy={False})
    starts_on = fields.Date()
    days = Whole(metadata={"minimum": 1, "maximum": MAX_DAYS})


def time_in(values: dict[str, Any]) -> dict[str, Any]:
    """Take the fields of a time out of the values."""
    return {name: values.pop(name) for name in _WHEN if name in values}


def with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    """The values with tuples for lists, as frozen wishes hold them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


class WordsSchema(Schema):
    """What can be edited without booking anew."""

    title = fields.String(metadata=TITLE)
    description = fields.String(metadata={"maxLength": MAX_DESCRIPTION, "description": "Markdown"})
    bring = fields.String(metadata={"maxLength": MAX_ADVICE})
    accommodations = fields.String(metadata={"maxLength": MAX_ADVICE})
    accommodations_due_on = fields.Date(allow_none=True)
    online_url = fields.String(metadata={"maxLength": MAX_LINK})
    visibility = fields.Enum(Visibility, by_value=True)
    audience = fields.List(Line(most=60, validate=validate.Length(min=1)), validate=validate.Length(max=MOST_GROUPS))
    languages = fields.List(
        Line(most=10),
        validate=validate.Length(max=MOST_LANGUAGES),
        metadata={"description": "In which it is held, BCP 47 tags such as es; none where nobody said: English"},
    )
    topics = slugs()
    co_hosts = slugs(200)
    expected_heads = heads()


class OverrideSchema(Schema):
    """Soft rules that do not count for this event at this start (closed, limit, audience, notice), and why."""

    kinds = fields.List(fields.Enum(ClashKind, by_value=True), required=True, validate=validate.Length(1, 10))
    reason = Line(most=500, lines=True, required=True)

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> Waiver:
        return Waiver(tuple(dict.fromkeys(values["kinds"])), values["reason"])


class OverridableSchema(Schema):
    """What a verb takes that reserves something."""

    override = fields.Nested(OverrideSchema)


class PlanSchema(WhenSchema, WordsSchema):
    """A plan of an event; `draft` makes it without reserving anything."""

    title = fields.String(required=True, metadata=TITLE)
    kind = fields.Enum(EventKind, by_value=True, required=True)
    campus = Slug(allow_none=True)
    owner = Slug(metadata={"description": "The office that owns the event; by default the campus's own"})
    rooms = slugs()
    experts = slugs()
    online_experts = slugs()
    equipment = equipment()
    seats = said_seats()
    override = fields.Nested(OverrideSchema)
    draft = fields.Boolean(truthy={True}, falsy={False}, load_default=False)

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> Any:
        is_draft = values.pop("draft")
        when = When(**time_in(values))
        return Plan(when=when, **with_tuples(values)), is_draft


class MoveSchema(WhenSchema):
    """Where to move an event; what is left out stays. A `campus` of null makes it an online event."""

    campus = Slug(allow_none=True)
    rooms = slugs()
    experts = slugs()
    online_experts = slugs()
    equipment = equipment()
    seats = said_seats()
    override = fields.Nested(OverrideSchema)

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> Any:
        return Destination(time=time_in(values), is_campus_told="campus" in values, **with_tuples(values))


class ReasonSchema(Schema):
    """Why, in a sentence."""

    reason = Line(most=1000, lines=True, load_default="")


class AnswerSchema(ReasonSchema):
    """What an invited person says."""

    answer = fields.Enum(AnswerWord, by_value=True, required=True)
    turn = Whole(validate=validate.Range(0, 1_000_000))


class DryRunSchema(Schema):
    """Whether to answer without writing."""

    dry_run = fields.Boolean(load_default=False)


class OverriddenSchema(Schema):
    """A soft rule that does not count for the event at its present start."""

    kind = a_word(ClashKind)
    reason = fields.String()
    by = fields.String(attribute="given_by")
    at = derived(lambda override: iso(override.at), **INSTANT)


class ToldSchema(Schema):
    """A letter that a change would owe, write anew, or take back before it has left."""

    to = fields.String(metadata={"description": "Name of the person or office"})
    letter = fields.String(metadata={"description": "Which letter it is"})
    subject = fields.String(metadata={"description": "Its subject, in its reader's language"})
    language = fields.String()
    leaves_at = fields.AwareDateTime(metadata={"description": "When it leaves, unless something changes before"})
    becomes = fields.String(validate=validate.OneOf(("new", "rewritten", "taken_back")))


def tells() -> fields.List[Any]:
    """The field of whatever can be tried."""
    about = {"description": "Of a dry run only: the letters that it would owe"}
    return fields.List(fields.Nested(ToldSchema), metadata=about)


class EventSchema(Schema):
    """An event as the doors show it."""

    id = fields.UUID(attribute="public_id")
    series = derived(
        lambda event: str(event.series.public_id) if event.series else None, ("string", "null"), format="uuid"
    )
    kind = a_word(EventKind)
    title = fields.String()
    description = fields.String()
    bring = fields.String()
    accommodations = fields.String()
    accommodations_due_on = fields.Date(allow_none=True)
    status = a_word(Status)
    visibility = a_word(Visibility)
    published_at = derived(lambda event: iso(event.published_at) if event.published_at else None, **INSTANT_OR_NULL)
    owner = fields.String(attribute="owner.slug", metadata=SLUG)
    co_hosts = slugs_of(lambda event: event.co_hosts)
    campus = derived(lambda event: event.campus.slug if event.campus else None, ("string", "null"), **SLUG)
    online_url = fields.String()
    rooms = slugs_of(lambda event: event.rooms)
    room_state = derived(room_state, ("string", "null"), enum=[*ROOM_STATES, None])
    experts = slugs_of(lambda event: event.experts)
    online_experts = slugs_of(lambda event: event.online_experts)
    equipment = derived(equipment_facts, "array", items=SHOWN_EQUIPMENT)
    topics = slugs_of(lambda event: event.topics)
    audience = fields.List(fields.String())
    languages = fields.List(fields.String())
    expected_heads = fields.Integer(allow_none=True)
    all_day = fields.Boolean()
    starts_on = derived(lambda event: event.starts_on.isoformat(), "string", format="date")
    days = fields.Integer()
    starts_local = WallTime(allow_none=True)
    starts_side = fields.String(allow_none=True, metadata={"enum": ["earlier", "later", None]})
    duration_minutes = fields.Integer(allow_none=True)
    zone = fields.String()
    starts_at = derived(lambda event: iso(event.starts_at), **INSTANT)
    ends_at = derived(lambda event: iso(event.ends_at), **INSTANT)
    sequence = fields.Integer()
    revised_at = derived(lambda event: iso(event.revised_at), **INSTANT)
    version = fields.Integer()
    seats = fields.List(fields.Nested(SeatSchema))
    missing_yes = fields.List(fields.Nested(MissingYesSchema))
    answers = fields.List(fields.Nested(GivenAnswerSchema), metadata={"description": "Of everybody who was asked"})
    overrides = fields.List(fields.Nested(OverriddenSchema))
    room_approvals = fields.List(fields.Nested(RoomApprovalSchema))
    head_counts = fields.List(fields.Nested(HeadCountSchema), metadata={"description": "How many came, by local day"})
    attendance = fields.Nested(AttendanceSchema, allow_none=True, metadata={"description": "null before it took place"})
    coordinator = fields.Nested(CoordinatorSchema, allow_none=True, metadata={"description": "Who is in charge"})
    tells = tells()
    url = fields.String(metadata={"format": "uri"})
    ics_url = fields.String(metadata={"format": "uri"})
