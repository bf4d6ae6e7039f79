"""The desk, held against a brute-force oracle of a few lines, over random stories of taking, moving, giving back and
waiting. The oracle looks at every row there ever was; the desk looks at neighbours only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.booking import desk
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.models import Reservation, Resource, State
from eventsvc.domain.directory.models import Campus, Expert, Room, Travel
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW

EVENTS = 8
# Saturday 23:00 in Los Angeles; the clock turns back on the Sunday, and the ISO week ends with it.
FIRST = datetime(2027, 11, 7, 6, 0, tzinfo=UTC)
QUARTERS = 30 * 4  # how far ahead stories reach: into the Monday
EXAMPLES = {"sqlite": 300, "postgresql": 60}


@dataclass(frozen=True)
class Taken:
    """A row as the oracle keeps it."""

    event: int
    resource: int
    busy: Span
    presence: Span
    place: int | None
    state: State
    hold_until: datetime | None

    def is_live(self, now: datetime) -> bool:
        return self.state is State.CONFIRMED or now < self.hold_until


@dataclass
class Oracle:
    """The rule in plain words over plain lists."""

    minutes: dict[tuple[int, int], int]
    rows: list[Taken] = field(default_factory=list)

    def take(self, event: int, asks: list[Ask], state: State, hold_until: datetime, now: datetime) -> Counter:
        """Every clash; nothing is taken when there is one."""
        kept = [row for row in self.rows if row.event == event and row.is_live(now) and _is_asked(row, asks)]
        missing = [ask for ask in asks if ask.resource.id not in {row.resource for row in kept}]
        others = [row for row in self.rows if row.event != event and row.is_live(now)]
        clashes = Counter(clash for ask in missing for clash in self._against(ask, others))
        if not clashes:
            new = [
                Taken(event, ask.resource.id, ask.busy, ask.presence, ask.place_id, state, hold_until)
                for ask in missing
            ]
            kept = [replace(row, state=state, hold_until=hold_until) for row in kept]
            self.rows = [row for row in self.rows if row.event != event] + kept + new
        return clashes

    def release(self, event: int, resources: set[int]) -> None:
        self.rows = [row for row in self.rows if row.event != event or row.resource not in resources]

    def _against(self, ask: Ask, others: list[Taken]) -> Iterator[tuple]:
        mine = [row for row in others if row.resource == ask.resource.id]
        for row in mine:
            if row.busy.overlaps(ask.busy):
                yield "overlap", ask.resource.id, row.event
        expert = ask.resource.expert
        if expert is None:
            return
        if ask.place_id is not None:
            yield from self._travel(ask, [row for row in mine if row.place is not None])
        zone = ZoneInfo(expert.zone)
        day = ask.presence.start.astimezone(zone).date()
        days = [row.presence.start.astimezone(zone).date() for row in mine]
        if expert.max_per_day is not None and days.count(day) >= expert.max_per_day:
            yield "limit", ask.resource.id, "day"
        weeks = [other.isocalendar()[:2] for other in days]
        if expert.max_per_week is not None and weeks.count(day.isocalendar()[:2]) >= expert.max_per_week:
            yield "limit", ask.resource.id, "week"

    def _travel(self, ask: Ask, in_person: list[Taken]) -> Iterator[tuple]:
        """Between two presences lies the way and the second one's lead; a lead is within the busy span."""
        before = [row for row in in_person if row.busy.end <= ask.busy.start]
        after = [row for row in in_person if row.busy.start >= ask.busy.end]
        if before:
            nearest = max(before, key=lambda row: row.busy.start)
            way = timedelta(minutes=self.minutes[nearest.place, ask.place_id])
            if nearest.presence.end + way > ask.busy.start:
                yield "travel", ask.resource.id, nearest.event
        if after:
            nearest = min(after, key=lambda row: row.busy.start)
            way = timedelta(minutes=self.minutes[ask.place_id, nearest.place])
            if ask.presence.end + way > nearest.busy.start:
                yield "travel", ask.resource.id, nearest.event


def _is_asked(row: Taken, asks: list[Ask]) -> bool:
    return any((ask.resource.id, ask.presence, ask.place_id) == (row.resource, row.presence, row.place) for ask in asks)


@dataclass(frozen=True)
class World:
    events: list[int]
    campuses: list[int]
    resources: list[int]


@pytest.fixture
def world(app) -> World:
    with transaction():
        campuses = [builders.a_campus() for _ in range(3)]
        for (a, b), minutes in {(0, 1): 20, (1, 0): 35, (0, 2): 70, (2, 0): 60, (1, 2): 15, (2, 1): 15}.items():
            db.session.add(Travel(from_campus_id=campuses[a].id, to_campus_id=campuses[b].id, minutes=minutes))
        builders.a_room(on=campuses[0], setup=30, takedown=15)
        builders.an_expert(lead=15, max_per_day=2)
        builders.an_expert(lead=0, max_per_week=3)
        builders.an_expert(lead=45)
        plan = builders.a_plan(campuses[0])
        events = [plan_event(plan, is_draft=True, actor=ADMINISTRATOR, now=NOW).id for _ in range(EVENTS)]
        db.session.flush()
        return World(
            events=events,
            campuses=list(db.session.scalars(select(Campus.id).order_by(Campus.id))),
            resources=list(db.session.scalars(select(Resource.id).order_by(Resource.id))),
        )


indexes = st.integers(0, EVENTS - 1)
some_resources = st.sets(st.integers(0, 3), min_size=1)
takes = st.tuples(
    st.just("take"),
    indexes,
    some_resources,
    st.integers(0, QUARTERS),  # quarters of an hour from the first
    st.integers(1, 12),  # quarters that it lasts
    st.sampled_from([0, 1, 2, None]),
    st.sampled_from([State.HELD, State.HELD, State.CONFIRMED]),
    st.integers(1, 40),  # quarters that the hold lasts
)
releases = st.tuples(st.just("release"), indexes, some_resources)
waits = st.tuples(st.just("wait"), st.integers(1, 40))
stories = st.lists(st.one_of(takes, takes, takes, takes, releases, waits), min_size=4, max_size=24)
QUARTER = timedelta(minutes=15)


def found(clashes: list) -> Counter:
    return Counter(
        (str(clash.kind), resource_of(clash.thing), dict(clash.facts).get("per") or clash.event_id) for clash in clashes
    )


def resource_of(thing: Room | Expert) -> int:
    column = Resource.room_id if isinstance(thing, Room) else Resource.expert_id
    return db.session.scalars(select(Resource.id).where(column == thing.id)).one()


def play(world: World, story: list[tuple]) -> None:
    """Run a story at the desk and at the oracle and compare after each step."""
    places = {place.id: place for place in db.session.scalars(select(Campus))}
    minutes = {(row.from_campus_id, row.to_campus_id): row.minutes for row in db.session.scalars(select(Travel))}
    oracle = Oracle({**minutes, **{(place, place): 0 for place in places}})
    now = FIRST - timedelta(days=2)
    for verb, *step in story:
        if verb == "wait":
            now += step[0] * QUARTER
        elif verb == "release":
            event, chosen = world.events[step[0]], {world.resources[index] for index in step[1]}
            desk.release(event, resource_ids=chosen)
            oracle.release(event, chosen)
        else:
            index, chosen, first, quarters, place, state, hold = step
            event, start = world.events[index], FIRST + first * QUARTER
            presence = Span(start, start + quarters * QUARTER)
            place_id = None if place is None else world.campuses[place]
            asks = [Ask(db.session.get_one(Resource, world.resources[n]), presence, place_id) for n in sorted(chosen)]
            hold_until = now + hold * QUARTER
            expected = oracle.take(event, asks, state, hold_until, now)
            try:
                with db.session.begin_nested():
                    desk.take(asks, event_id=event, state=state, hold_until=hold_until, now=now)
                clashes = Counter()
            except SlotTaken as refusal:
                clashes = found(refusal.clashes)
            assert clashes == expected
        assert live_rows(now) == Counter(
            (row.event, row.resource, row.busy, row.presence, row.place, row.state)
            for row in oracle.rows
            if row.is_live(now)
        )


def live_rows(now: datetime) -> Counter:
    db.session.flush()
    return Counter(
        (row.event_id, row.resource_id, row.busy, Span(row.starts_at, row.ends_at), row.place_id, row.state)
        for row in db.session.scalars(select(Reservation))
        if row.is_live(now)
    )


def test_the_desk_agrees_with_brute_force(world, request):
    engine = request.node.callspec.params["database_url"]

    @settings(max_examples=EXAMPLES[engine], deadline=None, suppress_health_check=list(HealthCheck))
    @given(stories)
    def holds(story):
        with transaction(keep=False):
            play(world, story)

    holds()


def test_the_oracle_meets_every_kind_of_clash(world):
    """The stories above would prove nothing if they never clashed; this one does in every way."""
    story = [
        ("take", 0, {1, 2}, 0, 4, 0, State.CONFIRMED, 1),
        ("take", 1, {1, 2}, 5, 4, 2, State.HELD, 1),  # the way is too long for both
        ("take", 1, {1, 2}, 2, 4, 0, State.HELD, 1),  # and here they are busy
        ("take", 2, {1}, 40, 1, 0, State.CONFIRMED, 1),
        ("take", 3, {1}, 44, 1, 0, State.CONFIRMED, 1),
        ("take", 4, {1}, 60, 1, 0, State.CONFIRMED, 1),
        ("wait", 40),
        ("take", 5, {0, 1, 2, 3}, 0, 1, 0, State.HELD, 4),
    ]
    with transaction(keep=False):
        play(world, story)
        kinds = {State(row.state) for row in db.session.scalars(select(Reservation))}
        assert kinds == {State.CONFIRMED}
        assert db.session.scalar(select(Expert.max_per_day).where(Expert.max_per_day.is_not(None))) == 2
