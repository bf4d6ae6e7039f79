"""On the day: who says that they are there, and who that they will be late."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, WrongState, say
from eventsvc.core.times import day_start
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import HOLDING, Invitation, InvitationState
from eventsvc.domain.invitations.reply_models import Arrival

MOST_LATE_MINUTES = 240


def is_the_day(event: Event, now: datetime) -> bool:
    """True from the first moment of the event's first local day until its end."""
    return day_start(event.starts_on, event.zone) <= now < event.ends_at


def note(invitation: Invitation, *, late_minutes: int | None, now: datetime) -> Arrival:
    """Somebody is there (None), or will be late by so many minutes. Who is there and says otherwise was mistaken.

    Refuses: WrongState on another day and for whoever is not expected; InvalidInput.
    """
    event = invitation.event
    if not is_the_day(event, now):
        raise WrongState(say("This can be said on the day of the event only: %(day)s.", day=event.starts_on))
    if invitation.state not in HOLDING - {InvitationState.AWAITS_RELEASE}:
        raise WrongState(say("You are not expected at this event. Please call the office."))
    if late_minutes is not None and not 1 <= late_minutes <= MOST_LATE_MINUTES:
        raise InvalidInput({"late_minutes": say("must be between %(low)s and %(high)s", low=1, high=MOST_LATE_MINUTES)})
    arrival = db.session.get(Arrival, invitation.id)
    if arrival is None:
        db.session.add(arrival := Arrival(invitation_id=invitation.id))
    arrival.given_for, arrival.said_at = event.starts_at, now
    arrival.late_minutes, arrival.here_at = late_minutes, now if late_minutes is None else None
    db.session.flush()
    return arrival


def of_invitations(invitations: Collection[Invitation]) -> dict[int, Arrival]:
    """What was said for the present time, by the id of the invitation."""
    starts = {one.id: one.event.starts_at for one in invitations}
    if not starts:
        return {}
    found = db.session.scalars(select(Arrival).where(Arrival.invitation_id.in_(starts)))
    return {one.invitation_id: one for one in found if one.given_for == starts[one.invitation_id]}
