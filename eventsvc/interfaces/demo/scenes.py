"""What the booking desk has to reckon with in the demo, beside the programme: somebody on leave and who is asked
instead, a coordinator who is away and who covers, somebody busy in another calendar, finals week, a weekly series over
the day on which the clock changes, nine campuses on one Saturday.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import count

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.times import Span, days_span
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.domain.events.recurrence import End, Weekday, Weekly
from eventsvc.domain.events.schedule import When
from eventsvc.domain.events.series import events_of
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.ical.reader import BusyTime, Reading
from eventsvc.interfaces.demo import tables
from eventsvc.interfaces.demo.days import ZONE, at, first_day, is_working_day, working_day
from eventsvc.workflows import (
    confirm_event,
    keep_absences,
    keep_campus_days,
    keep_leave,
    outside_calendars,
    publish_event,
)
from eventsvc.workflows.keep_campus_days import CampusDayKind, CampusDayRow
from eventsvc.workflows.plan_event import Plan
from eventsvc.workflows.plan_series import OnConflict, plan_series
from eventsvc.workflows.series_plans import Campaign, Repeats, Stop

# When, whether nobody is written to because of it, and what is done.
Act = tuple[datetime, bool, Callable[[datetime], object]]

ON_LEAVE, ASKED_INSTEAD, BUSY_ELSEWHERE = "heron-example", "cormorant-example", "grebe-example"
AWAY, COVERING = "colleague@pcc.example", "planner@pcc.example"
FINALS_AT = "pasadena-city-college"
WEEKLY, WEEKS = "Port careers: drop-in hour", 7
_ONE_DAY = timedelta(days=1)


def acts(start: datetime) -> Iterator[Act]:
    """Everything that is done before the demo starts at that instant."""
    today = first_day(start)
    clock_change = _clock_change_after(today)
    finals = clock_change + timedelta(days=15)  # the Monday of the third week after
    yield at(today - timedelta(days=60), time(9)), True, lambda now: _keep_finals(finals, now)
    yield at(today - timedelta(days=14), time(9)), True, lambda now: _keep_leave(today, now)
    yield at(today - timedelta(days=6), time(9)), False, lambda now: _keep_absence(today, now)
    yield at(today - timedelta(days=1), time(7)), True, lambda now: _read_other_calendar(today, now)
    yield at(today - timedelta(days=5), time(10)), False, lambda now: _plan(*_weekly(clock_change), now)
    yield at(today - timedelta(days=4), time(10)), True, lambda now: _accept(WEEKLY, now)
    yield at(today - timedelta(days=3), time(10)), False, lambda now: _plan(*_saturday(today), now)


def _clock_change_after(today: date) -> date:
    """The first Sunday with a clock change that leaves two weeks to a series before it."""
    for day in (today + timedelta(days=number) for number in count(24)):
        span = days_span(day, 1, ZONE)
        if span.end - span.start != _ONE_DAY:
            return day
    raise AssertionError("the clock is changed twice a year")


def _keep_finals(monday: date, now: datetime) -> None:
    rows = [
        CampusDayRow(
            kind=CampusDayKind.FINALS, title="Finals week", first=f"{monday}", last=f"{monday + 4 * _ONE_DAY}"
        ),
        CampusDayRow(
            kind=CampusDayKind.TERM, title="Term", first=f"{monday - 98 * _ONE_DAY}", last=f"{monday + 4 * _ONE_DAY}"
        ),
    ]
    for row in rows:
        campus = lookup.get(Campus, FINALS_AT)
        keep_campus_days.save_campus_day(row, campus.id, actor=ADMINISTRATOR, now=now)


def _keep_leave(today: date, now: datetime) -> None:
    first, last = working_day(today, 10), working_day(today, 13)
    keep_leave.add_leave(
        ON_LEAVE, first.isoformat(), last.isoformat(), cover=ASKED_INSTEAD, actor=ADMINISTRATOR, now=now
    )


def _keep_absence(today: date, now: datetime) -> None:
    """A week around the day on which the demo starts."""
    first, last = today - timedelta(days=2), today + timedelta(days=5)
    keep_absences.add_absence(AWAY, first.isoformat(), last.isoformat(), cover=COVERING, actor=ADMINISTRATOR, now=now)


def _read_other_calendar(today: date, now: datetime) -> None:
    """As if a calendar had been uploaded whose owner is busy on three mornings."""
    mornings = [working_day(today, number) for number in (3, 4, 10)]
    times = tuple(BusyTime(Span(at(day, time(9)), at(day, time(12))), f"{day}@port.example") for day in mornings)
    outside_calendars.attach_reading("experts", BUSY_ELSEWHERE, Reading(times), actor=ADMINISTRATOR, now=now)


def _weekly(clock_change: date) -> tuple[Plan, Repeats]:
    """Wednesdays at the same hour; in finals week there is none."""
    first = clock_change - timedelta(days=18)
    plan = Plan(
        kind=EventKind.INFO_SESSION,
        title=WEEKLY,
        when=When(starts_local=datetime.combine(first, time(15)), duration_minutes=60),
        campus=FINALS_AT,
        rooms=("pcc-arroyo-room",),
        experts=("sandpiper-example",),
        topics=("maritime-industry",),
        audience=("students",),
        description=tables.descriptions()["info_session"],
        expected_heads=20,
    )
    return plan, Weekly(end=End(count=WEEKS), weekdays=(Weekday.WEDNESDAY,))


_STOPS = {
    "east-los-angeles-college": ("elac-seminar-room", "pelican-example", "zero-emission-operations"),
    "los-angeles-city-college": ("lacc-courtyard-room", "cormorant-example", "decarbonization"),
    "los-angeles-harbor-college": ("lahc-lighthouse-room", "heron-example", "environmental-stewardship"),
    "los-angeles-mission-college": ("lamc-canyon-room", "egret-example", "changing-technologies"),
    "los-angeles-pierce-college": ("pierce-orchard-room", "osprey-example", "goods-movement"),
    "los-angeles-southwest-college": ("lasc-career-room", "tern-example", "logistics-and-supply-chain"),
    "los-angeles-trade-technical-college": ("lattc-workshop-a", "gull-example", "skilled-trades"),
    "los-angeles-valley-college": ("lavc-career-room", "grebe-example", "climate-economy-careers"),
    "west-los-angeles-college": ("wlac-terrace-room", "avocet-example", "building-and-construction-trades"),
}


def _saturday(today: date) -> tuple[Plan, Repeats]:
    """All nine colleges of the district on one Saturday morning."""
    saturdays = (
        today + timedelta(days=number) for number in count(26) if (today + timedelta(days=number)).weekday() == 5
    )
    day = next(day for day in saturdays if is_working_day(day - _ONE_DAY) and is_working_day(day + 2 * _ONE_DAY))
    plan = Plan(
        kind=EventKind.INFO_SESSION,
        title="Port Saturday: nine colleges, one morning",
        when=When(starts_local=datetime.combine(day, time(10)), duration_minutes=120),
        owner="laccd-workforce",
        audience=("students", "families"),
        description=tables.descriptions()["info_session"],
        expected_heads=24,
    )
    stops = [
        Stop(own={"campus": campus, "rooms": (room,), "experts": (expert,), "topics": (topic,)})
        for campus, (room, expert, topic) in _STOPS.items()
    ]
    return plan, Campaign(tuple(stops))


def _plan(plan: Plan, repeats: Repeats, now: datetime) -> None:
    series = plan_series(plan, repeats, on_conflict=OnConflict.SKIP, actor=ADMINISTRATOR, now=now)
    for event in events_of(series):
        publish_event.publish_event(str(event.public_id), actor=ADMINISTRATOR, now=now)
        confirm_event.confirm_as_host(str(event.public_id), actor=ADMINISTRATOR, now=now)


def _accept(title: str, now: datetime) -> None:
    """Everybody comes to every date."""
    for event_id in db.session.scalars(select(Event.id).where(Event.title == title).order_by(Event.id)):
        for invitation in asking.of_event(event_id):
            who = str(invitation.public_id)
            confirm_event.answer_invitation(who, AnswerWord.ACCEPT, turn=invitation.turn, now=now)
