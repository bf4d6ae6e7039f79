"""What doors take and show about calendars that become events: the file, its report, subscriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.kept_words import said
from eventsvc.core.times import iso
from eventsvc.domain.events import subscriptions
from eventsvc.domain.events.imported import Known
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.events.subscriptions import EventSubscription
from eventsvc.interfaces.fields import SLUG, Whole, YesOrNo, an_instant
from eventsvc.workflows.import_entry import Outcome
from eventsvc.workflows.keep_subscriptions import Subscribing

_LOW, _HIGH = subscriptions.REFRESH_MINUTES
_KIND = {"description": "What they are if no category says; by default meetings"}
_OUTCOMES = [str(outcome) for outcome in Outcome]


class _BecomingSchema(Schema):
    """What the entries of a calendar become."""

    campus = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 80),
        metadata={**SLUG, "description": "Where they take place if they name no other campus that is known here"},
    )
    kind = fields.Enum(EventKind, by_value=True, metadata=_KIND)


class ImportedFileSchema(_BecomingSchema):
    """A calendar as it is now, to be imported once."""

    text = fields.String(required=True, metadata={"description": "An iCalendar text (.ics)"})
    publish = YesOrNo(load_default=False, metadata={"description": "Publish what is added"})
    first = fields.Date(data_key="from", load_default=None, metadata={"description": "By default 30 days ago"})
    last = fields.Date(data_key="until", load_default=None, metadata={"description": "By default 430 days later"})


class ImportedEntrySchema(Schema):
    """What became of one entry; a date of a series is one."""

    line = fields.Integer(allow_none=True, metadata={"description": "Where it begins in the file; null: not in it"})
    uid = fields.String()
    title = fields.String()
    starts = fields.String(allow_none=True, metadata={"description": "RFC 3339 in UTC, or a day"})
    outcome = fields.String(metadata={"enum": _OUTCOMES})
    reason = fields.String(metadata={"description": "Why it was refused, skipped or called off; else empty"})
    warnings = fields.List(fields.String(), metadata={"description": "What was dropped or bent"})
    event = fields.String(allow_none=True, metadata={"format": "uuid"})


class FileWarningSchema(Schema):
    """Something about the file as a whole."""

    line = fields.Integer()
    detail = fields.String()


class ImportReportSchema(Schema):
    """What an import did, entry by entry."""

    is_dry_run = fields.Boolean()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "By outcome"})
    entries = fields.List(fields.Nested(ImportedEntrySchema))
    warnings = fields.List(fields.Nested(FileWarningSchema))


class NewSubscriptionSchema(_BecomingSchema):
    """A calendar to be looked at again and again."""

    url = fields.String(
        required=True,
        validate=validate.Length(1, 1_000),
        metadata={"example": "https://calendar.example.edu/career.ics", "description": "https:// or webcal://"},
    )
    publish = YesOrNo(load_default=False, metadata={"description": "Publish what is added"})
    refresh_minutes = Whole(load_default=subscriptions.USUAL_MINUTES, validate=validate.Range(_LOW, _HIGH))


class SubscriptionChangeSchema(Schema):
    """What is to be different; what is left out stays."""

    campus = fields.String(allow_none=True, validate=validate.Length(1, 80), metadata=SLUG)
    kind = fields.Enum(EventKind, by_value=True, metadata=_KIND)
    is_published = YesOrNo(data_key="publish")
    refresh_minutes = Whole(validate=validate.Range(_LOW, _HIGH))
    is_paused = YesOrNo(data_key="paused")


class GoneSchema(Schema):
    """An event that stands here and not in the calendar any more."""

    event = fields.String(metadata={"format": "uuid"})
    title = fields.String()
    starts_at = an_instant()


class SaidEntrySchema(Schema):
    """An entry of the last reading about which there is something to say."""

    line = fields.Integer()
    title = fields.String()
    starts = fields.String(allow_none=True)
    outcome = fields.String(metadata={"enum": _OUTCOMES})
    said = fields.List(fields.String())
    event = fields.String(allow_none=True)


class LastReadingSchema(Schema):
    """What the last reading did."""

    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "By outcome"})
    entries = fields.List(fields.Nested(SaidEntrySchema))
    unsaid = fields.Integer(metadata={"description": "How many more there are"})
    warnings = fields.List(fields.Nested(FileWarningSchema))


class SubscriptionSchema(Schema):
    """A subscription and how old the knowledge of its calendar is. Instants are RFC 3339 in UTC."""

    id = fields.String(metadata={"format": "uuid"})
    office = fields.String(metadata=SLUG)
    url = fields.String()
    campus = fields.String(allow_none=True, metadata=SLUG)
    kind = fields.String(allow_none=True, metadata={"enum": [str(kind) for kind in EventKind]})
    publish = fields.Boolean()
    refresh_minutes = fields.Integer()
    paused = fields.Boolean()
    checked_at = an_instant(allow_none=True, metadata={"description": "When it was last asked for"})
    read_at = an_instant(allow_none=True, metadata={"description": "When it was last read whole"})
    next_look_at = an_instant(allow_none=True)
    failures = fields.Integer(metadata={"description": "Looks that failed, in a row"})
    error = fields.String(metadata={"description": "Why the last look failed; empty when it did not"})
    last_reading = fields.Nested(LastReadingSchema)
    gone = fields.List(fields.Nested(GoneSchema), metadata={"description": "Not in the calendar any more: decide here"})


def wish_of(office: str, said_so: Mapping[str, Any]) -> Subscribing:
    """What a body says, for an office."""
    return Subscribing(
        office=office,
        url=said_so["url"],
        campus=said_so["campus"],
        kind=said_so.get("kind"),
        is_published=said_so["publish"],
        refresh_minutes=said_so["refresh_minutes"],
    )


def subscription_facts(one: EventSubscription, gone: Sequence[Known]) -> dict[str, Any]:
    """A subscription as JSON shows it."""
    moments = {"checked_at": one.checked_at, "read_at": one.read_at, "next_look_at": one.next_at}
    return {
        "id": str(one.public_id),
        "office": one.office.slug,
        "url": one.url,
        "campus": one.campus.slug if one.campus else None,
        "kind": str(one.kind) if one.kind else None,
        "publish": one.is_published,
        "refresh_minutes": one.refresh_minutes,
        "paused": one.is_paused,
        **{name: iso(moment) if moment else None for name, moment in moments.items()},
        "failures": one.failures,
        "error": one.error,
        "last_reading": last_reading(one),
        "gone": [{"event": str(it.public_id), "title": it.title, "starts_at": iso(it.starts_at)} for it in gone],
    }


def last_reading(one: EventSubscription) -> dict[str, Any]:
    """What the last reading did, its sentences whole."""
    report = one.report or {}
    return {
        "counts": {outcome: report.get("counts", {}).get(outcome, 0) for outcome in _OUTCOMES},
        "entries": [{**entry, "said": [said(words) for words in entry["said"]]} for entry in report.get("said", [])],
        "unsaid": report.get("unsaid", 0),
        "warnings": [{**one, "detail": said(one["detail"])} for one in report.get("warnings", [])],
    }
