"""The rule of chasing, held against an oracle that walks day by day and knows nothing of the rule's own shortcuts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsvc.core.working_hours import WorkingHours
from eventsvc.domain.invitations import chasing
from eventsvc.domain.invitations.chasing import Habits, Step, StepKind

ZONES = ("America/Los_Angeles", "America/New_York", "Pacific/Auckland", "Asia/Kolkata")
MONDAY = datetime(2027, 1, 11, 17, 0, tzinfo=UTC)  # 9:00 in Los Angeles


@st.composite
def cases(draw: st.DrawFn) -> tuple[datetime, datetime, Habits, WorkingHours, set[date]]:
    asked_at = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 365 * 1440)))
    starts_at = asked_at + timedelta(minutes=draw(st.integers(1, 60 * 1440)))
    holidays = draw(st.frozensets(st.dates(date(2027, 1, 1), date(2028, 3, 1)), max_size=40))
    opening = draw(st.integers(4, 12)) * 60
    hours = WorkingHours(draw(st.sampled_from(ZONES)), opening, opening + draw(st.integers(1, 10)) * 60, holidays)
    tell = draw(st.integers(1, 10))
    after = tuple(sorted(draw(st.sets(st.integers(1, 12), max_size=4))))
    before = tuple(sorted(draw(st.sets(st.integers(1, 20), max_size=4)), reverse=True))
    habits = Habits(after, before, tell, tell + draw(st.integers(0, 4)))
    lettered = draw(st.sets(st.dates(date(2027, 1, 1), date(2028, 3, 1)), max_size=20))
    return asked_at, starts_at, habits, hours, lettered


def oracle(
    asked_at: datetime, starts_at: datetime, habits: Habits, hours: WorkingHours, lettered: set[date]
) -> set[Step]:
    """Every local day between asking and start, one by one."""
    zone = ZoneInfo(hours.zone)
    asked, start = asked_at.astimezone(zone), starts_at.astimezone(zone)

    def is_work(day: date) -> bool:
        return day.isoweekday() <= 5 and day not in hours.holidays

    def instant(day: date, minute: int) -> datetime:
        return datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone).astimezone(UTC)

    minute = asked.hour * 60 + asked.minute
    minute = max(hours.from_minute, min(minute, hours.until_minute - 1))
    days = [asked.date() + timedelta(days=number) for number in range(-40, 140)]
    nth = {}
    for day in days:
        if day > asked.date() and is_work(day):
            nth[len(nth) + 1] = instant(day, minute)
    earlier = [day for day in days if day < start.date() and is_work(day)]
    eve, before_eve = instant(earlier[-1], hours.from_minute), instant(earlier[-2], hours.from_minute)
    pass_on, tell = min(nth[habits.pass_on_after], eve), min(nth[habits.tell_after], before_eve)
    found = {Step(pass_on, StepKind.PASS_ON)} if pass_on > asked_at else set()
    found |= {Step(tell, StepKind.TELL)} if tell > asked_at else set()
    end = pass_on if pass_on > asked_at else starts_at
    chases = [nth[number] for number in habits.chase_after]
    for number in habits.chase_before:
        on = max(day for day in days if day <= start.date() - timedelta(days=number) and is_work(day))
        chases.append(instant(on, hours.from_minute))
    written = {asked.date(), *lettered}
    for at in sorted(chases):
        if asked_at < at < end and at.astimezone(zone).date() not in written:
            written.add(at.astimezone(zone).date())
            found.add(Step(at, StepKind.CHASE))
    return found


@settings(deadline=None)  # the oracle walks day by day, and other tests run on the same two cores
@given(cases())
def test_the_steps_are_those_of_walking_day_by_day(case):
    asked_at, starts_at, habits, hours, lettered = case
    assert set(chasing.steps(asked_at, starts_at, habits, hours, lettered=lettered)) == oracle(*case)


@given(cases())
def test_every_letter_lies_in_working_hours_between_asking_and_start_and_one_a_day_at_most(case):
    asked_at, starts_at, habits, hours, lettered = case
    planned = chasing.steps(asked_at, starts_at, habits, hours, lettered=lettered)
    assert planned == sorted(planned, key=lambda step: step.at)
    assert all(asked_at < step.at < starts_at and hours.works_at(step.at) for step in planned)
    days = [step.at.astimezone(ZoneInfo(hours.zone)).date() for step in planned if step.kind is StepKind.CHASE]
    assert len(set(days)) == len(days)
    assert not set(days) & lettered


@given(cases(), st.integers(0, 90 * 1440))
def test_what_is_due_is_what_lies_between_two_looks(case, minutes):
    asked_at, starts_at, habits, hours, lettered = case
    planned = chasing.steps(asked_at, starts_at, habits, hours, lettered=lettered)
    now = asked_at + timedelta(minutes=minutes)
    assert chasing.due(planned, asked_at, now) == {step.kind for step in planned if step.at <= now}
    following = chasing.next_after(planned, now)
    assert following == min((step.at for step in planned if step.at > now), default=None)


@given(st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 1)), cases())
def test_the_next_working_moment_is_the_first_minute_at_which_somebody_works(wall, case):
    hours, instant = case[3], wall.replace(second=0, microsecond=0, tzinfo=UTC)
    found = hours.next_moment(instant)
    assert hours.works_at(found)
    assert found >= instant
    looks = (instant + timedelta(minutes=number) for number in range(0, 40 * 1440, 15))
    assert not any(hours.works_at(look) for look in looks if look < found)


@pytest.mark.parametrize(
    ("kind", "days"),
    [(StepKind.CHASE, [14, 19]), (StepKind.TELL, [20]), (StepKind.PASS_ON, [21])],
)
def test_a_question_of_a_monday_for_an_event_a_month_later(kind, days):
    starts_at = datetime(2027, 2, 10, 22, 0, tzinfo=UTC)
    planned = chasing.steps(MONDAY, starts_at, Habits(), WorkingHours("America/Los_Angeles"))
    assert [step.at.day for step in planned if step.kind is kind] == days


def test_who_may_come_is_chased_before_the_event_and_never_passed_over():
    starts_at = datetime(2027, 2, 10, 22, 0, tzinfo=UTC)
    planned = chasing.steps(MONDAY, starts_at, Habits(), WorkingHours("America/Los_Angeles"), is_tentative=True)
    assert [(step.at.isoformat(), step.kind) for step in planned] == [
        ("2027-01-27T16:00:00+00:00", StepKind.CHASE),
        ("2027-02-03T16:00:00+00:00", StepKind.CHASE),
        ("2027-02-05T16:00:00+00:00", StepKind.CHASE),
    ]


def test_shortly_before_an_event_silence_is_told_and_passed_on_on_the_last_two_working_days():
    starts_at = datetime(2027, 1, 18, 18, 0, tzinfo=UTC)  # the next Monday
    planned = chasing.steps(MONDAY, starts_at, Habits((), ()), WorkingHours("America/Los_Angeles"))
    assert [(step.at.day, step.kind) for step in planned] == [(14, StepKind.TELL), (15, StepKind.PASS_ON)]
