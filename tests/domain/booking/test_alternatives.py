"""Alternatives: every one that is offered, taken at once, is had; in a fixed few queries; better ones first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import InvalidInput, SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.booking import alternatives, closeness, desk, resources, stand_ins, starts, wishes
from eventsvc.domain.booking.blocks import Block, BlockKind
from eventsvc.domain.booking.models import Hold, State
from eventsvc.domain.booking.starts import Clock
from eventsvc.domain.booking.wishes import Wish
from eventsvc.domain.directory.models import Campus, Expert, Room, Topic
from eventsvc.domain.directory.pools import Pool, PoolUnit
from tests import builders, poured
from tests.conftest import NOW
from tests.domain.test_indexes import statements

# The Monday before the clock of Los Angeles turns back, two weeks and a day after NOW's year has begun to matter.
FIRST = datetime(2027, 11, 1, 16, 0, tzinfo=UTC)
NOW_THEN = FIRST - timedelta(days=3)
EXAMPLES = {"sqlite": 60, "postgresql": 20}
PACIFIC = builders.PACIFIC


@pytest.fixture
def world(app) -> None:
    """Two campuses, one with hours; a hall in halves, rooms with set-up; people with limits, leads, hours, topics."""
    poured.told("what else is free", two_campuses)


def two_campuses() -> None:
    with transaction():
        first, second = builders.a_campus("first"), builders.a_campus("second")
        first.hours = [(weekday, 8 * 60, 18 * 60) for weekday in range(5)]
        builders.a_way(first, second, 70)
        hall = builders.a_room("hall", on=first, capacity=80)
        for half in ("east", "west"):
            builders.a_room(half, on=first, capacity=40).parent_id = hall.id
        builders.a_room("lounge", on=first, capacity=50, setup=30, takedown=15).step_free = True
        builders.a_room("studio", on=first, capacity=None)
        closing_early = builders.a_room("office", on=first, capacity=45)
        closing_early.hours, closing_early.step_free = [(weekday, 9 * 60, 12 * 60) for weekday in range(7)], True
        builders.a_room("far", on=second, capacity=60)
        port = builders.an_organization("port")
        topics = [builders.a_topic("ships"), builders.a_topic("trains")]
        builders.an_expert("ann", of=port, topics=topics, max_per_day=1)
        builders.an_expert("ben", of=port, topics=topics[:1], lead=45, max_per_week=2)
        builders.an_expert("cid", topics=topics[1:], buffer=10).max_per_month = 3
        evenings = builders.an_expert("dot", of=port, topics=[])
        evenings.hours = [(weekday, 15 * 60, 22 * 60) for weekday in range(7)]
        builders.an_expert("eve", topics=topics, zone="America/New_York").max_travel_minutes = 60
        for slug, notice in (("projectors", 0), ("interpreters", 9)):
            a_pool(slug, first, notice)


def a_pool(slug: str, campus: Campus, notice_days: int) -> None:
    named = {"slug": slug, "name": slug.title(), "notice_days": notice_days}
    pool = Pool(**named, organization=campus.organization, campus=campus, quantity=2)
    units = [PoolUnit(pool=pool, number=number) for number in (1, 2)]
    db.session.add_all([pool, *units])
    db.session.flush()
    for unit in units:
        resources.register(unit_id=unit.id)


ROOMS = ["hall", "east", "west", "lounge", "studio", "office"]
PEOPLE = ["ann", "ben", "cid", "dot", "eve"]
wished = st.fixed_dictionaries(
    {
        "quarter": st.integers(0, 4 * 24 * 12),
        "lasts": st.integers(1, 16),
        "rooms": st.sampled_from(
            [*([room] for room in ROOMS), [], ["east", "lounge"], ["lounge", "office"], ["west", "east"]]
        ),
        "experts": st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True),
        "online": st.booleans(),
        "pools": st.lists(st.sampled_from(["projectors", "interpreters"]), max_size=2, unique=True),
        "quantity": st.integers(1, 2),
        "heads": st.sampled_from([None, None, 30, 60, 90, 100, 130]),
        "all_day": st.sampled_from([False, False, False, True]),
    }
)
leaves = st.tuples(st.sampled_from(PEOPLE), st.integers(0, 30), st.integers(1, 20))
closures = st.tuples(st.integers(0, 20), st.integers(1, 5))
lapses = st.integers(1, 60 * 24 * 20)


def a_wish(said: dict) -> Wish:
    start = FIRST + said["quarter"] * timedelta(minutes=15)
    span = Span(start, start + said["lasts"] * timedelta(minutes=15))
    if said["all_day"]:
        span = starts.days_span(start.date(), 1, PACIFIC)
    experts = named(Expert, said["experts"])
    return Wish(
        span=span,
        campus_id=db.session.scalar(select(Campus.id).where(Campus.slug == "first")),
        all_day=said["all_day"],
        rooms=named(Room, said["rooms"]),
        experts=experts,
        online=frozenset(one.id for one in experts[:1] if said["online"]),
        equipment=tuple((pool, said["quantity"]) for pool in named(Pool, said["pools"])),
        expected_heads=said["heads"],
    )


def named(kind, slugs) -> tuple:
    found = {one.slug: one for one in db.session.scalars(select(kind).where(kind.slug.in_(slugs)))}
    return tuple(found[slug] for slug in slugs)


def take(wish: Wish, *, hold_for: int | None = None) -> None:
    """Take all of it for a hold; refuses SlotTaken and leaves nothing behind."""
    until = NOW_THEN + timedelta(minutes=hold_for or 60 * 24 * 60)
    with db.session.begin_nested():
        hold = Hold(held_by="test", created_at=NOW_THEN, hold_until=until)
        db.session.add(hold)
        db.session.flush()
        asks = wishes.claim_asks(wish)
        state = State.HELD if hold_for else State.CONFIRMED
        desk.take(asks, hold_id=hold.id, state=state, hold_until=until, now=NOW_THEN)


def a_clock(**more) -> Clock:
    hours = db.session.scalar(select(Campus.hours).where(Campus.slug == "first"))
    return Clock(zone=PACIFIC, hours=hours, now=NOW_THEN, **more)


def fill(booked: list[dict], away: list[tuple], closed: list[tuple]) -> None:
    day = timedelta(days=1)
    for expert, first, days in away:
        resource = resources.find(expert_ids=[named(Expert, [expert])[0].id]).experts[0]
        begins = FIRST + first * day
        leave = Block(kind=BlockKind.LEAVE, resource_id=resource.id, starts_at=begins, ends_at=begins + days * day)
        db.session.add(leave)
    campus_id = db.session.scalar(select(Campus.id).where(Campus.slug == "first"))
    for first, days in closed:
        begins = FIRST + first * day
        finals = Block(kind=BlockKind.FINALS, campus_id=campus_id, starts_at=begins, ends_at=begins + days * day)
        db.session.add(finals)
    for number, said in enumerate(booked):
        try:
            take(a_wish(said), hold_for=1 if number % 5 == 4 else None)
        except SlotTaken:
            continue


def test_every_alternative_offered_taken_at_once_succeeds(world, request):
    @settings(
        max_examples=EXAMPLES[request.node.callspec.params["database_url"]],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(wished, max_size=25), st.lists(leaves, max_size=3), st.lists(closures, max_size=2), wished)
    def holds(booked, away, closed, said):
        with transaction(keep=False):
            fill(booked, away, closed)
            wish = a_wish(said)
            topic_ids = frozenset(db.session.scalars(select(Topic.id).where(Topic.slug == "ships")))
            offers = alternatives.find(wish, a_clock(), topic_ids=topic_ids, most=5)
            event(f"{len(offers)} offers")
            assert len(offers) <= 5
            assert [offer.points for offer in offers] == sorted(offer.points for offer in offers)
            assert not (offers and offers[0].lacks_topic)
            for offer in offers:
                assert not wishes.are_too_many(said["heads"], offer.wish.rooms)
                attempt = db.session.begin_nested()
                take(offer.wish)
                attempt.rollback()

    holds()


def test_a_wish_that_is_free_is_its_own_best_offer(world):
    with transaction(keep=False):
        wish = a_wish({**PLAIN, "rooms": ["lounge"], "experts": ["ann"]})
        best = alternatives.find(wish, a_clock(), most=5)[0]
        assert (best.wish, best.points) == (wish, 0)


PLAIN = {
    "quarter": 4 * 24 + 4 * 4,  # Tuesday 13:00 in Los Angeles
    "lasts": 4,
    "rooms": [],
    "experts": [],
    "online": False,
    "pools": [],
    "quantity": 1,
    "heads": None,
    "all_day": False,
}


def test_who_is_booked_less_comes_first_when_all_else_is_equal(world):
    with transaction(keep=False):
        port = db.session.get_one(Expert, named(Expert, ["ann"])[0].id).organization
        ships = named(Topic, ["ships"])
        busy, idle = (builders.an_expert(name, of=port, topics=ships) for name in ("busy", "idle"))
        for day in range(3, 10):
            take(
                Wish(
                    span=Span(FIRST + timedelta(days=day), FIRST + timedelta(days=day, hours=1)),
                    campus_id=None,
                    experts=(busy,),
                )
            )
        wish = a_wish({**PLAIN, "experts": ["ben"]})
        take(wish)
        found = alternatives.find(wish, a_clock(), topic_ids=frozenset(one.id for one in ships), most=5)
        then = [offer.wish.experts[0] for offer in found if offer.start.days == offer.start.minutes == 0]
        assert then == [named(Expert, ["ann"])[0], idle]
        assert busy.id not in {option.thing.id for offer in found for option in offer.chosen}


def test_a_room_that_is_too_small_is_offered_larger_ones_at_the_very_time(world):
    with transaction(keep=False):
        wish = a_wish({**PLAIN, "rooms": ["east"], "heads": 60})
        found = alternatives.find(wish, a_clock(), most=5)
        assert [[room.slug for room in one.wish.rooms] for one in found if one.wish.span == wish.span][:1] == [["hall"]]


def pairs_that_can_be_had(wish: Wish) -> set[frozenset[str]]:
    """Every pair of rooms that could stand in at the wished time, found by taking each of them."""
    rooms = [room for room in db.session.scalars(select(Room)) if room.campus_id == wish.campus_id]
    found = set()
    for pair in product(rooms, repeat=2):
        is_like = all(
            other is room or (other not in wish.rooms and (other.step_free or not room.step_free))
            for other, room in zip(pair, wish.rooms, strict=True)
        )
        if is_like and pair[0] is not pair[1] and can_be_had(replace(wish, rooms=pair)):
            found.add(frozenset(room.slug for room in pair))
    return found


def can_be_had(wish: Wish) -> bool:
    attempt = db.session.begin_nested()
    try:
        wishes.ensure_on_campus(wish.rooms, db.session.get_one(Campus, wish.campus_id))
        take(wish)
    except (SlotTaken, InvalidInput):
        return False
    finally:
        attempt.rollback()
    return True


@pytest.mark.parametrize("heads", [80, 85, 90, 95, 96, 120, 125, 130, 131, 200])
@pytest.mark.parametrize("rooms", [["east", "west"], ["west", "office"], ["lounge", "east"], ["office", "lounge"]])
def test_two_rooms_that_are_too_small_together_are_offered_larger_ones_wherever_there_are_any(world, rooms, heads):
    with transaction(keep=False):
        studio = named(Room, ["studio"])[0]
        studio.capacity = 35
        db.session.flush()
        wish = a_wish({**PLAIN, "quarter": 4 * 24 + 4 * 2, "rooms": rooms, "heads": heads})
        can = pairs_that_can_be_had(wish)
        found = alternatives.find(wish, a_clock(), most=5)
        then = [frozenset(room.slug for room in one.wish.rooms) for one in found if one.wish.span == wish.span]
        assert bool(then) == bool(can)
        assert can.issuperset(then)


def test_what_is_kept_of_two_rooms_is_what_suffices_with_one_larger(world):
    with transaction(keep=False):
        wish = a_wish({**PLAIN, "rooms": ["east", "west"], "heads": 90})
        best = alternatives.find(wish, a_clock(), most=5)[0]
        assert [room.slug for room in best.wish.rooms] == ["east", "lounge"]


@pytest.mark.parametrize("of_wish", [["hall"], ["hall", "studio"]])
def test_a_tiny_room_stands_in_for_a_large_one_after_those_of_its_size(world, of_wish):
    with transaction(keep=False):
        campus = named(Campus, ["first"])[0]
        for slug, capacity in (("tiny", 4), ("huge", 210), ("like-it", 60)):
            builders.a_room(slug, on=campus, capacity=capacity)
        wish = a_wish({**PLAIN, "rooms": of_wish})
        take(a_wish({**PLAIN, "rooms": ["hall"]}))
        slot = stand_ins.slots_of(wish, topic_ids=(), now=NOW_THEN)[0]
        nearest = [option.thing.slug for option in slot[1:] if option.thing.slug in ("tiny", "huge", "like-it")]
        assert nearest == ["like-it", "huge", "tiny"]
        offered = [room.slug for one in alternatives.find(wish, a_clock(), most=5) for room in one.wish.rooms]
        assert "like-it" in offered
        assert "tiny" not in offered


def test_a_skipped_hour_is_never_offered_and_one_that_comes_twice_is_the_first(world):
    clock = Clock(zone=PACIFIC, hours=[(6, 0, 1440)], now=NOW)
    for sunday, hour, seen in ((date(2027, 3, 14), 2, []), (date(2027, 11, 7), 1, [8])):
        noon = starts.day_start(sunday, PACIFIC) + timedelta(hours=12)
        found = starts.around(Span(noon, noon + timedelta(hours=1)), clock, all_day=False)
        at = [start for start in found if start.local == datetime(sunday.year, sunday.month, sunday.day, hour)]
        assert [start.span.start.hour for start in at] == seen


def test_all_day_wishes_are_offered_whole_days(world):
    with transaction(keep=False):
        wish = a_wish({**PLAIN, "all_day": True, "rooms": ["studio"]})
        take(wish)
        offers = alternatives.find(wish, a_clock(), most=5)
        assert len(offers) == 5
        same = [offer for offer in offers if offer.wish.rooms == wish.rooms]
        # Wednesday of that week after the clock has changed: 8:00 UTC, not 7:00.
        assert {(offer.wish.span.start.hour, offer.start.days) for offer in same} <= {
            *((7, day) for day in range(-3, 6)),
            *((8, day) for day in range(6, 15)),
        }
        assert same


@pytest.mark.parametrize("most", [0, -1])
def test_no_offers_are_looked_for_where_none_are_wanted(world, most):
    with transaction(keep=False):
        assert alternatives.find(a_wish({**PLAIN, "rooms": ["lounge"]}), a_clock(), most=most) == []


def test_nearness_is_what_the_house_says_it_is():
    def time(days: int, minutes: int, other: bool = False) -> float:
        return closeness.of_time(days, minutes, is_other_kind_of_day=other)

    ordered = [time(0, 0), time(0, 60), time(7, 0), time(-14, 0), time(1, 0), time(2, 0), time(1, 60), time(4, 0, True)]
    assert ordered == sorted(ordered)
    assert closeness.of_expert(known=0, wanted=1, is_of_same_organization=True, booked=0) > time(14, 720, True) * 5


def test_the_number_of_queries_does_not_grow_with_the_campus(world):
    def asked() -> int:
        db.session.remove()
        wish, clock = a_wish({**PLAIN, "rooms": ["lounge"], "experts": ["ann"]}), a_clock()
        return len(statements(lambda: alternatives.find(wish, clock, most=5)))

    with transaction():
        take(a_wish({**PLAIN, "rooms": ["lounge"], "experts": ["ann"]}))
    few = asked()
    with transaction():
        campus, port = (
            db.session.scalar(select(one).where(one.slug == name)) for one, name in ((Campus, "first"), (Expert, "ann"))
        )
        for _ in range(30):
            builders.a_room(on=campus)
            builders.an_expert(of=port.organization, topics=port.topics)
    assert asked() == few
