"""A refusal with five alternatives over HTTP: over four weeks, with 60 rooms of one campus and 150 experts."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.core.times import to_wall
from eventsvc.domain.directory.models import Expert, ExpertTopic
from tests import builders, databases
from tests.benchmarks import boards, desk_world, measure, trials
from tests.benchmarks.trials import Row, Say

TOPICS = 10


def offers(engine: str, say: Say, *, stored: int, times: int) -> list[Row]:
    """A plan whose room and expert are taken, refused with offers and without; everybody is booked 4 times a day."""
    with trials.a_database(engine) as url:
        say(f"{engine}: storing {stored:,} reservations")
        days = desk_world.fill(url, reservations=stored)
        boards.at_one_campus(url)
        _with_topics(url)
        with trials.a_server(url) as server:
            say(f"{engine}: {times} refusals with five offers")
            connection = server.connection()
            rows = []
            for name, path in (("with five offers", ""), ("without offers", "?alternatives=0")):
                seconds = []
                for number in range(-4, times):
                    wish = _wish(number + 4, days)
                    took, status = measure.timed(connection, "POST", f"/api/v1/events{path}", wish, **trials.ADMIN)
                    if status != 409:
                        raise RuntimeError(f"a booking that clashes was answered {status}")
                    if number >= 0:  # the first ones warm up both processes
                        seconds.append(took)
                p50, p95 = measure.percentiles_ms(seconds)
                rows.append(Row(f"a refusal {name}, {stored:,} stored, p50 / p95", engine, f"{p50:.0f} / {p95:.0f} ms"))
            connection.close()
    return rows


def _with_topics(url: str) -> None:
    """Each expert knows one of ten topics."""
    with create_app(databases.settings(url)).app_context():
        with transaction():
            topics = [builders.a_topic(f"topic-{number}").id for number in range(TOPICS)]
            experts = db.session.scalars(select(Expert.id).order_by(Expert.id))
            known = [{"expert_id": one, "topic_id": topics[number % TOPICS]} for number, one in enumerate(experts)]
            db.session.execute(insert(ExpertTopic), known)
        db.session.remove()
        db.engine.dispose()


def _wish(number: int, days: int) -> dict[str, object]:
    """An hour at which everything is taken, on a day in the midst of the stored ones."""
    day = max(days // 2, 1) + number % 10
    start = desk_world.FIRST_DAY + timedelta(days=day, hours=desk_world.TAKEN[number % len(desk_world.TAKEN)])
    return {
        "kind": "info_session",
        "title": "One more session",
        "campus": "campus-0",
        "starts_local": to_wall(start, builders.PACIFIC).isoformat(timespec="minutes"),
        "duration_minutes": 60,
        "rooms": [f"room-{number % desk_world.ROOMS}"],
        "experts": [f"expert-{number % desk_world.EXPERTS}"],
        "topics": [f"topic-{number % TOPICS}"],
        "expected_heads": 30,
    }
