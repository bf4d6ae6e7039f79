"""The ranking of experts against one that looks at every start of every person and forgets nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eventsvc.core.times import Span
from eventsvc.domain.booking.diary import Booked, Diary
from eventsvc.domain.booking.models import Resource, State
from eventsvc.domain.directory.models import Expert, Level, Topic
from eventsvc.domain.directory.travel import Way
from eventsvc.domain.requests import matching
from eventsvc.domain.requests.matching import Candidate, Match, ReasonKind, Wanted
from eventsvc.domain.requests.models import Window

NOW = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)
MONDAY = date(2027, 2, 1)
PLACES = (1, 2, 3)
WAYS = {(1, 2): 40, (1, 3): 130, (2, 3): 90}
TOPICS = {number: Topic(id=number, slug=f"topic-{number}", name=f"Topic {number}") for number in (1, 2, 3)}


class Ways:
    """The ways between three places."""

    def between(self, origin: int, destination: int) -> Way | None:
        if origin == destination:
            return Way(0)
        minutes = WAYS.get((min(origin, destination), max(origin, destination)))
        return None if minutes is None else Way(minutes)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Wanted, list[Candidate], Diary]:
    numbers = count(1)
    rows: list[Booked] = []
    candidates = []
    for number in range(draw(st.integers(1, 6))):
        expert = Expert(
            id=number,
            slug=f"expert-{number}",
            name=f"Expert {number}",
            zone="UTC",
            lead_minutes=draw(st.sampled_from([0, 15])),
            online_buffer_minutes=5,
            languages=draw(st.sampled_from([["en"], ["en", "es-MX"], ["es"]])),
            levels=draw(st.sampled_from([[], ["college"], ["k12", "alumni"]])),
            home_campus_id=draw(st.sampled_from([None, *PLACES])),
            max_per_day=draw(st.sampled_from([None, 1])),
            topics=[TOPICS[one] for one in sorted(draw(st.sets(st.sampled_from([1, 2, 3]))))],
        )
        resource = Resource(id=100 + number, expert_id=number, expert=expert)
        rows += booked(draw, resource, numbers)
        candidates.append(Candidate(expert, resource, draw(st.integers(0, 6))))
    diary = Diary(rows, of_resources={}, of_campuses={}, ways=Ways(), now=NOW)  # type: ignore[arg-type]  # as Ways does
    return draw(wishes()), candidates, diary


def booked(draw: st.DrawFn, resource: Resource, numbers: Any) -> list[Booked]:
    """Hours that do not overlap, in February's first week."""
    found = []
    for hour in sorted(draw(st.sets(st.integers(0, 4 * 24 - 1), max_size=8))):
        start = datetime(2027, 2, 1, tzinfo=UTC) + timedelta(hours=hour)
        end = start + timedelta(minutes=45)
        place = draw(st.sampled_from([None, *PLACES]))
        times = (start, end, next(numbers), resource.id, None, None, State.CONFIRMED, start, end, place, None, None)
        found.append(Booked(*times))
    return found


@st.composite
def wishes(draw: st.DrawFn) -> Wanted:
    windows = []
    for rank in range(1, draw(st.integers(1, 3)) + 1):
        first = MONDAY + timedelta(days=draw(st.integers(0, 3)))
        windows.append(
            Window(
                rank=rank,
                first_on=first,
                last_on=first + timedelta(days=draw(st.integers(0, 1))),
                from_minute=draw(st.integers(8, 11)) * 60,
                until_minute=draw(st.integers(12, 14)) * 60,
                weekdays=draw(st.sampled_from([[], [0, 2], [1, 3]])),
            )
        )
    topics = draw(st.sets(st.sampled_from([1, 2, 3])))
    return Wanted(
        topics={one: TOPICS[one].name for one in topics},
        language=draw(st.sampled_from(["en", "es"])),
        level=draw(st.sampled_from([None, Level.COLLEGE])),
        place_id=draw(st.sampled_from([None, *PLACES])),
        windows=windows,
        minutes=draw(st.sampled_from([30, 60])),
        zone="UTC",
    )


def every_start(wanted: Wanted) -> list[tuple[int, Span]]:
    """Each start of each window, at half hours, in the order in which they are wished."""
    found = []
    for window in wanted.windows:
        for number in range((window.last_on - window.first_on).days + 1):
            day = window.first_on + timedelta(days=number)
            if window.weekdays and day.weekday() not in window.weekdays:
                continue
            midnight = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
            for minute in range(window.from_minute, window.until_minute - wanted.minutes + 1, 30):
                start = midnight + timedelta(minutes=minute)
                found.append((window.rank, Span(start, start + timedelta(minutes=wanted.minutes))))
    return found


def can_come(candidate: Candidate, wanted: Wanted, span: Span, diary: Diary) -> bool:
    """Overlap, limit of the day, and the ways to and from the nearest presence on each side: written out."""
    expert, rows = candidate.expert, diary.booked(candidate.resource.id)
    lead = expert.lead_minutes if wanted.place_id else expert.online_buffer_minutes
    begins = span.start - timedelta(minutes=lead)
    if any(row.busy_from < span.end and begins < row.busy_until for row in rows):
        return False
    if expert.max_per_day and any(row.starts_at.date() == span.start.date() for row in rows):
        return False
    if wanted.place_id is None:
        return True
    before = [row for row in rows if row.busy_until <= begins and row.place_id]
    after = [row for row in rows if row.busy_from >= span.end and row.place_id]
    gaps = [(row, begins - row.ends_at) for row in before[-1:]] + [(row, row.busy_from - span.end) for row in after[:1]]
    for row, gap in gaps:
        way = Ways().between(row.place_id or 0, wanted.place_id)
        if way is not None and gap < timedelta(minutes=way.minutes):
            return False
    return True


def by_brute_force(wanted: Wanted, candidates: Sequence[Candidate], diary: Diary) -> list[tuple[str, Span | None]]:
    judged = []
    for one in candidates:
        known = {topic.id for topic in one.expert.topics} & wanted.topics.keys()
        points = 4.0 * (1 - len(known) / len(wanted.topics)) if wanted.topics else 0.0
        points += 0 if any(tag[:2] == wanted.language for tag in one.expert.languages) else 3.0
        if wanted.level and one.expert.levels and wanted.level not in one.expert.levels:
            points += 2.0
        if wanted.place_id:
            way = Ways().between(one.expert.home_campus_id, wanted.place_id) if one.expert.home_campus_id else None
            points += 1.0 if way is None else min(way.minutes / 60, 4.0)
        points += min(len(diary.booked(one.resource.id)) / 4, 2.0) + min(one.visits / 4, 1.0)
        rank, span = next(
            ((rank, span) for rank, span in every_start(wanted) if can_come(one, wanted, span, diary)), (1, None)
        )
        lacks = bool(wanted.topics) and not known
        judged.append((lacks, span is None, round(points + rank - 1, 9), one.expert.slug, span))
    if all(lacks for lacks, *_ in judged):
        return []
    return [(slug, span) for _, _, _, slug, span in sorted(judged, key=lambda one: one[:4])]


def named(matches: Sequence[Match]) -> list[tuple[str, Span | None]]:
    return [(match.expert.slug, match.span) for match in matches]


@settings(max_examples=300, deadline=None)
@given(worlds(), st.integers(1, 6))
def test_the_ranking_is_that_of_brute_force_and_its_beginning_is_the_same(world, most):
    wanted, candidates, diary = world
    whole = matching.ranked(wanted, candidates, diary, now=NOW)
    assert named(whole) == by_brute_force(wanted, candidates, diary)
    assert named(matching.ranked(wanted, candidates, diary, now=NOW, most=most)) == named(whole)[:most]


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_one_without_the_topic_never_ranks_first(world):
    wanted, candidates, diary = world
    found = matching.ranked(wanted, candidates, diary, now=NOW)
    assert not (found and found[0].lacks_topic)
    if found and wanted.topics:
        assert found[0].reasons[0].kind is ReasonKind.TOPIC
        assert found[0].reasons[0].facts["known"]
