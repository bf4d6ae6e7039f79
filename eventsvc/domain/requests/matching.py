"""Who fits a wish: experts in order, each with the reasons as facts; doors turn them into words.

It decides by what it is handed (people, a diary, counts) and reads nothing. Whether somebody could come is asked of the
booking desk's own rule, `conflicts.against`, start by start. One without a wanted topic comes after all who know one,
and is not named at all where nobody does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from eventsvc.core.times import Span, day_start, local_day
from eventsvc.domain.booking import conflicts
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.conflicts import Clash, ClashKind
from eventsvc.domain.booking.diary import Diary
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory.models import Expert, Level
from eventsvc.domain.requests import windows
from eventsvc.domain.requests.models import Window

# Points against, fewer are better; the figures weigh reasons against one another.
TOPIC_POINTS = 4.0  # for all of the wanted topics that are not known
LANGUAGE_POINTS = 3.0  # an interpreter would be needed
LEVEL_POINTS = 2.0
WINDOW_POINTS = 1.0  # for each window that was wished more
MINUTES_A_POINT = 60  # on the way there
MOST_TRAVEL_POINTS = 4.0
UNKNOWN_TRAVEL_POINTS = 1.0
BOOKINGS_A_POINT = 4  # around the wished days
MOST_LOAD_POINTS = 2.0
VISITS_A_POINT = 4  # at that college within a year: others may know it, too
MOST_VISIT_POINTS = 1.0


class ReasonKind(StrEnum):
    """What speaks for somebody, or against."""

    TOPIC = "topic"
    LANGUAGE = "language"
    LEVEL = "level"
    TRAVEL = "travel"
    LOAD = "load"
    FAIRNESS = "fairness"
    FREE = "free"
    BUSY = "busy"  # at every start there is; with the kinds of clashes at the last one looked at


class Reason(NamedTuple):
    """One reason, with its facts."""

    kind: ReasonKind
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a request asks of a person. `place_id` None: from afar."""

    topics: Mapping[int, str] = field(default_factory=dict)
    language: str = "en"
    level: Level | None = None
    place_id: int | None = None
    windows: Sequence[Window] = ()
    minutes: int = 60
    zone: str = "UTC"


class Said(NamedTuple):
    """What is said of a person, as it is looked at for one wish after another: reading it off the row costs more."""

    topics: Mapping[int, str]
    languages: frozenset[str]
    levels: frozenset[str]
    home_id: int | None
    slug: str


def said_of(expert: Expert) -> Said:
    """The same, read off the row."""
    return Said(
        {topic.id: topic.name for topic in expert.topics},
        frozenset(map(_base, expert.languages)),
        frozenset(expert.levels),
        expert.home_campus_id,
        expert.slug,
    )


class Candidate(NamedTuple):
    """A person, what is booked of them, how often they were at that college, and what is said of them, if read."""

    expert: Expert
    resource: Resource
    visits: int = 0
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody who comes into question: from when they could, in which window, and why they stand where they do."""

    expert: Expert
    span: Span | None
    window: Window | None
    lacks_topic: bool
    points: float
    reasons: tuple[Reason, ...]

    @property
    def is_free(self) -> bool:
        """True where there is a start at which they could come."""
        return self.span is not None


class Starts:
    """Every start that a wish leaves from now on, worked out once, when somebody is first asked about that day."""

    def __init__(self, wanted: Wanted, now: datetime) -> None:
        self._wanted, self._now = wanted, now
        self._today = local_day(now, wanted.zone)
        self._days: dict[tuple[int, date], list[Span]] = {}

    def __iter__(self) -> Iterator[tuple[Window, Span]]:
        for window in sorted(self._wanted.windows, key=lambda one: one.rank):
            for day in windows.days_of(window, not_before=self._today):
                yield from ((window, span) for span in self._of(window, day))

    def _of(self, window: Window, day: date) -> list[Span]:
        found = self._days.get((window.rank, day))
        if found is None:
            spans = windows.spans_of_day(window, day, minutes=self._wanted.minutes, zone=self._wanted.zone)
            found = self._days[window.rank, day] = [span for span in spans if span.start > self._now]
        return found


def ranked(
    wanted: Wanted, candidates: Iterable[Candidate], diary: Diary, *, now: datetime, most: int | None = None
) -> list[Match]:
    """The people for a wish, best first, or the `most` best of them; the same order either way.

    First who knows a wanted topic, then who is free, then by points; equals by slug.
    """
    starts = Starts(wanted, now)
    judged = sorted((_judged(one, wanted, diary) for one in candidates), key=lambda one: (one.points, one.slug))
    knowing = _placed([one for one in judged if not one.lacks_topic], starts, wanted, diary, most)
    if not knowing or (most is not None and len(knowing) >= most):
        return knowing[:most]
    left = None if most is None else most - len(knowing)
    return knowing + _placed([one for one in judged if one.lacks_topic], starts, wanted, diary, left)[:left]


# One of the reasons: which, its facts in their order, and its points.
_Weighed = tuple[ReasonKind, tuple[Any, ...], float]
_FACTS = {
    ReasonKind.TOPIC: ("known", "wanted"),
    ReasonKind.LANGUAGE: ("language", "speaks"),
    ReasonKind.LEVEL: ("level", "fits"),
    ReasonKind.TRAVEL: ("minutes",),
    ReasonKind.LOAD: ("booked",),
    ReasonKind.FAIRNESS: ("visits",),
}


@dataclass(frozen=True, slots=True)
class _Judged:
    """A candidate by what does not depend on the start; reasons are put into words only for those who are named."""

    candidate: Candidate
    slug: str
    lacks_topic: bool
    points: float
    weighed: tuple[_Weighed, ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(Reason(kind, dict(zip(_FACTS[kind], facts, strict=True))) for kind, facts, _ in self.weighed)


def _judged(candidate: Candidate, wanted: Wanted, diary: Diary) -> _Judged:
    said = candidate.said or said_of(candidate.expert)
    weighed = tuple(_weighed(candidate, said, wanted, diary))
    lacks = bool(wanted.topics) and wanted.topics.keys().isdisjoint(said.topics)
    # Sums of thirds and sixtieths that are equal must be so for the machine, too: equals stand by slug.
    points = round(sum(points for _, _, points in weighed), 6)
    return _Judged(candidate, said.slug, lacks, points, weighed)


def _weighed(candidate: Candidate, said: Said, wanted: Wanted, diary: Diary) -> Iterator[_Weighed]:
    """Each reason with its facts and points."""
    if wanted.topics:
        known = sorted(name for key, name in said.topics.items() if key in wanted.topics)
        points = TOPIC_POINTS * (1 - len(known) / len(wanted.topics))
        yield ReasonKind.TOPIC, (known, len(wanted.topics)), points
    speaks = _base(wanted.language) in said.languages
    yield ReasonKind.LANGUAGE, (wanted.language, speaks), 0 if speaks else LANGUAGE_POINTS
    if wanted.level is not None:
        fits = not said.levels or wanted.level in said.levels
        yield ReasonKind.LEVEL, (str(wanted.level), fits), 0 if fits else LEVEL_POINTS
    if wanted.place_id is not None:
        minutes = _minutes(said.home_id, wanted.place_id, diary)
        yield ReasonKind.TRAVEL, (minutes,), travel_points(minutes)
    booked = len(diary.booked(candidate.resource.id))
    yield ReasonKind.LOAD, (booked,), min(booked / BOOKINGS_A_POINT, MOST_LOAD_POINTS)
    visits = candidate.visits
    yield ReasonKind.FAIRNESS, (visits,), min(visits / VISITS_A_POINT, MOST_VISIT_POINTS)


def _base(tag: str) -> str:
    """The language of a tag, whatever the country: who speaks es-MX speaks Spanish."""
    return tag.partition("-")[0].lower()


def travel_minutes(expert: Expert, place_id: int, diary: Diary) -> int | None:
    """The way there from home, or None where nobody knows it."""
    return _minutes(expert.home_campus_id, place_id, diary)


def _minutes(home_id: int | None, place_id: int, diary: Diary) -> int | None:
    way = None if home_id is None else diary.ways.between(home_id, place_id)
    return None if way is None else way.minutes


def travel_points(minutes: int | None) -> float:
    """What a way weighs."""
    return UNKNOWN_TRAVEL_POINTS if minutes is None else min(minutes / MINUTES_A_POINT, MOST_TRAVEL_POINTS)


def _placed(judged: Sequence[_Judged], starts: Starts, wanted: Wanted, diary: Diary, most: int | None) -> list[Match]:
    """Each with the first start at which they could come: who is free first, by points.

    With `most` it stops as soon as nobody who is left can be better than that many who are free.
    """
    free: list[Match] = []
    busy: list[Match] = []
    for one in judged:
        if most is not None and sum(match.points < one.points for match in free) >= most:
            break
        match = _match(one, starts, wanted, diary)
        (free if match.is_free else busy).append(match)
    free.sort(key=lambda match: (match.points, match.expert.slug))
    return free + busy


def _match(one: _Judged, starts: Starts, wanted: Wanted, diary: Diary) -> Match:
    expert, rank, not_before = one.candidate.expert, 0, _AT_ONCE
    lead = timedelta(minutes=expert.online_buffer_minutes if wanted.place_id is None else expert.lead_minutes)
    against: list[Clash] = []
    for window, span in starts:
        if window.rank == rank and (span.start - lead < not_before.free or span.start < not_before.within_limits):
            continue
        ask = Ask(one.candidate.resource, span, wanted.place_id)
        rank, against = window.rank, conflicts.against([ask], diary)
        if not against:
            reason = Reason(ReasonKind.FREE, {"window": rank, "span": span})
            points = round(one.points + WINDOW_POINTS * (rank - 1), 6)
            return Match(expert, span, window, one.lacks_topic, points, (*one.reasons, reason))
        not_before = _again(against, span, expert, wanted.zone)
    kinds = sorted({str(clash.kind) for clash in against})
    reason = Reason(ReasonKind.BUSY, {"kinds": kinds})
    return Match(expert, None, None, one.lacks_topic, one.points, (*one.reasons, reason))


class _NotBefore(NamedTuple):
    """Moments before which no later start of the same window can do either, so that none need be looked at."""

    free: datetime  # what lies in the way is over then
    within_limits: datetime  # a limit holds for all of a day, where both count days by one clock


def _again(against: Sequence[Clash], span: Span, expert: Expert, zone: str) -> _NotBefore:
    over = [clash.busy.end for clash in against if clash.kind in _IN_THE_WAY and clash.busy is not None]
    is_limited = any(clash.kind is ClashKind.LIMIT and dict(clash.facts).get("per") in _OF_DAYS for clash in against)
    if not is_limited or expert.zone != zone:
        return _NotBefore(max(over, default=_EVER), _EVER)
    return _NotBefore(max(over, default=_EVER), day_start(local_day(span.start, zone) + timedelta(days=1), zone))


_EVER = datetime.min.replace(tzinfo=UTC)
_AT_ONCE = _NotBefore(_EVER, _EVER)
_IN_THE_WAY = frozenset({ClashKind.OVERLAP, ClashKind.LEAVE, ClashKind.BUSY_ELSEWHERE})
_OF_DAYS = frozenset({"day", "week", "month"})
