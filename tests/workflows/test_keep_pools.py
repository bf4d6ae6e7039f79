"""Keeping pools: their units are bookable, they grow, and shrink only as far as nothing ahead needs them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, SignInNeeded, SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.accounts import ADMINISTRATOR, PUBLIC
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.booking.asks import PoolAsk
from eventsvc.domain.booking.models import Reservation, Resource, State
from eventsvc.domain.directory.models import PoolKind
from eventsvc.workflows import keep_directory as keep
from eventsvc.workflows.keep_directory import Outcome, PoolRow, save_pool
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("story")

WHO = {"actor": ADMINISTRATOR, "now": NOW}
HOUR = timedelta(hours=1)


@pytest.fixture
def campus():
    return builders.a_campus("harbor-college")


def units_of(pool) -> tuple[Resource, ...]:
    return tuple(resources.lock(pool_ids=[pool.id]).units[pool.id])


def numbers_taken(pool) -> list[int]:
    rows = db.session.scalars(
        select(Reservation).where(Reservation.state.in_(["held", "confirmed"])).order_by(Reservation.busy_from)
    )
    return [row.resource.unit.number for row in rows if row.resource.unit.pool_id == pool.id]


def book(pool, begins: float, hours: float, quantity: int = 1, *, now=NOW, **more) -> None:
    """Reserve so many of a pool, from so many hours after NOW on."""
    event = plan_event(builders.a_plan(pool.campus), is_draft=True, **WHO)
    span = Span(NOW + begins * HOUR, NOW + (begins + hours) * HOUR)
    ask = PoolAsk(pool, quantity, units_of(pool), span, pool.campus_id)
    asked = {"state": State.CONFIRMED, "hold_until": None, **more}
    desk.take([ask], event_id=event.id, now=now, **asked)


def refusal(row: PoolRow, now=NOW) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused, db.session.begin_nested():
        save_pool(row, actor=ADMINISTRATOR, now=now)
    return {error["field"]: error["reason"] for error in refused.value.facts["errors"]}


def test_only_who_may_write_keeps_pools(campus):
    with pytest.raises(SignInNeeded):
        save_pool(PoolRow(name="Projector", campus="harbor-college", quantity=2), actor=PUBLIC, now=NOW)


def test_every_unit_of_a_new_pool_is_bookable_and_saving_it_again_changes_nothing(campus):
    tally: Counter[Outcome] = Counter()
    row = PoolRow(name="Projector", campus="harbor-college", quantity=3, notice_days=2, setup_minutes=15)
    pool = save_pool(row, **WHO, tally=tally)
    assert (pool.slug, pool.kind, pool.campus, pool.organization) == (
        "projector",
        PoolKind.EQUIPMENT,
        campus,
        campus.organization,
    )
    assert len(units_of(pool)) == 3
    assert save_pool(row, **WHO, tally=tally) is pool
    assert tally == {Outcome.ADDED: 1, Outcome.UNCHANGED: 1}
    assert db.session.scalar(select(func.count()).select_from(Resource).where(Resource.unit_id.is_not(None))) == 3


def test_two_campuses_may_each_have_a_pool_of_one_name_and_one_may_be_for_anywhere(campus):
    other = builders.a_campus("hill-campus", of=campus.organization)
    owner = campus.organization.slug
    pools = [
        save_pool(PoolRow(name="Interpreter", kind=PoolKind.ACCESS, quantity=1, **where), **WHO)
        for where in ({"campus": campus.slug}, {"campus": other.slug}, {"organization": owner})
    ]
    assert [pool.campus for pool in pools] == [campus, other, None]
    assert len({pool.slug for pool in pools}) == 3
    for pool, where in zip(pools, ({"campus": campus.slug}, {"campus": other.slug}), strict=False):
        assert save_pool(PoolRow(name="interpreter", **where), **WHO) is pool
    assert save_pool(PoolRow(name="interpreter", organization=owner), **WHO) is pools[2]


def test_a_pool_grows_and_units_that_went_come_back(campus):
    pool = save_pool(PoolRow(name="Booth", kind=PoolKind.BOOTH, campus="harbor-college", quantity=2), **WHO)
    for quantity in (4, 1, 3):
        save_pool(PoolRow(name="Booth", slug=pool.slug, quantity=quantity), **WHO)
        assert [one.unit.number for one in units_of(pool)] == list(range(1, quantity + 1))
    assert db.session.scalar(select(func.count()).select_from(Resource).where(Resource.unit_id.is_not(None))) == 4


def test_what_is_reserved_moves_to_the_units_that_stay(campus):
    pool = save_pool(PoolRow(name="Projector", campus="harbor-college", quantity=3), **WHO)
    book(pool, 1, 2)
    book(pool, 2, 2)  # takes the second unit: the first is taken when it begins
    book(pool, 3, 2)
    assert sorted(numbers_taken(pool)) == [1, 1, 2]
    save_pool(PoolRow(name="Projector", slug=pool.slug, quantity=2), **WHO)
    book(pool, 8, 1, quantity=2)
    save_pool(PoolRow(name="Projector", slug=pool.slug, quantity=3), **WHO)
    book(pool, 20, 1, quantity=3)
    assert (
        "fewer will do from 2027-01-12 06:00"
        in refusal(PoolRow(name="Projector", slug=pool.slug, quantity=2))["quantity"]
    )
    assert pool.quantity == 3
    assert len(numbers_taken(pool)) == 8


def test_a_unit_that_goes_gives_its_reservation_to_one_that_is_free_then(campus):
    pool = save_pool(PoolRow(name="Projector", campus="harbor-college", quantity=2), **WHO)
    book(pool, 1, 2, quantity=2)
    second = next(one for one in units_of(pool) if one.unit.number == 2)
    book(pool, 5, 2, quantity=2)
    first_event = db.session.scalars(select(Reservation.event_id).order_by(Reservation.id)).first()
    desk.release(first_event, resource_ids=[units_of(pool)[0].id])
    other_event = db.session.scalars(select(Reservation.event_id).order_by(Reservation.id.desc())).first()
    desk.release(other_event, resource_ids=[second.id])
    assert numbers_taken(pool) == [2, 1]
    save_pool(PoolRow(name="Projector", slug=pool.slug, quantity=1), **WHO)
    assert numbers_taken(pool) == [1, 1]


def test_what_has_begun_cannot_change_places(campus):
    pool = save_pool(PoolRow(name="Projector", campus="harbor-college", quantity=2), **WHO)
    book(pool, 1, 2, quantity=2)
    first_event = db.session.scalars(select(Reservation.event_id)).first()
    desk.release(first_event, resource_ids=[units_of(pool)[0].id])
    row = PoolRow(name="Projector", slug=pool.slug, quantity=1)
    assert "from 2027-01-11 12:00 (America/Los_Angeles) on" in refusal(row, NOW + 2 * HOUR)["quantity"]
    save_pool(row, actor=ADMINISTRATOR, now=NOW + 3 * HOUR)
    assert pool.quantity == 1


def test_a_hold_that_has_lapsed_keeps_no_unit(campus):
    pool = save_pool(PoolRow(name="Projector", campus="harbor-college", quantity=2), **WHO)
    book(pool, 30, 2, quantity=2, state=State.HELD, hold_until=NOW + HOUR)
    row = PoolRow(name="Projector", slug=pool.slug, quantity=1)
    assert refusal(row).keys() == {"quantity"}
    save_pool(row, actor=ADMINISTRATOR, now=NOW + HOUR)
    book(pool, 30, 2, now=NOW + HOUR)
    assert numbers_taken(pool) == [1]
    with pytest.raises(SlotTaken):
        book(pool, 31, 2, now=NOW + HOUR)


def test_a_pool_leaves_its_campus_only_when_nothing_is_reserved(campus):
    other = builders.a_campus("hill-campus", of=campus.organization)
    pool = save_pool(PoolRow(name="Projector", campus="harbor-college", quantity=2), **WHO)
    book(pool, 1, 2)
    row = PoolRow(name="Projector", slug=pool.slug, campus="hill-campus")
    assert "from 2027-01-11 12:00" in refusal(row)["campus"]
    save_pool(row, actor=ADMINISTRATOR, now=NOW + 3 * HOUR)
    assert pool.campus is other


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1001}, "quantity"),
        ({}, "quantity"),
        ({"quantity": 2, "notice_days": -1}, "notice_days"),
        ({"quantity": 2, "setup_minutes": -15}, "setup_minutes"),
        ({"quantity": 2, "takedown_minutes": -15}, "takedown_minutes"),
        ({"quantity": 2, "campus": "nowhere"}, "campus"),
        ({"quantity": 2, "campus": None}, "organization"),
        ({"quantity": 2, "organization": "nobody"}, "organization"),
        ({"quantity": 2, "retired_on": date(2027, 1, 12)}, "retired_on"),
        ({"quantity": 2, "name": ""}, "name"),
    ],
)
def test_a_pool_that_cannot_be_is_refused_by_its_field(campus, more, field):
    row = PoolRow(**{"name": "Projector", "campus": "harbor-college", **more})
    assert refusal(row).keys() == {field}


def test_a_slug_of_another_organizations_pool_is_refused(campus):
    save_pool(PoolRow(name="Projector", campus="harbor-college", quantity=2), **WHO)
    builders.a_campus("elsewhere")
    assert refusal(keep.PoolRow(name="P", slug="projector", organization="elsewhere", quantity=1)).keys() == {
        "organization"
    }
    stranger = builders.an_organization("stranger")
    assert refusal(keep.PoolRow(name="P", slug="projector", organization=stranger.slug)).keys() == {"slug"}
