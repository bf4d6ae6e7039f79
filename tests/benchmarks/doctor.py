"""The doctor over everything that lies ahead."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from time import perf_counter
from uuid import uuid4

from sqlalchemy import insert, select, update

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.directory.models import Room
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.interfaces import memory
from eventsvc.workflows import doctor
from tests import databases
from tests.benchmarks import world
from tests.benchmarks.trials import Row, Say, a_database

NOW = datetime(2034, 1, 1, tzinfo=UTC)


def examining(engine: str, say: Say, *, stored: int) -> list[Row]:
    """One examination of so many future reservations, two to a confirmed event; every hundredth lacks a yes."""
    with a_database(engine) as url:
        say(f"{engine}: storing {stored:,} reservations for the doctor")
        world.fill(url, reservations=stored, rooms=60, experts=150)
        with create_app(databases.settings(url)).app_context():
            _answer_all()
            memory.settle()  # as the command does
            begun = perf_counter()
            found = doctor.examine(NOW)
            seconds = perf_counter() - begun
            db.session.remove()
            tracemalloc.start()
            doctor.examine(NOW)
            most = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
            db.session.remove()
            db.engine.dispose()
    figures = f"{seconds:.1f} s, at most {most:.0f} MiB; {len(found.findings):,} findings"
    return [Row(f"`eventsvc doctor` over {stored:,} future reservations", engine, figures)]


def _answer_all() -> None:
    """Every host and every expert has said yes, all weekdays are open, and rooms are large enough, but for some."""
    with transaction():
        db.session.execute(update(Event).values(host_confirmed_at=NOW, expected_heads=30))
        db.session.execute(update(Room).values(hours=[[day, 0, 1440] for day in range(7)], capacity=40))
        answers = [
            {
                "public_id": uuid4(),
                "event_id": seat.event_id,
                "expert_id": seat.expert_id,
                "state": InvitationState.NEEDS_ACTION if seat.event_id % 100 == 0 else InvitationState.ACCEPTED,
                "turn": 0,
                "asked_at": NOW,
            }
            for seat in db.session.execute(select(Seat.event_id, Seat.expert_id))
        ]
        db.session.execute(insert(Invitation), answers)
    db.session.remove()
