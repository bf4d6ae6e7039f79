"""The conflict rule, example by example; random stories are in test_desk_against_oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking import desk
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.conflicts import ClashKind
from eventsvc.domain.booking.models import Reservation, Resource, State
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW

DAY = datetime(2027, 2, 10, 0, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=14)
MINUTE = timedelta(minutes=1)


def at(first: str, last: str) -> Span:
    """ "09:00" to "10:30" of the day."""
    start, end = (DAY + timedelta(hours=int(text[:2]), minutes=int(text[3:])) for text in (first, last))
    return Span(start, end)


def an_event(campus: Campus) -> int:
    return plan_event(builders.a_plan(campus), is_draft=True, actor=ADMINISTRATOR, now=NOW).id


def resource_of(thing: Room | Expert) -> Resource:
    column = Resource.room_id if isinstance(thing, Room) else Resource.expert_id
    return db.session.scalars(select(Resource).where(column == thing.id)).one()


def book(
    span: Span,
    *things: Room | Expert,
    on: Campus,
    event: int | None = None,
    online: bool = False,
    state: State = State.CONFIRMED,
    hold_until: datetime | None = None,
    now: datetime = NOW,
    heads: int | None = None,
) -> int:
    """Take things for a span on behalf of an event; returns the event."""
    event = event or an_event(on)
    asks = [Ask(resource_of(thing), span, None if online else on.id, heads=heads) for thing in things]
    with db.session.begin_nested():
        desk.take(asks, event_id=event, state=state, hold_until=hold_until, now=now)
    return event


def refused(span: Span, *things: Room | Expert, on: Campus, **more: object) -> list[tuple[str, str]]:
    """The clashes of a booking that must fail, as (kind, slug)."""
    with pytest.raises(SlotTaken) as refusal:
        book(span, *things, on=on, **more)
    return [(str(clash.kind), clash.thing.slug) for clash in refusal.value.clashes]


@pytest.fixture
def world(app):
    """Everything a test does is one story that is rolled back."""
    with transaction(keep=False):
        yield


@pytest.fixture
def harbor(world) -> Campus:
    return builders.a_campus("la-harbor")


@pytest.fixture
def pasadena(harbor) -> Campus:
    campus = builders.a_campus("pasadena")
    builders.a_way(harbor, campus, 70)
    return campus


def test_from_harbor_to_pasadena_the_first_legal_start_is_1155(harbor, pasadena):
    expert = builders.an_expert("expert", lead=15)
    book(at("09:00", "10:30"), expert, on=harbor)
    assert refused(at("11:30", "12:30"), expert, on=pasadena) == [("travel", "expert")]
    assert refused(at("11:54", "12:30"), expert, on=pasadena) == [("travel", "expert")]
    book(at("11:55", "12:30"), expert, on=pasadena)


def test_the_way_to_the_next_place_counts_too(harbor, pasadena):
    expert = builders.an_expert("expert", lead=15)
    book(at("12:00", "13:00"), expert, on=pasadena)
    assert refused(at("09:00", "10:36"), expert, on=harbor) == [("travel", "expert")]
    book(at("09:00", "10:35"), expert, on=harbor)


def test_a_session_between_two_places_must_fit_both_ways_and_both_are_named(harbor, pasadena):
    expert = builders.an_expert("expert", lead=0)
    before = book(at("09:00", "10:00"), expert, on=harbor)
    after = book(at("12:00", "13:00"), expert, on=harbor)
    with pytest.raises(SlotTaken) as refusal:
        book(at("11:00", "11:30"), expert, on=pasadena)
    facts = [(clash.event_id, dict(clash.facts)) for clash in refusal.value.clashes]
    assert facts == [
        (before, {"travel_minutes": 70, "gap_minutes": 60}),
        (after, {"travel_minutes": 70, "gap_minutes": 30}),
    ]


def test_travel_is_read_past_online_sessions(harbor, pasadena):
    expert = builders.an_expert("expert", lead=0)
    book(at("09:00", "10:00"), expert, on=harbor)
    book(at("10:15", "10:45"), expert, on=harbor, online=True)
    assert refused(at("11:00", "12:00"), expert, on=pasadena) == [("travel", "expert")]
    book(at("11:10", "12:00"), expert, on=pasadena)


def test_an_online_session_needs_neither_way_nor_lead(harbor, pasadena):
    expert = builders.an_expert("expert", lead=15)
    book(at("09:00", "10:00"), expert, on=harbor)
    book(at("10:00", "11:00"), expert, on=pasadena, online=True)


def test_at_the_same_place_only_the_lead_stands_between(harbor):
    expert = builders.an_expert("expert", lead=15)
    book(at("09:00", "10:00"), expert, on=harbor)
    assert refused(at("10:14", "11:00"), expert, on=harbor) == [("overlap", "expert")]
    book(at("10:15", "11:00"), expert, on=harbor)


def test_a_way_that_nobody_has_measured_refuses_nothing(harbor):
    expert, elsewhere = builders.an_expert("expert", lead=0), builders.a_campus("elsewhere")
    book(at("09:00", "10:00"), expert, on=harbor)
    book(at("10:00", "11:00"), expert, on=elsewhere)


def test_set_up_and_take_down_of_neighbours_may_touch_but_not_overlap(harbor):
    room = builders.a_room("hall", on=harbor, setup=30, takedown=15)
    book(at("09:00", "10:00"), room, on=harbor)
    assert refused(at("10:44", "11:30"), room, on=harbor) == [("overlap", "hall")]
    book(at("10:45", "11:30"), room, on=harbor)
    assert refused(at("07:00", "08:16"), room, on=harbor) == [("overlap", "hall")]
    book(at("07:00", "08:15"), room, on=harbor)


def test_every_clash_of_every_room_and_expert_is_named_at_once(harbor, pasadena):
    rooms = [builders.a_room(f"hall-{n}", on=harbor, capacity=20) for n in range(3)]
    expert, far_away = builders.an_expert("expert", max_per_day=1), builders.an_expert("far-away")
    first = book(at("09:00", "10:00"), rooms[0], expert, on=harbor)
    second = book(at("10:00", "11:00"), rooms[0], rooms[1], on=harbor)
    book(at("08:00", "09:00"), far_away, on=pasadena)
    with pytest.raises(SlotTaken) as refusal:
        book(at("09:30", "10:30"), *rooms, expert, far_away, on=harbor, heads=100)
    assert [(clash.kind, clash.thing.slug, clash.event_id) for clash in refusal.value.clashes[:-1]] == [
        (ClashKind.OVERLAP, "hall-0", first),
        (ClashKind.OVERLAP, "hall-0", second),
        (ClashKind.CAPACITY, "hall-0", None),
        (ClashKind.OVERLAP, "hall-1", second),
        (ClashKind.CAPACITY, "hall-1", None),
        (ClashKind.CAPACITY, "hall-2", None),
        (ClashKind.OVERLAP, "expert", first),
        (ClashKind.LIMIT, "expert", None),
    ]
    assert refusal.value.clashes[-1].kind is ClashKind.TRAVEL


def test_a_refusal_takes_nothing_and_gives_nothing_back(harbor):
    free, taken = builders.a_room("free", on=harbor), builders.a_room("taken", on=harbor)
    book(at("12:00", "13:00"), taken, on=harbor)
    event = book(at("09:00", "10:00"), free, on=harbor)
    before = db.session.scalars(select(Reservation.state).order_by(Reservation.id)).all()
    assert refused(at("12:00", "13:00"), free, taken, on=harbor, event=event) == [("overlap", "taken")]
    assert db.session.scalars(select(Reservation.state).order_by(Reservation.id)).all() == before


def test_a_hold_is_free_from_the_instant_it_ends_and_is_then_marked_expired(harbor):
    room = builders.a_room("hall", on=harbor)
    lapsing = book(at("09:00", "10:00"), room, on=harbor, state=State.HELD, hold_until=LATER)
    assert refused(at("09:30", "10:30"), room, on=harbor, now=LATER - MINUTE) == [("overlap", "hall")]
    assert [row.event_id for row in desk.held_by(lapsing, LATER - MINUTE)] == [lapsing]
    assert desk.held_by(lapsing, LATER) == []
    winner = book(at("09:30", "10:30"), room, on=harbor, now=LATER)
    states = db.session.execute(select(Reservation.event_id, Reservation.state).order_by(Reservation.id)).all()
    assert [tuple(row) for row in states] == [(lapsing, State.EXPIRED), (winner, State.CONFIRMED)]


def test_a_lapsed_hold_stands_in_nobodys_way_by_travel_or_limit(harbor, pasadena):
    expert = builders.an_expert("expert", lead=0, max_per_day=1)
    book(at("09:00", "10:00"), expert, on=harbor, state=State.HELD, hold_until=LATER)
    assert refused(at("10:30", "11:00"), expert, on=pasadena) == [("travel", "expert"), ("limit", "expert")]
    book(at("10:30", "11:00"), expert, on=pasadena, now=LATER)


def test_a_confirmed_reservation_does_not_lapse(harbor):
    room = builders.a_room("hall", on=harbor)
    event = book(at("09:00", "10:00"), room, on=harbor, state=State.HELD, hold_until=LATER)
    book(at("09:00", "10:00"), room, on=harbor, event=event, state=State.CONFIRMED)
    assert refused(at("09:00", "10:00"), room, on=harbor, now=LATER + timedelta(days=365)) == [("overlap", "hall")]


def test_confirming_takes_again_what_lapsed_or_refuses(harbor):
    room = builders.a_room("hall", on=harbor)
    event = book(at("09:00", "10:00"), room, on=harbor, state=State.HELD, hold_until=LATER)
    book(at("09:00", "10:00"), room, on=harbor, event=event, now=LATER)
    assert [row.state for row in desk.held_by(event, LATER)] == [State.CONFIRMED]
    other = book(at("12:00", "13:00"), room, on=harbor, state=State.HELD, hold_until=LATER)
    book(at("12:30", "13:30"), room, on=harbor, now=LATER)
    assert refused(at("12:00", "13:00"), room, on=harbor, event=other, now=LATER) == [("overlap", "hall")]


def test_a_move_may_overlap_its_own_old_time_and_frees_it(harbor):
    room = builders.a_room("hall", on=harbor)
    event = book(at("09:00", "11:00"), room, on=harbor)
    book(at("10:00", "12:00"), room, on=harbor, event=event)
    book(at("09:00", "10:00"), room, on=harbor)
    assert [row.busy for row in desk.held_by(event, NOW)] == [at("10:00", "12:00")]


def test_what_is_given_back_is_free_and_only_that(harbor):
    room, expert = builders.a_room("hall", on=harbor), builders.an_expert("expert")
    event = book(at("09:00", "10:00"), room, expert, on=harbor)
    desk.release(event, resource_ids=[resource_of(expert).id])
    book(at("09:00", "10:00"), expert, on=harbor)
    assert refused(at("09:00", "10:00"), room, on=harbor) == [("overlap", "hall")]
    desk.release(event)
    book(at("09:00", "10:00"), room, on=harbor)


def test_days_and_weeks_of_a_limit_are_those_of_the_experts_zone(harbor):
    expert = builders.an_expert("expert", lead=0, max_per_day=1, max_per_week=2)
    one_hour = timedelta(hours=1)
    sunday_midnight = datetime(2027, 2, 15, 8, 0, tzinfo=UTC)  # Monday begins in Los Angeles
    for start in (sunday_midnight - one_hour, sunday_midnight - timedelta(days=1, hours=1)):
        book(Span(start, start + one_hour), expert, on=harbor)
    friday = sunday_midnight - timedelta(days=3)
    assert refused(Span(friday, friday + one_hour), expert, on=harbor) == [("limit", "expert")]
    book(Span(sunday_midnight, sunday_midnight + one_hour), expert, on=harbor)
    monday_evening = sunday_midnight + timedelta(hours=23)
    assert refused(Span(monday_evening, monday_evening + one_hour), expert, on=harbor) == [("limit", "expert")]


def test_a_room_without_a_known_capacity_clashes_with_nothing_and_none_is_too_many(harbor):
    known = builders.a_room("known", on=harbor, capacity=20)
    book(at("09:00", "10:00"), known, on=harbor, heads=20)
    assert refused(at("11:00", "12:00"), known, on=harbor, heads=21) == [("capacity", "known")]
    book(at("11:00", "12:00"), known, on=harbor, heads=None)
