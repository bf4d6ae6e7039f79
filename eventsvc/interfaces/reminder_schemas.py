"""Reminders at the doors: rules, quiet hours, the preview of an event, and lists; as JSON, and as facts for pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso, to_wall
from eventsvc.domain.booking.hours import clock_text
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.reminders.models import (
    Anchor,
    Audience,
    Channel,
    Condition,
    QuietHours,
    Reason,
    Reminder,
    ReminderState,
    Rule,
)
from eventsvc.domain.reminders.saying import SaidRule, as_said
from eventsvc.interfaces.paging import PageSchema
from eventsvc.interfaces.schemas import DryRunSchema
from eventsvc.workflows.keep_reminders import Standing, Whose
from eventsvc.workflows.preview_reminders import Fate, Line, Preview

CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_CLOCK = validate.Regexp(f"^{CLOCK}$", error="is an hour such as 09:00")


def _word(words: Any, **more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf([str(one) for one in words]), **more)


class ReminderRuleSchema(Schema):
    """When a reminder is due: minutes from the start or end, or days from it at an hour of the reader's zone."""

    anchor = _word(Anchor, load_default=str(Anchor.START), metadata={"description": "before the start, after the end"})
    minutes = fields.Integer(load_default=None, allow_none=True)
    days = fields.Integer(load_default=None, allow_none=True)
    at = fields.String(load_default=None, allow_none=True, validate=_CLOCK, metadata={"description": "HH:MM"})
    condition = _word(Condition, load_default=str(Condition.ALWAYS))
    channel = _word(Channel, load_default=str(Channel.MAIL))


class RulesOfSchema(Schema):
    """For what rules are said: one event, or an organization's readers and a kind of events; else for everybody."""

    event = fields.String(load_default="", validate=validate.Length(max=40))
    organization = fields.String(load_default="", validate=validate.Length(max=80))
    kind = _word(EventKind, load_default=None)


class RulesToSaySchema(RulesOfSchema, DryRunSchema):
    """The same when they are changed."""

    show = fields.String(
        load_default="",
        validate=validate.Length(max=40),
        metadata={"description": "of a dry run: id of the event to show; else the next three on which they count"},
    )


class SaidRulesSchema(Schema):
    """Rules to say. An empty list: nobody is reminded. Null: no rules of its own, the more general ones count."""

    rules = fields.List(
        fields.Nested(ReminderRuleSchema), required=True, allow_none=True, validate=validate.Length(max=50)
    )


class StandingRulesSchema(Schema):
    """The rules that count for an audience in a scope."""

    audience = _word(Audience)
    is_own = fields.Boolean(metadata={"description": "False: the more general rules count"})
    is_planned = fields.Boolean(metadata={"description": "False for students, until they can register"})
    version = fields.Integer(metadata={"description": "0 where the scope never had rules of its own"})
    rules = fields.List(fields.Nested(ReminderRuleSchema))


class AllRulesSchema(Schema):
    """The same for every audience."""

    items = fields.List(fields.Nested(StandingRulesSchema))


class WhoseQuietSchema(Schema):
    """Whose quiet hours: an office's slug, or nothing for everybody's."""

    office = fields.String(load_default="", validate=validate.Length(max=80))


class QuietToSaySchema(WhoseQuietSchema, DryRunSchema):
    """The same when they are changed."""


class SaidQuietHoursSchema(Schema):
    """From when until when nobody is reminded, on the reader's clock; the same hour twice: never quiet."""

    start = fields.String(required=True, data_key="from", validate=_CLOCK)
    until = fields.String(required=True, validate=_CLOCK)


class QuietHoursSchema(SaidQuietHoursSchema):
    """The same as it stands."""

    office = fields.String(allow_none=True)
    is_own = fields.Boolean(metadata={"description": "False: everybody's count"})


class PromisedSchema(Schema):
    """One reminder of an event: to whom, by which rule, when, and what becomes of it."""

    audience = _word(Audience)
    recipient = fields.String(metadata={"description": "expert:slug, office, or partner:slug of the office"})
    name = fields.String()
    zone = fields.String()
    rule = fields.Nested(ReminderRuleSchema)
    channel = _word(Channel, metadata={"description": "the reader's own choice, else the rule's"})
    due_at = fields.DateTime()
    due_local = fields.String(metadata={"description": "the same on the reader's clock"})
    nominal_at = fields.DateTime(allow_none=True, metadata={"description": "when it were due without quiet hours"})
    quiet_hours = _word(["", "later", "earlier"], metadata={"description": "which way they move it"})
    fate = _word(Fate)
    reason = _word(Reason, allow_none=True)
    settled_at = fields.DateTime(allow_none=True)


class RemindersOfEventSchema(Schema):
    """Who is reminded of an event, in the order in which it is due."""

    event = fields.String()
    is_being_planned = fields.Boolean(metadata={"description": "True until a change of rules or zones has gone in"})
    items = fields.List(fields.Nested(PromisedSchema))
    for_students = fields.List(
        fields.Nested(ReminderRuleSchema), metadata={"description": "wait until students can register"}
    )


class ReminderSchema(Schema):
    """A reminder in a list."""

    event = fields.String()
    title = fields.String()
    starts_at = fields.DateTime(metadata={"description": "the start it was planned for"})
    audience = _word(Audience)
    recipient = fields.String()
    rule = fields.Nested(ReminderRuleSchema)
    due_at = fields.DateTime()
    state = _word(ReminderState)
    reason = _word(Reason, allow_none=True)
    settled_at = fields.DateTime(allow_none=True)


class RemindersQuerySchema(PageSchema):
    """Which reminders."""

    state = _word(ReminderState, load_default=str(ReminderState.MISSED))
    event = fields.String(load_default="", validate=validate.Length(max=40))


def whose(said: Mapping[str, Any]) -> Whose:
    """For what rules are said."""
    kind = EventKind(said["kind"]) if said["kind"] else None
    return Whose(event=said["event"], organization=said["organization"], kind=kind)


def said_rules(body: Mapping[str, Any]) -> list[SaidRule] | None:
    """The rules of a body, or None for none of its own."""
    if body["rules"] is None:
        return None
    return [
        SaidRule(
            anchor=Anchor(one["anchor"]),
            minutes=one["minutes"],
            days=one["days"],
            at_minute=minute_of(one["at"]) if one["at"] else None,
            condition=Condition(one["condition"]),
            channel=Channel(one["channel"]),
        )
        for one in body["rules"]
    ]


def minute_of(clock: str) -> int:
    """The minute of the day of "HH:MM"."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def rule_facts(rule: SaidRule | Rule) -> dict[str, Any]:
    """A rule as the doors say it."""
    one = as_said(rule) if isinstance(rule, Rule) else rule
    return {
        "anchor": str(one.anchor),
        "minutes": one.minutes,
        "days": one.days,
        "at": None if one.at_minute is None else clock_text(one.at_minute),
        "condition": str(one.condition),
        "channel": str(one.channel),
    }


def standing_facts(standing: Standing) -> dict[str, Any]:
    """What counts for an audience."""
    return {
        "audience": str(standing.audience),
        "is_own": standing.own is not None,
        "is_planned": standing.audience is not Audience.STUDENT,
        "version": standing.version,
        "rules": [rule_facts(one) for one in standing.rules],
    }


def quiet_facts(quiet: QuietHours, office: str) -> dict[str, Any]:
    """Quiet hours, of an office or of everybody."""
    return {
        "office": office or None,
        "is_own": quiet.version > 0,
        "from": clock_text(quiet.from_minute),
        "until": clock_text(quiet.until_minute),
    }


def preview_facts(found: Preview) -> dict[str, Any]:
    """Who is reminded of an event."""
    return {
        "event": str(found.event.public_id),
        "is_being_planned": found.is_being_planned,
        "items": [line_facts(line) for line in found.lines],
        "for_students": [rule_facts(rule) for rule in found.for_students],
    }


def line_facts(line: Line) -> dict[str, Any]:
    """One reminder, of an event or of a rehearsal."""
    return {
        "audience": str(line.audience),
        "recipient": line.recipient,
        "name": line.name,
        "zone": line.zone,
        "rule": rule_facts(line.rule),
        "channel": str(line.channel),
        "due_at": iso(line.due_at),
        "due_local": f"{to_wall(line.due_at, line.zone):%Y-%m-%dT%H:%M}",
        "nominal_at": iso(line.nominal_at) if line.nominal_at else None,
        "quiet_hours": line.shift,
        "fate": str(line.fate),
        "reason": str(line.reason) if line.reason else None,
        "settled_at": iso(line.settled_at) if line.settled_at else None,
    }


def reminder_facts(found: Sequence[Reminder]) -> list[dict[str, Any]]:
    """Reminders of a list."""
    return [
        {
            "event": str(one.event.public_id),
            "title": one.event.title,
            "starts_at": iso(one.starts_at),
            "audience": str(one.rule.rule_set.audience),
            "recipient": one.recipient,
            "rule": rule_facts(one.rule),
            "due_at": iso(one.due_at),
            "state": str(one.state),
            "reason": str(one.reason) if one.reason else None,
            "settled_at": iso(one.settled_at) if one.settled_at else None,
        }
        for one in found
    ]
