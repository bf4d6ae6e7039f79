"""Schemas of series: the rule as people say it, the whole wish, and how far a change of one event reaches."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from eventsvc.core.errors import say
from eventsvc.core.times import iso
from eventsvc.domain.events.recurrence import MAX_INTERVAL, MAX_OCCURRENCES, Dates, End, Monthly, Weekday, Weekly
from eventsvc.domain.events.words import MAX_LINK
from eventsvc.interfaces.equipment import equipment
from eventsvc.interfaces.fields import INSTANT, SLUG, Slug, Whole, derived, heads, slugs
from eventsvc.interfaces.schemas import (
    TITLE,
    DryRunSchema,
    EventSchema,
    MoveSchema,
    PlanSchema,
    ReasonSchema,
    WhenSchema,
    WordsSchema,
    tells,
    time_in,
    with_tuples,
)
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.plan_event import Plan
from eventsvc.workflows.plan_series import OnConflict
from eventsvc.workflows.series_plans import Campaign, Repeats, Stop


class Scope(StrEnum):
    """How far a change of one event of a series reaches."""

    THIS = "this"
    FOLLOWING = "following"


class StopSchema(WhenSchema):
    """One stop of a campaign: what it has of its own; the rest is as in the series."""

    campus = Slug()
    owner = Slug()
    rooms = slugs()
    experts = slugs()
    online_experts = slugs()
    equipment = equipment()
    topics = slugs()
    title = fields.String(metadata=TITLE)
    online_url = fields.String(metadata={"maxLength": MAX_LINK})
    expected_heads = heads()

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> Stop:
        return Stop(time=time_in(values), own=with_tuples(values))


# Which fields belong to which kind of rule, and those that it cannot do without.
_FIELDS = {
    "weekly": {"weekdays", "interval", "count", "until"},
    "monthly": {"weekday", "which", "interval", "count", "until"},
    "dates": {"dates"},
    "campaign": {"stops"},
}
_NEEDED = {"weekly": (), "monthly": ("weekday", "which"), "dates": ("dates",), "campaign": ("stops",)}


def rules_in_document(rule: dict[str, Any]) -> dict[str, Any]:
    """The schema of a rule as the API's document has it: one for each kind, instead of one for all."""
    fields_of_rule = rule["properties"]
    kinds = [
        {
            "title": kind,
            "type": "object",
            "properties": {"kind": {"type": "string", "const": kind}}
            | {name: fields_of_rule[name] for name in fields_of_rule if name in names},
            "required": ["kind", *_NEEDED[kind]],
            "additionalProperties": False,
        }
        for kind, names in _FIELDS.items()
    ]
    return {"oneOf": kinds, "description": RuleSchema.__doc__}


class RuleSchema(Schema):
    """Weekly, monthly by weekday, a list of dates, or a campaign; `count` or `until` (a day) ends the first two."""

    kind = fields.String(required=True, validate=validate.OneOf(list(_FIELDS)))
    weekdays = fields.List(fields.Enum(Weekday, by_value=True), validate=validate.Length(max=7))
    weekday = fields.Enum(Weekday, by_value=True)
    which = Whole(metadata={"description": "Which of a month, -1 for the last", "enum": [-1, 1, 2, 3, 4, 5]})
    interval = Whole(metadata={"description": "Every so many weeks or months", "minimum": 1, "maximum": MAX_INTERVAL})
    count = Whole(metadata={"description": "How many", "minimum": 1, "maximum": MAX_OCCURRENCES})
    until = fields.Date(metadata={"description": "The last possible day"})
    dates = fields.List(fields.Date(), validate=validate.Length(max=MAX_OCCURRENCES))
    stops = fields.List(fields.Nested(StopSchema), validate=validate.Length(max=MAX_OCCURRENCES))

    @validates_schema
    def _belongs(self, values: dict[str, Any], **_: Any) -> None:
        kind = values["kind"]
        strange = {name: say("does not belong to this kind of rule") for name in values if name not in _FIELDS[kind]}
        missing = {name: say("is needed by this kind of rule") for name in _NEEDED[kind] if name not in values}
        if reasons := {name: [reason] for name, reason in (strange | missing).items() if name != "kind"}:
            raise ValidationError(reasons)

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> Repeats:
        kind, end = values.pop("kind"), End(count=values.pop("count", None), until=values.pop("until", None))
        told = with_tuples(values)
        if kind == "weekly":
            return Weekly(end=end, **told)
        if kind == "monthly":
            return Monthly(end=end, **told)
        return Dates(told["dates"]) if kind == "dates" else Campaign(told["stops"])


class SeriesPlanSchema(PlanSchema):
    """A plan of every event of a series; `starts_local` is the first day and the hour of all."""

    rule = fields.Nested(RuleSchema, required=True)

    @post_load
    def _made(self, values: dict[str, Any], **more: Any) -> tuple[Plan, Repeats, bool]:
        repeats = values.pop("rule")
        plan, is_draft = super()._made(values)
        return plan, repeats, is_draft


class SeriesQuerySchema(DryRunSchema):
    """What to do about dates that cannot be had, and whether to answer without writing."""

    on_conflict = fields.Enum(OnConflict, by_value=True, load_default=OnConflict.REFUSE)


def _scope() -> fields.Enum[Scope]:
    return fields.Enum(Scope, by_value=True, load_default=Scope.THIS, metadata={"description": "Of a series"})


class ScopedMoveSchema(MoveSchema):
    """Where to move an event, or it and those that follow it in its series."""

    scope = _scope()

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> tuple[Destination, Scope]:
        scope = values.pop("scope")
        return super()._made(values), scope


class ScopedWordsSchema(WordsSchema):
    """Other words, of one event or of those that follow it too."""

    scope = _scope()


class ScopedReasonSchema(ReasonSchema):
    """Why, and how far it reaches."""

    scope = _scope()


class SkippedSchema(Schema):
    """A date that could not be had, with what stood against it when it was last tried."""

    id = fields.UUID(attribute="public_id")
    starts_on = derived(lambda skipped: skipped.starts_on.isoformat(), "string", format="date")
    starts_local = derived(lambda skipped: skipped.plan["when"].get("starts_local"), ("string", "null"))
    campus = derived(lambda skipped: skipped.plan.get("campus"), ("string", "null"), **SLUG)
    clashes = derived(lambda skipped: skipped.reasons["clashes"], "array", items={"type": "object"})
    errors = derived(lambda skipped: skipped.reasons["errors"], "array", items={"type": "object"})
    taken_by = derived(
        lambda skipped: str(skipped.taken_by.public_id) if skipped.taken_by else None,
        ("string", "null"),
        format="uuid",
    )


class SeriesLineSchema(Schema):
    """A series in a list."""

    id = fields.UUID(attribute="public_id")
    title = fields.String()
    rule = fields.Dict()
    owner = fields.String(attribute="owner.slug")
    created_at = derived(lambda series: iso(series.created_at), **INSTANT)
    version = fields.Integer()
    events_count = fields.Integer()
    skipped_count = derived(lambda series: sum(one.taken_by_id is None for one in series.skipped), "integer")
    url = fields.String(metadata={"format": "uri"})


class SeriesSchema(SeriesLineSchema):
    """A series with its events and the dates that it lacks."""

    events = fields.List(fields.Nested(EventSchema))
    skipped = fields.List(fields.Nested(SkippedSchema))
    tells = tells()
