"""The migrations build what the models say, and the databases refuse overlaps whoever writes the SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking.models import Resource
from eventsvc.interfaces import schema
from eventsvc.workflows.plan_event import plan_event
from tests import builders, databases
from tests.conftest import NOW

EIGHT = datetime(2027, 2, 10, 8, 0, tzinfo=UTC)


def tables() -> set[str]:
    return {name for name in inspect(db.engine).get_table_names() if schema.is_a_models(None, name)}


def test_head_is_what_the_models_say(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": schema.is_a_models}
        )
        assert compare_metadata(context, schema.METADATA) == []
    assert tables() == {*schema.METADATA.tables, "alembic_version"}


def test_migrations_go_down_to_nothing_and_up_again(app):
    flask_migrate.downgrade(revision="base")
    assert tables() == {"alembic_version"}
    flask_migrate.upgrade()
    assert schema.is_at_head()
    assert tables() == {*schema.METADATA.tables, "alembic_version"}


def test_an_upgrade_of_a_database_at_head_changes_nothing(app, overlap_rules):
    rules = overlap_rules()
    flask_migrate.upgrade()
    assert overlap_rules() == rules


def test_a_database_that_is_not_at_head_is_not_ready(app):
    assert app.test_client().get("/readyz").status_code == 200
    flask_migrate.downgrade(revision="base")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["schema"]) == (503, "run: eventsvc db upgrade")


@pytest.fixture
def overlap_rules(app: Flask) -> Callable[[], list[str]]:
    """The names of what refuses overlaps."""
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT conname FROM pg_constraint WHERE contype = 'x' ORDER BY conname",
    }
    return lambda: list(db.session.scalars(text(catalogue[db.engine.dialect.name])))


class Rows:
    """Reservations written by plain SQL, around the desk and its locks."""

    def __init__(self) -> None:
        with transaction():
            campus = builders.a_campus()
            rooms = [builders.a_room(on=campus), builders.a_room(on=campus)]
            event = plan_event(builders.a_plan(campus), is_draft=True, actor=ADMINISTRATOR, now=NOW)
            self.event_id = event.id
            self.resources = [db.session.query(Resource).filter_by(room_id=room.id).one().id for room in rooms]
        self._made = 0

    def insert(self, first: float, last: float, *, state: str = "held", resource: int = 0) -> int:
        """A row that is busy between two hours of the day; returns its id."""
        self._made += 1
        values = {
            "id": self._made,
            "public_id": uuid4().hex,
            "resource_id": self.resources[resource],
            "event_id": self.event_id,
            "state": state,
            **self._span(first, last),
        }
        names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
        with db.engine.begin() as connection:
            connection.execute(text(f"INSERT INTO reservations ({names}) VALUES ({marks})"), values)
        return self._made

    def update(self, row_id: int, **values: object) -> None:
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        with db.engine.begin() as connection:
            statement = text(f"UPDATE reservations SET {assignments} WHERE id = :row_id")
            assert connection.execute(statement, {**values, "row_id": row_id}).rowcount == 1

    def shift(self, row_id: int, first: float, last: float) -> None:
        self.update(row_id, **self._span(first, last))

    def _span(self, first: float, last: float) -> dict[str, object]:
        start, end = (EIGHT + timedelta(hours=hour) for hour in (first, last))
        if db.engine.dialect.name == "sqlite":  # as UtcDateTime stores it
            start, end = (f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (start, end))
        return {"busy_from": start, "busy_until": end, "starts_at": start, "ends_at": end}


@pytest.fixture
def rows(app: Flask) -> Rows:
    return Rows()


# Every way in which one span can lie to another (the thirteen relations of intervals), beside one from 2 to 4.
RELATIONS = [
    ("before", 0, 1, True),
    ("meets", 1, 2, True),
    ("overlaps", 1, 3, False),
    ("finished by", 1, 4, False),
    ("contains", 1, 5, False),
    ("starts", 2, 3, False),
    ("equals", 2, 4, False),
    ("started by", 2, 5, False),
    ("during", 2.5, 3.5, False),
    ("finishes", 3, 4, False),
    ("overlapped by", 3, 5, False),
    ("met by", 4, 5, True),
    ("after", 5, 6, True),
]
relations = pytest.mark.parametrize(
    ("first", "last", "is_free"), [row[1:] for row in RELATIONS], ids=[row[0] for row in RELATIONS]
)


@relations
def test_an_insert_around_the_desk_is_refused_where_it_overlaps(rows, first, last, is_free):
    rows.insert(2, 4, state="confirmed")
    if is_free:
        rows.insert(first, last)
    else:
        with pytest.raises(IntegrityError):
            rows.insert(first, last)


@relations
def test_an_update_of_a_span_is_refused_where_it_overlaps(rows, first, last, is_free):
    rows.insert(2, 4)
    moved = rows.insert(10, 11)
    if is_free:
        rows.shift(moved, first, last)
    else:
        with pytest.raises(IntegrityError):
            rows.shift(moved, first, last)


@pytest.mark.parametrize("state", ["held", "confirmed"])
@pytest.mark.parametrize("before", ["released", "expired", "soft"])
def test_a_row_that_gave_its_time_back_cannot_take_it_again_when_it_is_taken(rows, before, state):
    given_back = rows.insert(1, 3, state=before)
    taken = rows.insert(2, 4)
    with pytest.raises(IntegrityError):
        rows.update(given_back, state=state)
    rows.update(taken, state="released")
    rows.update(given_back, state=state)


def test_a_row_cannot_be_put_on_a_resource_that_is_taken(rows):
    rows.insert(2, 4)
    other = rows.insert(2, 4, resource=1)
    with pytest.raises(IntegrityError):
        rows.update(other, resource_id=rows.resources[0])


@pytest.mark.parametrize("state", ["released", "expired", "soft"])
def test_rows_that_hold_nothing_may_overlap(rows, state):
    rows.insert(2, 4)
    rows.insert(2, 4, state=state)
    rows.insert(2, 4, state=state)


def test_an_overlap_is_found_behind_a_short_neighbour(rows):
    rows.insert(0, 10)
    with pytest.raises(IntegrityError):
        rows.insert(9, 12)
    rows.insert(10, 11)
    with pytest.raises(IntegrityError):
        rows.insert(5, 20)


def test_a_span_must_end_after_it_starts(rows):
    with pytest.raises(IntegrityError):
        rows.insert(2, 2)


def test_upgrading_from_nothing_plants_the_rules_everybody_starts_with(tmp_path):
    address = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    databases.upgrade(address)
    with create_app(databases.settings(address)).app_context():
        assert schema.is_at_head()
        assert db.session.scalar(text("SELECT count(*) FROM reminder_rules")) > 0
        db.session.remove()
        db.engine.dispose()
