"""Who would be reminded if rules were saved, or an event or a series were planned, at the doors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields

from eventsvc.core.times import iso
from eventsvc.interfaces.reminder_schemas import PromisedSchema, StandingRulesSchema, line_facts
from eventsvc.interfaces.schemas import EventSchema
from eventsvc.interfaces.series_schemas import SeriesSchema
from eventsvc.workflows.preview_reminders import MOST_LINES, Preview, TriedDate


class RehearsedSchema(Schema):
    """An event, and who would be reminded of it."""

    event = fields.String()
    title = fields.String()
    starts_at = fields.DateTime()
    zone = fields.String()
    items = fields.List(fields.Nested(PromisedSchema))


class KeptRulesSchema(StandingRulesSchema):
    """The rules as they are said now; the answer to a dry run says who would be reminded, and nothing is saved."""

    would_remind = fields.List(fields.Nested(RehearsedSchema), metadata={"description": "of a dry run"})


class PlannedEventSchema(EventSchema):
    """An event that was planned; the answer to a dry run says who would be reminded of it."""

    would_remind = fields.List(
        fields.Nested(PromisedSchema),
        metadata={"description": "Of a dry run only: who would be reminded, when and in whose zone"},
    )


class RehearsedDateSchema(RehearsedSchema):
    """A date of a series, and who would be reminded of it."""

    not_shown = fields.Integer(metadata={"description": "How many reminders of this date are left out of `items`"})


class PlannedSeriesSchema(SeriesSchema):
    """A series that was planned; the answer to a dry run says who would be reminded of its dates."""

    would_remind = fields.List(
        fields.Nested(RehearsedDateSchema),
        metadata={"description": f"Of a dry run only: every date, with the first {MOST_LINES} reminders of all"},
    )


def would_remind_facts(found: Preview) -> list[dict[str, Any]]:
    """Who would be reminded of an event that is only tried, in the order in which it would be due."""
    return [line_facts(line) for line in found.lines]


def rehearsed_facts(found: Sequence[Preview]) -> list[dict[str, Any]]:
    """Who would be reminded of each of those events."""
    return [_rehearsed(one) for one in found]


def rehearsed_dates_facts(found: Sequence[TriedDate]) -> list[dict[str, Any]]:
    """Who would be reminded of each date of a series."""
    return [_rehearsed(one.preview) | {"not_shown": one.not_shown} for one in found]


def _rehearsed(one: Preview) -> dict[str, Any]:
    return {
        "event": str(one.event.public_id),
        "title": one.event.title,
        "starts_at": iso(one.event.starts_at),
        "zone": one.event.zone,
        "items": would_remind_facts(one),
    }
