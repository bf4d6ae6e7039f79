"""Every way in which two stretches of time can lie (Allen's thirteen relations), at the desk and in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.models import Reservation, State
from eventsvc.workflows.keep_directory import PoolRow, save_pool
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW

NINE = datetime(2027, 2, 10, 17, 0, tzinfo=UTC)
# The first is 10:00 to 12:00; the second as given, in hours after nine. True: the second can be had beside it.
FIRST = (1, 3)
RELATIONS = {
    "before": ((4, 5), True),
    "after": ((-1, 0), True),
    "meets": ((3, 4), True),
    "met by": ((0, 1), True),
    "overlaps": ((2, 4), False),
    "overlapped by": ((0, 2), False),
    "starts": ((1, 4), False),
    "started by": ((1, 2), False),
    "during": ((0, 4), False),
    "contains": ((1.5, 2.5), False),
    "finishes": ((0, 3), False),
    "finished by": ((2, 3), False),
    "equals": ((1, 3), False),
}
EVERY_RELATION = pytest.mark.parametrize(("second", "is_free"), RELATIONS.values(), ids=RELATIONS)


def span(hours: tuple[float, float]) -> Span:
    start, end = hours
    return Span(NINE + timedelta(hours=start), NINE + timedelta(hours=end))


@pytest.fixture(autouse=True)
def story(app):
    with transaction(keep=False):
        yield


@pytest.fixture
def campus():
    return builders.a_campus()


def take(ask: Wanted, campus) -> None:
    event = plan_event(builders.a_plan(campus), is_draft=True, actor=ADMINISTRATOR, now=NOW)
    with db.session.begin_nested():
        desk.take([ask], event_id=event.id, state=State.CONFIRMED, hold_until=None, now=NOW)


def clashes(ask: Wanted, campus) -> list[str]:
    """The kinds of clash that the desk refuses it for; none where it was taken."""
    try:
        take(ask, campus)
    except SlotTaken as refusal:
        return [str(clash.kind) for clash in refusal.clashes]
    return []


def expected(is_free: bool) -> list[str]:
    return [] if is_free else ["overlap"]


def test_there_are_thirteen_and_no_two_are_the_same():
    assert len(RELATIONS) == len({second for second, _ in RELATIONS.values()}) == 13


@EVERY_RELATION
def test_two_bookings_of_a_room(campus, second, is_free):
    room = builders.a_room(on=campus)
    resource = resources.register(room_id=room.id)
    take(Ask(resource, span(FIRST), campus.id), campus)
    assert clashes(Ask(resource, span(second), campus.id), campus) == expected(is_free)


@EVERY_RELATION
def test_the_busy_spans_count_and_not_the_presences(campus, second, is_free):
    """The same table, where half an hour on each side of a shorter presence makes the stretch."""
    room = builders.a_room(on=campus, setup=15, takedown=15)
    resource = resources.register(room_id=room.id)
    around = timedelta(minutes=15)
    first, other = (Span(one.start + around, one.end - around) for one in (span(FIRST), span(second)))
    take(Ask(resource, first, campus.id), campus)
    assert clashes(Ask(resource, other, campus.id), campus) == expected(is_free)


@EVERY_RELATION
def test_two_online_sessions_of_an_expert(campus, second, is_free):
    expert = builders.an_expert(buffer=0)
    resource = resources.register(expert_id=expert.id)
    take(Ask(resource, span(FIRST), None), campus)
    assert clashes(Ask(resource, span(second), None), campus) == expected(is_free)


@EVERY_RELATION
def test_the_last_unit_of_a_pool(campus, second, is_free):
    pool = save_pool(PoolRow(name="Beamer", campus=campus.slug, quantity=1), actor=ADMINISTRATOR, now=NOW)
    units = tuple(resources.lock(pool_ids=[pool.id]).units[pool.id])
    take(PoolAsk(pool, 1, units, span(FIRST), campus.id), campus)
    assert clashes(PoolAsk(pool, 1, units, span(second), campus.id), campus) == expected(is_free)


@EVERY_RELATION
def test_the_database_by_itself(campus, second, is_free):
    """Whoever writes past the desk meets the same table."""
    room = builders.a_room(on=campus)
    resource = resources.register(room_id=room.id)
    take(Ask(resource, span(FIRST), campus.id), campus)
    event = plan_event(builders.a_plan(campus), is_draft=True, actor=ADMINISTRATOR, now=NOW)
    wanted = span(second)
    row = {
        "resource_id": resource.id,
        "event_id": event.id,
        "state": State.CONFIRMED,
        "busy_from": wanted.start,
        "busy_until": wanted.end,
        "starts_at": wanted.start,
        "ends_at": wanted.end,
    }
    attempt = db.session.begin_nested()
    try:
        db.session.execute(insert(Reservation), [row])
        attempt.commit()
        was_written = True
    except IntegrityError:
        attempt.rollback()
        was_written = False
    assert was_written is is_free
