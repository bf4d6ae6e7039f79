"""Understudies: whose time, held softly, went to a booking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select, text

from eventsvc.core.db import Free, anything, db
from eventsvc.domain.booking.models import Reservation, Resource
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.invitations.models import Invitation, InvitationState


def lost(
    now: datetime, *, limit: int, among: Sequence[int] | None = None, free: Free = anything
) -> list[tuple[int, int]]:
    """Understudies of events ahead whose time went to a booking: ids (only those), each with the id of its event."""
    is_held = (
        exists()
        .where(Reservation.event_id == Invitation.event_id, Reservation.resource_id == Resource.id)
        .where(text("reservations.state = 'soft'"))
    )
    query = (
        select(Invitation.id, Invitation.event_id)
        .join(Event, Event.id == Invitation.event_id)
        .join(Resource, Resource.expert_id == Invitation.expert_id)
        .where(Invitation.state == InvitationState.UNDERSTUDY, Event.starts_at > now, ~is_held, free(Invitation.id))
        .where(Event.status.in_((Status.REQUESTED, Status.CONFIRMED)))
    )
    if among is not None:
        query = query.where(Invitation.id.in_(among))
    return [(number, event_id) for number, event_id in db.session.execute(query.order_by(Invitation.id).limit(limit))]
