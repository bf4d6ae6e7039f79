"""Seats over JSON: how they are said, and how they are shown to those who plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from eventsvc.core.times import iso
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat, SeatRole
from eventsvc.domain.invitations import line_up
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.interfaces.fields import Slug, a_word, an_instant, slugs
from eventsvc.workflows.line_ups import SaidSeat


class SaidSeatSchema(Schema):
    """A seat: its role, who is named, and who is asked then, in order."""

    id = fields.String(metadata={"description": "Of a seat that the event has already"})
    role = fields.Enum(SeatRole, by_value=True)
    expert = Slug(allow_none=True, metadata={"description": "null: nobody is named yet"})
    then = slugs(20)
    understudies = slugs(20)
    is_online = fields.Boolean(truthy={True}, falsy={False})

    @post_load
    def _made(self, values: dict[str, Any], **_: Any) -> SaidSeat:
        told: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
        return SaidSeat(**told)


class NewSeatSchema(SaidSeatSchema):
    """One more seat, which has no id yet; a name of its own, for the API's document holds each name once."""

    class Meta:
        exclude = ("id",)


def said_seats() -> fields.List[SaidSeat]:
    """The seats of a plan or a move; `experts` is the short way to say who is named."""
    what = "Roles with who is named and who is asked then; in place of `experts`"
    return fields.List(fields.Nested(SaidSeatSchema), validate=validate.Length(max=50), metadata={"description": what})


class InvitationSchema(Schema):
    """Where the asking of a person stands."""

    id = fields.String()
    event = fields.String(metadata={"format": "uuid"})
    expert = fields.String()
    state = a_word(InvitationState)
    turn = fields.Integer(metadata={"description": "Which asking; rises with each new time"})
    asked_at = an_instant()
    released_at = an_instant(allow_none=True)


class SeatSchema(Schema):
    """A seat as those see it who see the work."""

    id = fields.String()
    role = a_word(SeatRole)
    expert = fields.String(allow_none=True)
    is_online = fields.Boolean()
    is_open = fields.Boolean(metadata={"description": "Nobody comes, and nobody is next"})
    open_since = an_instant(allow_none=True)
    invitation = fields.Nested(InvitationSchema, allow_none=True)
    then = fields.List(fields.String(), metadata={"description": "Who may be asked next, in this order"})
    understudies = fields.List(fields.String(), metadata={"description": "Who would come if needed"})
    has_to_confirm_again = fields.Boolean(metadata={"description": "Said yes to another time, and not to this one yet"})


def invitation_facts(invitation: Invitation) -> dict[str, Any]:
    """One asking as JSON-ready facts."""
    return {
        "id": str(invitation.public_id),
        "event": str(invitation.event.public_id),
        "expert": invitation.expert.slug,
        "state": str(invitation.state),
        "turn": invitation.turn,
        "asked_at": iso(invitation.asked_at),
        "released_at": iso(invitation.released_at) if invitation.released_at else None,
    }


def seats_facts(event: Event, invitations: Sequence[Invitation]) -> list[dict[str, Any]]:
    """The seats of an event as JSON-ready facts."""
    return [_seat_facts(event, seat, invitations) for seat in event.seats]


def _seat_facts(event: Event, seat: Seat, invitations: Sequence[Invitation]) -> dict[str, Any]:
    own = next((one for one in invitations if one.expert_id == seat.expert_id), None)
    would_come = {one.expert_id for one in invitations if one.state is InvitationState.UNDERSTUDY}
    return {
        "id": str(seat.public_id),
        "role": str(seat.role),
        "expert": seat.expert.slug if seat.expert else None,
        "is_online": seat.is_online,
        "is_open": line_up.is_open(seat, invitations),
        "open_since": iso(seat.open_since) if seat.open_since else None,
        "invitation": invitation_facts(own) if own else None,
        "then": [expert.slug for expert in line_up.next_ones(event, seat, invitations)],
        "understudies": [one.expert.slug for one in seat.candidates if one.expert_id in would_come],
        "has_to_confirm_again": own is not None and own.has_to_confirm_again,
    }
