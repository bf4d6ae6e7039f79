"""The cascade's tick over open invitations: with nothing due, with some due, with all due at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time
from uuid import uuid4

from sqlalchemy import insert, select, update

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.workflows.take_steps import take_steps
from tests import databases
from tests.benchmarks import world
from tests.benchmarks.trials import Row, Say, a_database

ASKED_AT = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)  # a Monday, 9:00 in Los Angeles
CHASED_AT = ASKED_AT + timedelta(days=3)


def ticking(engine: str, say: Say, *, invitations: int) -> list[Row]:
    """So many open invitations over 150 people; none is due, then a hundred are, then all the others."""
    with a_database(engine) as url:
        say(f"{engine}: storing {invitations:,} open invitations")
        world.fill(url, reservations=2 * invitations, rooms=60, experts=150)
        with create_app(databases.settings(url)).app_context():
            ask(invitations)
            figures = [_tick("none due", ASKED_AT)]
            with transaction():
                early = select(Invitation.id).order_by(Invitation.id).limit(100)
                db.session.execute(update(Invitation).where(Invitation.id.in_(early)).values(next_step_at=ASKED_AT))
            figures += [_tick("100 looked at", ASKED_AT), _tick("all due, as many as one tick takes", CHASED_AT)]
            db.session.remove()
            db.engine.dispose()
    return [Row(f"the cascade's tick with {invitations:,} open invitations", engine, "; ".join(figures))]


def _tick(what: str, now: datetime) -> str:
    """By the clock, and by the processor: the second says what the code costs, whatever else the machine does."""
    begun, worked = perf_counter(), process_time()
    count = take_steps(now)
    seconds, work = perf_counter() - begun, process_time() - worked
    each = f" ({count:,} looked at, {1000 * work / count:.1f} ms of processor each)" if count else ""
    return f"{what}: {1000 * seconds:,.0f} ms{each}"


def ask(number: int) -> None:
    """One question for each of so many seats, asked the same morning, to be chased three working days later."""
    with transaction():
        db.session.execute(update(Event).values(status=Status.REQUESTED))
        seats = select(Seat.event_id, Seat.expert_id).join(Event, Event.id == Seat.event_id)
        ahead = db.session.execute(seats.where(Event.starts_at > CHASED_AT).order_by(Event.id).limit(number)).all()
        rows = [
            {
                "public_id": uuid4(),
                "event_id": event_id,
                "expert_id": expert_id,
                "state": InvitationState.NEEDS_ACTION,
                "turn": 0,
                "asked_at": ASKED_AT,
                "released_at": ASKED_AT,
                "next_step_at": CHASED_AT,
            }
            for event_id, expert_id in ahead
        ]
        db.session.execute(insert(Invitation), rows)
