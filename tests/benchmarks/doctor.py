"""The doctor over everything that lies ahead."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy import text

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.workflows import doctor
from tests import databases
from tests.benchmarks import desk_world
from tests.benchmarks.trials import Row, Say, a_database

NOW = datetime(2034, 1, 1, tzinfo=UTC)


def examining(engine: str, say: Say, *, stored: int) -> list[Row]:
    """One examination of so many future reservations; they belong to many events, so that every row counts."""
    with a_database(engine) as url:
        say(f"{engine}: storing {stored:,} reservations for the doctor")
        desk_world.fill(url, reservations=stored)
        with create_app(databases.settings(url)).app_context():
            with transaction():
                db.session.execute(text(f"UPDATE reservations SET event_id = id % {desk_world.HOLDERS} + 1"))
                db.session.execute(text("UPDATE rooms SET hours = '[[0,0,1440],[1,0,1440],[2,0,1440],[3,0,1440]]'"))
            db.session.rollback()
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
