"""Links for helpers at the door, and counting who comes: one event, one local day, no names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, LinkExpired, NotAllowed, WrongState, say
from eventsvc.core.times import day_start, local_day
from eventsvc.domain.accounts import Actor, Role, may_count_heads
from eventsvc.domain.accounts.actors import Held
from eventsvc.domain.attendance.models import DoorLink, HeadCount
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.permits import whose

# For counting up once the doors are closed.
AFTER_THE_DAY = timedelta(hours=6)
MOST = 100_000
_MISSING = say("This link is not one of ours; it may have been cut off when it was copied.")


def days_of(event: Event) -> list[date]:
    """The local days of an event."""
    last = local_day(event.ends_at - timedelta(microseconds=1), event.zone)
    return [event.starts_on + timedelta(days=number) for number in range((last - event.starts_on).days + 1)]


def make(event: Event, day: date, *, actor: Actor, now: datetime) -> DoorLink:
    """A link for that day of the event. Refuses: InvalidInput for another day; WrongState where it is over or off."""
    if day not in days_of(event):
        raise InvalidInput({"day": say("is no day of this event")})
    expires_at = day_start(day + timedelta(days=1), event.zone) + AFTER_THE_DAY
    if now >= expires_at or event.status in OFF:
        raise WrongState(say("There is no door to help at: the day is over, or the event is off."))
    link = DoorLink(event=event, day=day, made_at=now, made_by=actor.name, expires_at=expires_at)
    db.session.add(link)
    db.session.flush()
    return link


def get_open(link_id: str | UUID, now: datetime) -> DoorLink:
    """The link of that id on its day.

    Refuses: NotFound; LinkExpired when it was ended, its day is over or the event has moved away from it; WrongState
    before its day has come.
    """
    query = select(DoorLink).execution_options(populate_existing=True)  # asked again once the event is locked
    link = public_ids.get(query, DoorLink.public_id, link_id, _MISSING)
    if link.revoked_at is not None or now >= link.expires_at or link.day not in days_of(link.event):
        raise LinkExpired(say("This link is over. Ask the office in charge for another one."), subject=str(link_id))
    if now < day_start(link.day, link.event.zone):
        raise WrongState(say("This link is for another day: it opens on %(day)s.", day=link.day))
    return link


def actor_of(link: DoorLink) -> Actor:
    """Who acts by a link: a helper at one door on one day, and nothing else."""
    return Actor(f"door {link.public_id}", (Held(Role.DOOR_HELPER, door=(link.event_id, link.day)),))


def in_force(event_id: int, now: datetime) -> Sequence[DoorLink]:
    """The links of an event that open still, or will."""
    mine = DoorLink.event_id == event_id, DoorLink.revoked_at.is_(None), DoorLink.expires_at > now
    return db.session.scalars(select(DoorLink).where(*mine).order_by(DoorLink.day, DoorLink.id)).all()


def get_of_event(event: Event, link_id: str | UUID) -> DoorLink:
    """A link of that event; refuses NotFound."""
    return public_ids.get(select(DoorLink).where(DoorLink.event_id == event.id), DoorLink.public_id, link_id, _MISSING)


def tag_of_link(link: DoorLink) -> str:
    """A link changes once, when it is ended; its day needs no change to be over."""
    return "ended" if link.revoked_at else "in-force"


def heads_on(event_id: int, day: date) -> int | None:
    """How many came that day; None where nobody has counted."""
    return db.session.scalar(select(HeadCount.heads).where(HeadCount.event_id == event_id, HeadCount.day == day))


def counts_of(event_id: int) -> list[HeadCount]:
    """How many came on each day that was counted."""
    return counts_of_events([event_id])[event_id]


def counts_of_events(event_ids: Collection[int]) -> dict[int, list[HeadCount]]:
    """The same of many events in one query, by event id; no entry is missing."""
    by_event: dict[int, list[HeadCount]] = {event_id: [] for event_id in event_ids}
    found = select(HeadCount).where(HeadCount.event_id.in_(by_event)).order_by(HeadCount.day)
    for count in db.session.scalars(found) if by_event else ():
        by_event[count.event_id].append(count)
    return by_event


def add_heads(event: Event, day: date, more: int, *, actor: Actor, now: datetime) -> int:
    """Count so many more, or fewer where `more` is negative, of an event that is locked; returns how many came.

    Refuses: NotAllowed at another door; InvalidInput below nobody, and beyond what any hall holds.
    """
    if not may_count_heads(actor, (event.id, day), whose(event), event.kind):
        raise NotAllowed(say("This link counts at one door, on one day."))
    found = db.session.scalar(select(HeadCount).where(HeadCount.event_id == event.id, HeadCount.day == day))
    if found is None:
        db.session.add(found := HeadCount(event_id=event.id, day=day, heads=0, counted_at=now))
    if not 0 <= found.heads + more <= MOST:
        raise InvalidInput({"more": say("must leave between 0 and %(most)s", most=f"{MOST:,}")})
    found.heads, found.counted_at = found.heads + more, now
    db.session.flush()
    return found.heads
