"""What lists read of seats and answers, for all their events at once: a list costs a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

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


def line_ups(events: Collection[Event]) -> None:
    """Read the line-ups alone, of seats that are read already: one query."""
    seats = [seat for event in events for seat in event.seats]
    query = select(SeatCandidate).where(SeatCandidate.seat_id.in_([seat.id for seat in seats]))
    query = query.options(joinedload(SeatCandidate.expert)).order_by(SeatCandidate.position)
    found = list(db.session.scalars(query)) if seats else []
    for seat in seats:
        set_committed_value(seat, "candidates", [one for one in found if one.seat_id == seat.id])
