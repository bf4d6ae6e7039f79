"""The rule by which silence is followed up: when a person is chased, the partner's office told, the next one asked.

Pure: it takes when the person was asked, when the event starts, and the habits of the partner; no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from eventsvc.core import working_hours
from eventsvc.core.times import local_day
from eventsvc.core.working_days import days_after
from eventsvc.core.working_hours import WorkingHours


class StepKind(StrEnum):
    """What is done about silence."""

    CHASE = "chase"  # one more letter to the person
    TELL = "tell"  # the partner's office learns of the silence; of its own, the host's office does
    PASS_ON = "pass_on"  # the next is asked


class Step(NamedTuple):
    """What is done when, if the person is silent until then."""

    at: datetime
    kind: StepKind


@dataclass(frozen=True, slots=True)
class Habits:
    """How a partner's people are chased: working days after the asking, calendar days before the event."""

    chase_after: tuple[int, ...] = (3, 6)
    chase_before: tuple[int, ...] = (14, 7, 3)
    tell_after: int = 7
    pass_on_after: int = 8


def steps(
    asked_at: datetime,
    starts_at: datetime,
    habits: Habits,
    hours: WorkingHours,
    *,
    is_tentative: bool = False,
    lettered: Collection[date] = (),
) -> list[Step]:
    """Everything that follows on an asking, in order; `hours` are the person's.

    Times:   in working hours, after the asking and before the event. Steps after the asking keep its minute of the day,
             pulled into working hours; those before the event come with the beginning of work, on the working day
             before where theirs is none. What is past at the asking is left out.
             Telling and passing on come early where the event would be over before: on the last two working days
             before the day of the event.
    Letters: at most one chase a local day, none on the day of the asking, none on days in `lettered` (a reminder), none
             once the next is asked. Who may come is not passed over, and chased only before the event.
    """
    found = [] if is_tentative else _after_the_asking(asked_at, starts_at, habits, hours)
    end = next((step.at for step in found if step.kind is StepKind.PASS_ON), starts_at)
    chases = _chases(asked_at, starts_at, habits, hours, is_tentative=is_tentative)
    days = {local_day(asked_at, hours.zone), *lettered}
    for at in sorted(chases):
        day = local_day(at, hours.zone)
        if asked_at < at < end and day not in days:
            days.add(day)
            found.append(Step(at, StepKind.CHASE))
    return sorted(found, key=lambda step: (step.at, list(StepKind).index(step.kind)))


def next_after(planned: Sequence[Step], instant: datetime) -> datetime | None:
    """When the first step after that instant is, or None."""
    return next((step.at for step in planned if step.at > instant), None)


def due(planned: Sequence[Step], done_until: datetime, now: datetime) -> set[StepKind]:
    """What has come due since the steps up to `done_until` were done: each kind once, however late."""
    return {step.kind for step in planned if done_until < step.at <= now}


def _chases(
    asked_at: datetime, starts_at: datetime, habits: Habits, hours: WorkingHours, *, is_tentative: bool
) -> Iterator[datetime]:
    if not is_tentative:
        yield from (_after(asked_at, days, hours) for days in habits.chase_after)
    start_day = local_day(starts_at, hours.zone)
    for days in habits.chase_before:
        yield hours.opening(working_hours.on_or_before(start_day - timedelta(days=days), hours.holidays))


def _after_the_asking(asked_at: datetime, starts_at: datetime, habits: Habits, hours: WorkingHours) -> list[Step]:
    eve = working_hours.before(local_day(starts_at, hours.zone), hours.holidays)
    day_before = working_hours.before(eve, hours.holidays)
    pass_on = min(_after(asked_at, habits.pass_on_after, hours), hours.opening(eve))
    tell = min(_after(asked_at, habits.tell_after, hours), hours.opening(day_before))
    both = [Step(tell, StepKind.TELL), Step(pass_on, StepKind.PASS_ON)]
    return [step for step in both if asked_at < step.at < starts_at]


def _after(asked_at: datetime, days: int, hours: WorkingHours) -> datetime:
    day = days_after(local_day(asked_at, hours.zone), days, hours.holidays)
    return hours.at(day, working_hours.minute_of(asked_at, hours.zone))
