"""The one set of schemas for JSON, forms and commands: what goes in, and what comes out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from eventsvc.core.times import iso
from eventsvc.domain.booking.conflicts import ClashKind
from eventsvc.domain.events.models import EventKind, Visibility
from eventsvc.domain.events.overrides import Waiver
from eventsvc.domain.events.schedule import When
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.interfaces.equipment import equipment, equipment_facts
from eventsvc.interfaces.fields import Line, Slug, WallTime, Whole, heads, slugs, weekly_hours
from eventsvc.interfaces.office_schemas import CoordinatorSchema
from eventsvc.interfaces.yes_schemas import MissingYesSchema, RoomApprovalSchema, room_state
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.plan_event import Plan

_WHEN = ("starts_local", "starts_side", "duration_minutes", "all_day", "starts_on", "days")
_DESCRIBED_TIME = {"description": "A local time at the campus", "example": "2027-02-10T14:00"}


class WhenSchema(Schema):
    """When: `starts_local` and `duration_minutes` (elapsed), or `all_day` with `starts_on` and `days`."""

    starts_local = WallTime(metadata=_DESCRIBED_TIME)
    starts_side = fields.String(validate=validate.OneOf(["earlier", "later"]), allow_none=True)
    duration_minutes = Whole()
    all_day = fields.Boolean(truthy={True}, falsy={False})
    starts_on = fields.Date()
    days = Whole()


def time_in(values: dict[str, Any]) -> dict[str, Any]:
    """Take the fields of a time out of the values."""
    return {name: values.pop(name) for name in _WHEN if name in values}


def with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    """The values with tuples for lists, as frozen wishes hold them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


class WordsSchema(Schema):
    """What can be edited without booking anew."""

    title = fields.String()
    description = fields.String()
    bring = fields.String()
    accommodations = fields.String()
    accommodations_due_on = fields.Date(allow_none=True)
    online_url = fields.String()
    visibility = fields.Enum(Visibility, by_value=True)
    audience = fields.List(Line(most=60, validate=validate.Length(min=1)), validate=validate.Length(max=20))
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

    title = fields.String(required=True)
    kind = fields.Enum(EventKind, by_value=True, required=True)
    campus = Slug(allow_none=True)
    owner = Slug(metadata={"description": "The office that owns the event; by default the campus's own"})
    rooms = slugs()
    experts = slugs()
    online_experts = slugs()
    equipment = equipment()
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

    kind = fields.String()
    reason = fields.String()
    by = fields.String(attribute="given_by")
    at = fields.Function(lambda override: iso(override.at))


class EventSchema(Schema):
    """An event as the doors show it."""

    id = fields.String(attribute="public_id")
    series = fields.Function(lambda event: str(event.series.public_id) if event.series else None)
    kind = fields.String()
    title = fields.String()
    description = fields.String()
    bring = fields.String()
    accommodations = fields.String()
    accommodations_due_on = fields.Date()
    status = fields.String()
    visibility = fields.String()
    published_at = fields.Function(lambda event: iso(event.published_at) if event.published_at else None)
    owner = fields.String(attribute="owner.slug")
    co_hosts = fields.Function(lambda event: _slugs(event.co_hosts))
    campus = fields.Function(lambda event: event.campus.slug if event.campus else None)
    online_url = fields.String()
    rooms = fields.Function(lambda event: _slugs(event.rooms))
    room_state = fields.Function(room_state)
    experts = fields.Function(lambda event: _slugs(event.experts))
    online_experts = fields.Function(lambda event: [seat.expert.slug for seat in event.seats if seat.is_online])
    equipment = fields.Function(equipment_facts)
    topics = fields.Function(lambda event: _slugs(event.topics))
    audience = fields.List(fields.String())
    expected_heads = fields.Integer(allow_none=True)
    all_day = fields.Boolean()
    starts_on = fields.Function(lambda event: event.starts_on.isoformat())
    days = fields.Integer()
    starts_local = WallTime(allow_none=True)
    starts_side = fields.String(allow_none=True)
    duration_minutes = fields.Integer(allow_none=True)
    zone = fields.String()
    starts_at = fields.Function(lambda event: iso(event.starts_at))
    ends_at = fields.Function(lambda event: iso(event.ends_at))
    sequence = fields.Integer()
    revised_at = fields.Function(lambda event: iso(event.revised_at))
    version = fields.Integer()
    missing_yes = fields.List(fields.Nested(MissingYesSchema))
    overrides = fields.List(fields.Nested(OverriddenSchema))
    room_approvals = fields.List(fields.Nested(RoomApprovalSchema))
    coordinator = fields.Nested(CoordinatorSchema, allow_none=True, metadata={"description": "Who is in charge"})
    url = fields.String()
    ics_url = fields.String()


def _slugs(entries: list[Any]) -> list[str]:
    return [entry.slug for entry in entries]


class EntrySchema(Schema):
    """What every directory entry shows."""

    slug = fields.String()
    name = fields.String()


class OrganizationSchema(EntrySchema):
    """An organization."""

    kind = fields.String()
    website = fields.String()
    parent = fields.Function(lambda org: org.parent.slug if org.parent else None)


class OfficeSchema(EntrySchema):
    """An office."""

    organization = fields.String(attribute="organization.slug")
    mailbox = fields.String()
    telephone = fields.String()
    language = fields.String(metadata={"description": "Of letters to it, a BCP 47 tag"})
    zone = fields.String()


class CampusSchema(EntrySchema):
    """A campus."""

    organization = fields.String(attribute="organization.slug")
    address = fields.String()
    city = fields.String()
    postal_code = fields.String()
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    zone = fields.String()
    students = fields.Integer(allow_none=True)
    students_is_lower_bound = fields.Boolean()
    hours = weekly_hours("Opening hours in `zone`; null: always open")


class RoomSchema(EntrySchema):
    """A room."""

    campus = fields.String(attribute="campus.slug")
    parent = fields.Function(
        lambda room: room.parent.slug if room.parent else None,
        metadata={"description": "The divisible hall that it is a part of"},
    )
    capacity = fields.Integer(allow_none=True)
    layout = fields.String()
    equipment = fields.List(fields.String())
    step_free = fields.Boolean(allow_none=True)
    setup_minutes = fields.Integer()
    takedown_minutes = fields.Integer()
    needs_approval = fields.Boolean(metadata={"description": "Its office is asked and has to grant it"})
    hours = weekly_hours("Opening hours in the campus's zone; null: the campus's")


class PoolSchema(EntrySchema):
    """Things of which any will do: equipment, booths, access services."""

    kind = fields.String()
    organization = fields.String(attribute="organization.slug")
    campus = fields.Function(
        lambda pool: pool.campus.slug if pool.campus else None,
        metadata={"description": "Where they are used; null: anywhere, also online"},
    )
    quantity = fields.Integer()
    notice_days = fields.Integer(metadata={"description": "To be asked for at least this long before"})
    setup_minutes = fields.Integer()
    takedown_minutes = fields.Integer()


class ExpertSchema(Schema):
    """An expert as the public may know one: a slug and topics, no name and no address."""

    slug = fields.String()
    organization = fields.String(attribute="organization.slug")
    topics = fields.Function(lambda expert: _slugs(expert.topics))


class FullExpertSchema(ExpertSchema, EntrySchema):
    """An expert as the administrator may."""

    languages = fields.List(fields.String())
    home_campus = fields.Function(lambda expert: expert.home_campus.slug if expert.home_campus else None)
    zone = fields.String()
    lead_minutes = fields.Integer()
    max_per_day = fields.Integer(allow_none=True)
    max_per_week = fields.Integer(allow_none=True)
    max_per_month = fields.Integer(allow_none=True)
    max_travel_minutes = fields.Integer(allow_none=True)
    online_buffer_minutes = fields.Integer()
    hours = weekly_hours("Hours of the week in `zone`; null: any time")


class TopicSchema(EntrySchema):
    """A topic, an opportunity or an activity."""

    kind = fields.String()
    words = fields.String()
    source = fields.String()
