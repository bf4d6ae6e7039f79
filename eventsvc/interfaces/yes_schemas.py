"""What an event lacks: each missing yes, and where the rooms of other offices stand."""

from __future__ import annotations

from marshmallow import Schema, fields

from eventsvc.domain.events.models import Event
from eventsvc.interfaces.office_schemas import PersonSchema


class MissingYesSchema(Schema):
    """A yes that the event still needs."""

    who = fields.String()
    expert = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    state = fields.String()
    room = fields.String(allow_none=True)


class RoomApprovalSchema(Schema):
    """Where a room of another office stands."""

    room = fields.String()
    office = fields.String(allow_none=True)
    state = fields.String(metadata={"description": "requested, granted or declined"})
    turn = fields.Integer(metadata={"description": "Which asking; rises with each new time"})
    asked_at = fields.String()
    answered_at = fields.String(allow_none=True)
    reference = fields.String(metadata={"description": "The reservation's number in the office's own system"})
    reason = fields.String()
    in_charge = fields.Nested(PersonSchema, allow_none=True, metadata={"description": "Who of the office took it up"})


def room_state(event: Event) -> str | None:
    """Whether the event at a campus has its rooms: granted, requested, to_be_announced."""
    if event.campus is None:
        return None
    if event.requested_rooms:
        return "requested"
    return "granted" if event.sure_rooms else "to_be_announced"
