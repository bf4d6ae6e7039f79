"""The line-up of a seat: who is asked next."""

from __future__ import annotations

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import SeatCandidate


def put_next(event: Event, instead_of: int, expert: Expert) -> None:
    """Put somebody first in the line-up of the seat of another (its id), or of the first seat without anybody."""
    seats = [seat for seat in event.seats if seat.expert_id == instead_of] or [
        seat for seat in event.seats if seat.expert_id is None
    ]
    if not seats:
        return
    line = [one for one in seats[0].candidates if one.expert_id != expert.id]
    mine = next((one for one in seats[0].candidates if one.expert_id == expert.id), None)
    if mine is None:
        mine = SeatCandidate(expert=expert, position=0)
        seats[0].candidates.append(mine)
    for position, one in enumerate([mine, *line]):
        one.position = position
    db.session.flush()
