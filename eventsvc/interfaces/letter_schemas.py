"""What readers choose about letters, and the Monday letter, at the doors: as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.streams import Topic
from eventsvc.domain.reminders.models import Channel
from eventsvc.interfaces import languages
from eventsvc.interfaces.fields import YesOrNo
from eventsvc.interfaces.services import services
from eventsvc.workflows.choose_letters import Choice
from eventsvc.workflows.monday_letter import PARTS, MondayLetter

_IS_TOPIC = validate.OneOf([str(one) for one in Topic])
_IS_CHANNEL = validate.OneOf([str(one) for one in Channel])
_MORNINGS = {"description": "IANA zone in whose mornings, at 7:00, several letters come as one; null: each by itself"}
_CHANNEL = {"description": "of reminders; null: as the rules of each event say. Without a webhook they come by mail"}


class ChosenLettersSchema(Schema):
    """What to change of the choice; what is left out stays."""

    language = fields.String(validate=validate.OneOf(list(languages.NAMES)))
    mornings = fields.String(allow_none=True, validate=validate.Length(min=1, max=64), metadata=_MORNINGS)
    stopped = fields.List(
        fields.String(validate=_IS_TOPIC), metadata={"description": "every kind that does not come any more"}
    )
    channel = fields.String(allow_none=True, validate=_IS_CHANNEL, metadata=_CHANNEL)


class LetterChoiceSchema(Schema):
    """What a reader has chosen; it holds for the address, whoever reads there."""

    address = fields.String(metadata={"description": "where the letters go; empty for an office without a mailbox"})
    language = fields.String()
    mornings = fields.String(allow_none=True, metadata=_MORNINGS)
    stopped = fields.List(fields.String(validate=_IS_TOPIC))
    channel = fields.String(allow_none=True, validate=_IS_CHANNEL, metadata=_CHANNEL)


class SwitchSchema(Schema):
    """On or off."""

    is_on = YesOrNo(required=True)


class MondayEventSchema(Schema):
    """An event as the letter names it."""

    id = fields.String()
    title = fields.String()
    starts_at = fields.String(metadata={"format": "date-time"})
    zone = fields.String()


class MondayNeedSchema(Schema):
    """What still stands in the way: of which event, whose answer or which room, and why."""

    event = fields.Nested(MondayEventSchema)
    name = fields.String()
    lack = fields.String()


class MondayWeekSchema(Schema):
    """What the letter says; of each part at most twenty, and `more` how many there are beside them."""

    first_on = fields.String(metadata={"format": "date"})
    last_on = fields.String(metadata={"format": "date"})
    events = fields.List(fields.Nested(MondayEventSchema))
    unanswered = fields.List(fields.Nested(MondayNeedSchema))
    rooms = fields.List(fields.Nested(MondayNeedSchema))
    seats = fields.List(fields.Nested(MondayNeedSchema))
    counts = fields.List(fields.Nested(MondayNeedSchema))
    more = fields.Dict(keys=fields.String(), values=fields.Integer())


class MondayLetterSchema(Schema):
    """The Monday letter of an office as it would be written now."""

    office = fields.String()
    is_on = fields.Boolean(allow_none=True, metadata={"description": "null: the office has no mailbox"})
    next_at = fields.String(metadata={"format": "date-time", "description": "the next Monday, 7:00 in its zone"})
    zone = fields.String()
    subject = fields.String(allow_none=True, metadata={"description": "null: nothing to say, and nothing is written"})
    text = fields.String(allow_none=True)
    week = fields.Nested(MondayWeekSchema, allow_none=True)


def wish_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as the story takes it."""
    wish = dict(body)
    if "mornings" in wish:
        wish["mornings"] = wish["mornings"] or ""
    if "stopped" in wish:
        wish["stopped"] = {Topic(one) for one in wish["stopped"]}
    if wish.get("channel"):
        wish["channel"] = Channel(wish["channel"])
    return wish


def choice_facts(choice: Choice, address: str, language: str) -> dict[str, Any]:
    """What was chosen for letters to an address; `language` is of whose page it is."""
    return {
        "address": address,
        "language": choice.language or language,
        "mornings": choice.mornings or None,
        "stopped": sorted(map(str, choice.stopped)),
        "channel": str(choice.channel) if choice.channel else None,
    }


def monday_facts(found: MondayLetter) -> dict[str, Any]:
    """The Monday letter of an office."""
    subject, text = letters.render_text(found.message, services().links) if found.message else (None, None)
    return {
        "office": found.office.slug,
        "is_on": found.is_on,
        "next_at": iso(found.next_at),
        "zone": found.office.zone,
        "subject": subject,
        "text": text,
        "week": _week(found.message.facts["week"]) if found.message else None,
    }


def _week(week: Mapping[str, Any]) -> dict[str, Any]:
    needs = {
        part: [{"event": _event(one["event"]), "name": one["name"], "lack": one["lack"]} for one in week[part]["items"]]
        for part in PARTS
    }
    return {
        "first_on": week["first_on"],
        "last_on": week["last_on"],
        "events": [_event(one["event"]) for one in week["events"]["items"]],
        **needs,
        "more": {part: week[part]["more"] for part in ("events", *PARTS)},
    }


def _event(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in ("id", "title", "starts_at", "zone")}
