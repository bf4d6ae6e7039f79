"""Boards over HTTP: 60 rooms of one campus, a week and a day, and a week of somebody, beside many reservations."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Room
from tests import databases
from tests.benchmarks import desk_world, trials
from tests.benchmarks.trials import Row, Say


def boards(engine: str, say: Say, *, stored: int, times: int) -> list[Row]:
    """Each board as often as told, one request after another; four bookings a day in every room."""
    with trials.a_database(engine) as url:
        say(f"{engine}: storing {stored:,} reservations")
        days = desk_world.fill(url, reservations=stored)
        at_one_campus(url)
        day = (desk_world.FIRST_DAY + timedelta(days=days // 2)).date()
        paths = {
            f"week board of 60 rooms, {60 * 28:,} bookings on it": f"/board?campus=campus-0&week={day}",
            f"day board of 60 rooms, {60 * 4} bookings on it": f"/board?campus=campus-0&day={day}",
            "week of an expert, 28 bookings in it": f"/experts/expert-0/week?day={day}",
        }
        with trials.a_server(url) as server:
            connection = server.connection()
            rows = []
            for name, path in paths.items():
                say(f"{engine}: {path}")
                figures = trials.page_times(connection, path, times, trials.ADMIN)
                rows.append(Row(f"{name}, {stored:,} stored, p50 / p95", engine, figures))
            connection.close()
    return rows


def at_one_campus(url: str) -> None:
    """Move every room to the first campus."""
    with create_app(databases.settings(url)).app_context():
        with transaction():
            campus = directory.get(Campus, "campus-0")
            db.session.execute(update(Room).values(campus_id=campus.id))
        db.session.remove()
        db.engine.dispose()
