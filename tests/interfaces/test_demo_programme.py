"""The demo's programme without a database: on whichever day it starts, it fits."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

from eventsvc.core.times import Span, to_wall
from eventsvc.interfaces.demo import tables
from eventsvc.interfaces.demo.days import ZONE, first_day, is_working_day, working_day
from eventsvc.interfaces.demo.programme import COURSES, Item, items

# Every day of two years, each at another hour, so that leap days and both changes of the clock are among them.
STARTS = [datetime(2026, 11, 1, 3, 17, tzinfo=UTC) + timedelta(days=day, hours=day % 24) for day in range(790)]


def spans_of(item: Item) -> list[Span]:
    """When the event is to be, before and after it was moved."""
    spans = [item.plan.when.span(ZONE)]
    if item.moved_to:
        minutes = timedelta(minutes=item.plan.when.duration_minutes)
        start = item.moved_to.replace(tzinfo=None)
        moved = type(item.plan.when)(starts_local=start, duration_minutes=minutes // timedelta(minutes=1))
        spans.append(moved.span(ZONE))
    return spans


def test_every_act_lies_before_the_start_and_every_event_starts_on_a_working_day():
    for start in STARTS:
        for item in items(start):
            assert max(at for at, _ in item.acts()) < start
            assert item.planned_at < spans_of(item)[0].start
            for span in spans_of(item):
                assert is_working_day(to_wall(span.start, ZONE).date())


def test_nobody_is_asked_more_often_than_they_come():
    experts = {expert.slug: expert for expert in tables.experts()}
    for start in STARTS:
        weeks, days = Counter(), Counter()
        for item in items(start):
            for span in spans_of(item):
                day = to_wall(span.start, ZONE).date()
                for slug in item.plan.experts:
                    weeks[slug, day - timedelta(days=day.weekday())] += 1
                    days[slug, day] += 1
        assert [key for key, count in weeks.items() if count > experts[key[0]].max_per_week] == []
        assert [key for key, count in days.items() if count > experts[key[0]].max_per_day] == []


def test_no_room_is_asked_for_twice_at_a_time():
    rooms = {room.slug: room for room in tables.rooms()}
    for start in STARTS[::10]:
        taken = defaultdict(list)
        for item in items(start):
            for span in spans_of(item):
                for slug in item.plan.rooms:
                    before, after = rooms[slug].setup_minutes, rooms[slug].takedown_minutes
                    taken[slug].append(span.widened(before_minutes=before, after_minutes=after))
        pairs = [(slug, pair) for slug, spans in taken.items() for pair in combinations(spans, 2)]
        assert [slug for slug, (one, other) in pairs if one.overlaps(other)] == []


def test_every_course_is_walked():
    assert {item.outcome for item in items(STARTS[0])} == set(COURSES)


def test_working_days_leave_out_weekends_and_holidays():
    friday = datetime(2026, 12, 18, 20, 0, tzinfo=UTC)
    assert working_day(first_day(friday), 1) == date(2026, 12, 21)
    assert working_day(first_day(friday), 4) == date(2027, 1, 4)
    assert working_day(first_day(friday), -1) == date(2026, 12, 17)
    assert working_day(date(2026, 11, 25), 1) == date(2026, 11, 30)  # Thanksgiving and the day after
    assert working_day(date(2028, 11, 22), 1) == date(2028, 11, 27)


def test_the_first_day_is_the_day_there():
    assert first_day(datetime(2027, 1, 16, 7, 0, tzinfo=UTC)) == date(2027, 1, 15)  # 11 p.m. on Friday
