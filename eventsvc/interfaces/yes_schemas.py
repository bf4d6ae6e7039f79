"""What an event lacks: each missing yes, and where the rooms of other offices stand."""

from __future__ import annotations

from marshmallow import Schema, fields

from eventsvc.domain.approvals.models import ApprovalState
from eventsvc.domain.events.models import Event
from eventsvc.interfaces.fields import a_word, an_instant
from eventsvc.interfaces.office_schemas import PersonSchema


class MissingYesSchema(Schema):
    """A yes that the event still needs."""

    who = fields.String(metadata={"enum": ["host", "expert", "seat", "room"]})
    expert = fields.String(allow_none=True)
    name = fields.String(allow_none=True)  # of a seat for which nobody is named: its role
    state = fields.String()  # where the invitation, the room or the host's word stands
    room = fields.String(allow_none=True)


class RoomApprovalSchema(Schema):
    """Where a room of another office stands."""

    room = fields.String()
    office = fields.String(allow_none=True)
    state = a_word(ApprovalState)
    turn = fields.Integer(metadata={"description": "Which asking; rises with each new time"})
    asked_at = an_instant()
    answered_at = an_instant(allow_none=True)
    reference = fields.String(metadata={"description": "The reservation's number in the office's own system"})
    reason = fields.String()
    in_charge = fields.Nested(PersonSchema, allow_none=True, metadata={"description": "Who of the office took it up"})


ROOM_STATES = ("granted", "requested", "to_be_announced")


def room_state(event: Event) -> str | None:
    """Whether the event at a campus has its rooms: granted, requested, to_be_announced."""
    if event.campus is None:
        return None
    if event.requested_rooms:
        return "requested"
    return "granted" if event.sure_rooms else "to_be_announced"
