"""What is owed after an event, and when: its host is asked twice for one number, then it is missing; thanks follow.

All terms of it stand here. Working days and hours are those of the host's office, in its zone: Monday to Friday,
holidays are not known.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select

from eventsvc.core.db import Free, anything, db
from eventsvc.core.times import local_day, to_utc, to_wall
from eventsvc.core.working_days import days_after, is_working_day
from eventsvc.domain.attendance.models import HAS_A_DATE, Attendance, Standing
from eventsvc.domain.events.models import Event

# The morning after: so many working days after the last day of the event. Then again, and then it is given up.
ASKED_AFTER_WORKING_DAYS = (1, 3)
GIVEN_UP_AFTER_WORKING_DAYS = 3
OPENS, CLOSES = time(9), time(17)
# A number may be a slip: thanks leave some time after it was said, with what it is then.
THANKED_AFTER = timedelta(hours=1)
# For so long the number and the feedback may be said, and changed, by a link.
TAKEN_FOR = timedelta(days=30)
# What ended longer ago when the service learns of it (an import, a scheduler that slept) is asked about no more.
ASKED_WITHIN = timedelta(days=14)


class Step(StrEnum):
    """What is next for an event that took place."""

    ASK = "ask"
    GIVE_UP = "give_up"
    THANK = "thank"


def begin(event: Event, now: datetime) -> None:
    """Plan what is owed for an event, locked, that has just been completed; doing it again changes nothing.

    Its number may be there already: the host need not wait for a letter.
    """
    if event.ends_at <= now - ASKED_WITHIN or db.session.get(Attendance, event.id) is not None:
        return
    first, _ = ASKED_AFTER_WORKING_DAYS
    db.session.add(
        Attendance(event=event, standing=Standing.AWAITED, due_at=_morning_after(last_day(event), first, event))
    )


def last_day(event: Event) -> date:
    """The last day of the event on the calendar of the host's office."""
    return local_day(event.ends_at - timedelta(microseconds=1), event.owner.zone)


def due(now: datetime, *, limit: int, free: Free = anything) -> list[tuple[int, str]]:
    """Ids and public ids of the events for which something is due, the longest due first."""
    query = select(Event.id, Event.public_id).join(Attendance, Attendance.event_id == Event.id)
    query = query.where(HAS_A_DATE, Attendance.due_at <= now, free(Event.id))
    rows = db.session.execute(query.order_by(Attendance.due_at, Event.id).limit(limit))
    return [(number, str(public_id)) for number, public_id in rows]


def next_due_at(free: Free = anything) -> datetime | None:
    """When something is due first, or None; of events that are free."""
    waiting = select(Attendance.due_at).where(HAS_A_DATE, free(Attendance.event_id))
    return db.session.scalar(waiting.order_by(Attendance.due_at).limit(1))


def next_step(row: Attendance) -> Step:
    """What becomes of it when its time has come."""
    if row.standing is not Standing.AWAITED:
        return Step.THANK
    return Step.ASK if row.times_asked < len(ASKED_AFTER_WORKING_DAYS) else Step.GIVE_UP


def after_asking(row: Attendance, now: datetime) -> datetime:
    """When the host, asked now, is asked again, or the number given up."""
    waits = (*ASKED_AFTER_WORKING_DAYS[1:], GIVEN_UP_AFTER_WORKING_DAYS)
    return _morning_after(local_day(now, row.event.owner.zone), waits[row.times_asked - 1], row.event)


def thanks_due(event: Event, now: datetime) -> datetime:
    """When people are thanked for whom the number was said now."""
    return open_from(max(now + THANKED_AFTER, event.ends_at), event.owner.zone)


def open_from(instant: datetime, zone: str) -> datetime:
    """The instant itself within working hours, else the next opening."""
    wall = to_wall(instant, zone)
    if is_working_day(wall.date()) and OPENS <= wall.time() < CLOSES:
        return instant
    days = 0 if is_working_day(wall.date()) and wall.time() < OPENS else 1
    return _opening(days_after(wall.date(), days), zone)


def taken_until(event: Event) -> datetime:
    """Until when links take the number and the feedback."""
    return event.ends_at + TAKEN_FOR


def _morning_after(day: date, working_days: int, event: Event) -> datetime:
    return _opening(days_after(day, working_days), event.owner.zone)


def _opening(day: date, zone: str) -> datetime:
    return to_utc(datetime.combine(day, OPENS), zone, "earlier")
