"""The desk as a state machine beside a brute-force oracle: take, move, confirm, release, hold, let lapse, override;
rooms, parts of a hall, people on the road and online, pools. The oracle looks at every row, the desk at neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.blocks import Block, BlockKind
from eventsvc.domain.booking.conflicts import SOFT, Clash
from eventsvc.domain.booking.models import Hold, Reservation, Resource, State
from eventsvc.domain.directory.models import Expert, Room, Travel
from eventsvc.domain.directory.pools import Pool
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.domain.booking.oracle import QUARTER, Oracle, Thing, Want

# Saturday 23:00 in Los Angeles; the clock turns back on the Sunday, and the ISO week ends with it.
FIRST = datetime(2027, 11, 7, 6, 0, tzinfo=UTC)
QUARTERS = 30 * 4  # how far ahead stories reach: into the Monday
EXAMPLES = {"sqlite": 150, "postgresql": 30}
EVENTS, HOLDS = 5, 2

EAST, WEST = Thing("east", before=30), Thing("west", after=15)
HALL = Thing("hall", before=15, after=30)
LAB = Thing("lab", before=30, after=15)
TWICE = Thing("twice-a-day", before=15, is_person=True, most=(("day", 2),))
WEEKLY = Thing("two-a-week", online=5, is_person=True, most=(("week", 2), ("month", 3)))
TIRED = Thing("little-travel", before=45, is_person=True, most=(("travel", 90),), home=0)
SCREENS = Thing("screens", after=15, units=3)
THINGS = (HALL, EAST, LAB, TWICE, WEEKLY, TIRED, SCREENS)
WAYS = {(0, 1): 20, (1, 0): 35, (0, 2): 70, (2, 0): 60}
ESTIMATE = 57  # 0.3 degrees of latitude are 20.73 miles, times 1.3 at 35 mph and 10 minutes on foot


@dataclass(frozen=True)
class World:
    """Ids by name."""

    events: list[int]
    holds: list[int]
    campuses: list[int]
    ids: dict[str, int]


@pytest.fixture
def world(app) -> World:
    with transaction():
        campuses = [builders.a_campus() for _ in range(3)]
        for campus, latitude in zip(campuses, (34.0, 33.7, 34.0), strict=True):
            campus.latitude, campus.longitude = latitude, -118.0
        for (a, b), minutes in WAYS.items():
            db.session.add(Travel(from_campus_id=campuses[a].id, to_campus_id=campuses[b].id, minutes=minutes))
        hall = builders.a_room("hall", on=campuses[0], setup=15, takedown=30)
        parts = [
            builders.a_room("east", on=campuses[0], setup=30),
            builders.a_room("west", on=campuses[0], takedown=15),
        ]
        for part in parts:
            part.parent_id = hall.id
        lab = builders.a_room("lab", on=campuses[0], setup=30, takedown=15)
        twice = builders.an_expert("twice-a-day", lead=15, max_per_day=2)
        weekly = builders.an_expert("two-a-week", lead=0, buffer=5, max_per_week=2)
        weekly.max_per_month = 3
        tired = builders.an_expert("little-travel", lead=45)
        tired.max_travel_minutes, tired.home_campus_id = 90, campuses[0].id
        screens = builders.a_pool("screens", quantity=3, takedown=15)
        for owner, kind, start, end in blocks(campuses[1].id):
            of = {"campus_id": owner} if isinstance(owner, int) else {"resource_id": _resource_id(tired)}
            db.session.add(Block(kind=BlockKind(kind), starts_at=start, ends_at=end, title="", **of))
        plan = builders.a_plan(campuses[0])
        events = [plan_event(plan, is_draft=True, actor=ADMINISTRATOR, now=NOW).id for _ in range(EVENTS)]
        holds = [Hold(held_by="test", created_at=NOW, hold_until=NOW) for _ in range(HOLDS)]
        db.session.add_all(holds)
        db.session.flush()
        things = (hall, *parts, lab, twice, weekly, tired, screens)
        return World(
            events, [hold.id for hold in holds], [one.id for one in campuses], {one.slug: one.id for one in things}
        )


def _resource_id(expert: Expert) -> int:
    return db.session.scalars(select(Resource.id).where(Resource.expert_id == expert.id)).one()


def blocks(campus: object) -> list[tuple[object, str, datetime, datetime]]:
    """Sunday 10:00 to 12:00 the second campus is closed; somebody is on leave for three hours of the Sunday."""
    noon = FIRST + timedelta(hours=14)
    return [
        (campus, "holiday", noon - timedelta(hours=2), noon),
        ("little-travel", "leave", noon, noon + timedelta(hours=3)),
    ]


class Desk(RuleBasedStateMachine):
    """One story; all of it is rolled back."""

    world: World
    met: Counter[str]

    @initialize()
    def begin(self) -> None:
        self.story = transaction(keep=False)
        self.story.__enter__()
        self.now = FIRST - timedelta(days=2)
        self.asked: dict[str, list[Want]] = {}
        places = {(a, b): 0 if a == b else WAYS.get((a, b), ESTIMATE) for a, b in product(range(3), repeat=2)}
        places[1, 2], places[2, 1] = ESTIMATE, ESTIMATE
        closed = [(str(_KIND[kind]), owner, start, end) for owner, kind, start, end in blocks(1)]
        self.oracle = Oracle(places, closed)

    def teardown(self) -> None:
        if hasattr(self, "story"):
            self.story.__exit__(None, None, None)

    holders = st.sampled_from([f"event {n}" for n in range(EVENTS)] + [f"hold {n}" for n in range(HOLDS)])
    # Mostly close together on the Sunday, so that they meet; some into the Monday, where day and week are others.
    starts = st.integers(40, 80) | st.integers(0, QUARTERS)

    @rule(
        holder=holders,
        things=st.sets(st.sampled_from(THINGS), min_size=1, max_size=3),
        first=starts,
        quarters=st.integers(1, 8),
        place=st.sampled_from([0, 0, 1, 2, None]),
        number=st.integers(1, 3),
        is_confirmed=st.booleans(),
        lasts=st.integers(1, 40),
        waive=st.sampled_from([set(), set(), {"limit"}, {"closed", "limit"}, {"overlap", "travel", "leave"}]),
    )
    def take(self, holder, things, first, quarters, place, number, is_confirmed, lasts, waive) -> None:
        """Also moves: a holder that has something gets this instead."""
        if HALL in things:
            things = things - {EAST}
        start = FIRST + first * QUARTER
        end = start + quarters * QUARTER
        wants = [want for thing in things for want in _wants(thing, start, end, place, number)]
        self._take(holder, wants, is_confirmed, lasts, waive)

    @rule(holder=holders, lasts=st.integers(1, 40))
    def confirm(self, holder, lasts) -> None:
        """Takes again what has lapsed, or refuses."""
        if holder in self.asked:
            self._take(holder, self.asked[holder], True, lasts, set())

    @rule(holder=holders)
    def release(self, holder) -> None:
        kind, _, number = holder.partition(" ")
        if kind == "event":
            desk.release(self.world.events[int(number)])
        else:
            desk.release_hold(self.world.holds[int(number)])
        self.oracle.release(holder)

    @rule(quarters=st.integers(1, 40))
    def wait(self, quarters) -> None:
        self.now += quarters * QUARTER

    @invariant()
    def both_know_the_same(self) -> None:
        if hasattr(self, "oracle"):
            assert self._live() == self.oracle.live(self.now)

    def _take(self, holder: str, wants: list[Want], is_confirmed: bool, lasts: int, waive: set[str]) -> None:
        until = self.now + lasts * QUARTER
        soft = {str(kind) for kind in SOFT} & waive
        expected = self.oracle.take(holder, wants, is_confirmed, until, self.now, soft)
        state = State.CONFIRMED if is_confirmed else State.HELD
        kind, _, number = holder.partition(" ")
        owner = (
            {"event_id": self.world.events[int(number)]}
            if kind == "event"
            else {"hold_id": self.world.holds[int(number)]}
        )
        with self._refused() as clashes:
            asks = [ask for want in wants for ask in self._asks(want)]
            desk.take(asks, **owner, state=state, hold_until=until, now=self.now, waived=waive)
        assert Counter(self._named(clash) for clash in clashes) == expected
        self.met.update(_met(clash) for clash in expected)
        self.met["taken"] += not expected
        if not expected:
            self.asked[holder] = wants

    @contextmanager
    def _refused(self) -> Iterator[list[Clash]]:
        clashes: list[Clash] = []
        try:
            with db.session.begin_nested():
                yield clashes
        except SlotTaken as refusal:
            clashes += refusal.clashes

    def _asks(self, want: Want) -> Iterator[Wanted]:
        presence = Span(want.start, want.end)
        place = None if want.place is None else self.world.campuses[want.place]
        if want.thing.units:
            pool = db.session.get_one(Pool, self.world.ids[want.thing.name])
            units = resources.lock(pool_ids=[pool.id]).units[pool.id]
            yield PoolAsk(pool, want.number, tuple(units), presence, place)
        elif want.thing.is_person:
            yield Ask(resources.lock(expert_ids=[self.world.ids[want.thing.name]]).experts[0], presence, place)
        else:
            hall = db.session.get_one(Room, self.world.ids[want.asked.name]) if want.asked else None
            resource, _ = resources.lock(room_ids=[self.world.ids[want.thing.name]]).rooms[0]
            yield Ask(resource, presence, place, hall=hall)

    def _named(self, clash: Clash) -> tuple:
        kind, name, facts = str(clash.kind), clash.thing.slug, dict(clash.facts)
        if "free" in facts:
            return kind, name, facts["free"]
        if kind == "overlap":
            return kind, name, (clash.part or clash.thing).slug, self._holder(clash.event_id, clash.hold_id)
        if kind == "travel":
            return kind, name, self._holder(clash.event_id, clash.hold_id)
        if kind == "limit":
            return kind, name, facts["per"]
        return kind, name, "own" if clash.place_id is None else "place"

    def _holder(self, event_id: int | None, hold_id: int | None) -> str:
        if event_id is not None:
            return f"event {self.world.events.index(event_id)}"
        return f"hold {self.world.holds.index(hold_id)}"

    def _live(self) -> Counter:
        db.session.expire_all()
        return Counter(
            (
                self._holder(row.event_id, row.hold_id),
                row.resource.thing.slug,
                row.busy_from,
                row.busy_until,
                row.state is State.CONFIRMED,
            )
            for row in db.session.scalars(select(Reservation))
            if row.is_live(self.now)
        )


def _met(clash: tuple) -> str:
    kind, name, *more = clash
    if name == SCREENS.name:
        return "too few of a pool"
    if name == HALL.name:
        return f"{kind} of a part"
    return f"{kind} {more[0]}" if kind == "limit" else kind


_KIND = {"holiday": "closed", "leave": "leave"}


def _wants(thing: Thing, start: datetime, end: datetime, place: int | None, number: int) -> Iterator[Want]:
    """Rooms stand where they stand; a hall is its parts."""
    if thing is HALL:
        yield from (Want(part, start, end, 0, asked=HALL) for part in (EAST, WEST))
    elif thing.is_person or thing.units:
        yield Want(thing, start, end, place, number=number if thing.units else 1)
    else:
        yield Want(thing, start, end, 0)


def test_the_desk_agrees_with_brute_force(world, request):
    engine = request.node.callspec.params["database_url"]
    met: Counter[str] = Counter()
    machine = type("Desk", (Desk,), {"world": world, "met": met})
    many = settings(
        max_examples=EXAMPLES[engine], stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=many)


def test_the_stories_can_meet_every_kind_of_clash(world):
    """Random stories would prove nothing about what they never meet; this one meets everything, at both."""
    met: Counter[str] = Counter()
    machine = type("Desk", (Desk,), {"world": world, "met": met})()
    machine.begin()
    hours = {name: 4 * number for name, number in (("nine", 10), ("ten", 11), ("noon", 13), ("one", 14), ("three", 16))}
    peace = {"place": 0, "number": 2, "is_confirmed": True, "lasts": 40, "waive": set()}
    steps = [
        ("event 0", {HALL, TWICE, SCREENS}, hours["noon"], peace),
        ("event 1", {EAST}, hours["noon"], peace),  # a part of the hall
        ("hold 1", {HALL}, hours["noon"], peace),  # the hall by its parts
        ("hold 0", {LAB, SCREENS}, hours["noon"], peace),  # two more of three screens
        ("event 2", {LAB, TWICE}, hours["noon"], peace),  # busy
        ("event 2", {TWICE}, hours["one"] + 2, {**peace, "place": 2}),  # seventy minutes away
        ("event 2", {TWICE}, hours["three"] + 4, peace),
        ("event 3", {TWICE}, hours["nine"] - 4, peace),  # a third time that day
        ("event 3", {TWICE}, hours["nine"] - 4, {**peace, "waive": {"limit"}}),
        ("event 4", {TIRED}, hours["three"], peace),  # on leave
        ("event 4", {TIRED, LAB}, hours["ten"] + 2, {**peace, "place": 1}),  # closed there
        ("event 4", {TIRED}, 2 * hours["three"] // 3 - 8, {**peace, "place": 2}),  # 130 minutes on the way
        ("event 4", {WEEKLY}, 4, {**peace, "place": None}),
        ("hold 1", {WEEKLY}, 12, {**peace, "place": None}),
        ("event 1", {WEEKLY}, 20, {**peace, "place": None}),  # a third time that week
    ]
    for holder, things, first, how in steps:
        machine.take(holder, things, first, 4, *how.values())
        machine.both_know_the_same()
    machine.teardown()
    limits = {f"limit {per}" for per in ("day", "week", "travel")}
    kinds = {"taken", "overlap", "overlap of a part", "too few of a pool", "travel", "closed", "leave"} | limits
    assert kinds - met.keys() == set()
