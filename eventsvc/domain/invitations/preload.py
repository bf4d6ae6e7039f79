"""What lists read of seats and answers, for all their events at once: a list costs a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core.db import db
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat, SeatCandidate
from eventsvc.domain.invitations.models import Invitation


def of_events(events: Collection[Event], invitations: Collection[Invitation]) -> None:
    """Read the line-ups of the seats and the answers of the invitations, into the objects themselves."""
    seats = select(Seat).where(Seat.event_id.in_([one.id for one in events]))
    line_ups = seats.options(joinedload(Seat.expert), selectinload(Seat.candidates).joinedload(SeatCandidate.expert))
    said = select(Invitation).where(Invitation.id.in_([one.id for one in invitations]))
    for query in (line_ups, said.options(joinedload(Invitation.expert), selectinload(Invitation.answers))):
        db.session.scalars(query.execution_options(populate_existing=True)).all()
