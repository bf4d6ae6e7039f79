"""What a college has so far: read once, asked by the steps of setting up and by what is still missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select

from eventsvc.core.db import db
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.roles import GRANTED, Permission, Role
from eventsvc.domain.directory.models import Campus, Expert, ExpertTopic, Office, Organization, Room
from eventsvc.domain.events.models import Event, Visibility
from eventsvc.domain.feeds import polls
from eventsvc.domain.outbox import sender

Entry = TypeVar("Entry", Office, Campus, Room)
_PLANNING = [role for role, may in GRANTED.items() if Permission.PLAN in may and role is not Role.ADMINISTRATOR]
# Titles made of nothing but these words are tries, when one of the first kind is among them.
_OF_TRIES = {"test", "tests", "testing", "prueba", "pruebas", "asdf", "qwerty", "xxx", "demo"}
_BESIDE = {"a", "an", "the", "my", "new", "first", "event", "session", "evento", "sesión", "nuevo", "un", "una", "de"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a college has; `people` may plan for one of its offices, `experts` are lent from house to house."""

    college: Organization
    offices: Sequence[Office]
    campuses: Sequence[Campus]
    rooms: Sequence[Room]
    people: Sequence[Account]
    experts: int
    experts_with_topics: int
    events: Sequence[tuple[str, str]]  # public id and title of what is public and lies ahead
    fetched: frozenset[str]  # slugs of the campuses whose feed a program has asked for
    is_sender_proved: bool

    @property
    def tries(self) -> list[tuple[str, str]]:
        """Public events whose titles say that somebody was trying things out."""
        return [(number, title) for number, title in self.events if looks_like_a_try(title)]


def standing_of(college: Organization, default_sender: str, now: datetime) -> Standing:
    """What it has, in a fixed number of queries; `default_sender` is the environment's."""
    offices, campuses, rooms = offices_of(college), campuses_of(college), rooms_of(college)
    experts, with_topics = _experts()
    fed = polls.fetched([f"campus:{campus.slug}" for campus in campuses])
    return Standing(
        college=college,
        offices=offices,
        campuses=campuses,
        rooms=rooms,
        people=people_of(college),
        experts=experts,
        experts_with_topics=with_topics,
        events=_events(offices, campuses, now),
        fetched=frozenset(key.removeprefix("campus:") for key in fed),
        is_sender_proved=sender.is_proved(default_sender),
    )


def offices_of(college: Organization) -> list[Office]:
    """Its offices in use, the oldest first."""
    return _in_use(Office, Office.organization_id == college.id)


def campuses_of(college: Organization) -> list[Campus]:
    """Its campuses in use, the oldest first."""
    return _in_use(Campus, Campus.organization_id == college.id)


def rooms_of(college: Organization) -> list[Room]:
    """The rooms in use on its campuses, the oldest first."""
    there = select(Campus.id).where(Campus.organization_id == college.id, Campus.retired_on.is_(None))
    return _in_use(Room, Room.campus_id.in_(there))


def people_of(college: Organization) -> list[Account]:
    """Who may plan for one of its offices, or for all of it."""
    offices = select(Office.id).where(Office.organization_id == college.id, Office.retired_on.is_(None))
    here = or_(Grant.organization_id == college.id, Grant.office_id.in_(offices))
    granted = select(Grant.account_id).where(Grant.ended_at.is_(None), Grant.role.in_(_PLANNING), here)
    query = select(Account).where(Account.ended_at.is_(None), Account.id.in_(granted)).order_by(Account.id)
    return list(db.session.scalars(query))


def looks_like_a_try(title: str) -> bool:
    """True for "Test", "my test event 2", "TEST: careers"; false for "Skills test at the port"."""
    words = re.findall(r"[^\W\d_]+", title.casefold())
    shouted = re.match(r"\W*(TEST|PRUEBA)\b", title) is not None
    return shouted or (bool(_OF_TRIES & set(words)) and set(words) <= _OF_TRIES | _BESIDE)


def _in_use(kind: type[Entry], where: ColumnElement[bool]) -> list[Entry]:
    query = select(kind).where(kind.retired_on.is_(None), where).order_by(kind.id)
    return list(db.session.scalars(query))


def _experts() -> tuple[int, int]:
    """How many there are to ask, and how many of them have topics."""
    in_use = select(func.count()).select_from(Expert).where(Expert.retired_on.is_(None))
    speaking = in_use.where(Expert.id.in_(select(ExpertTopic.expert_id)))
    return db.session.scalar(in_use) or 0, db.session.scalar(speaking) or 0


def _events(offices: Sequence[Office], campuses: Sequence[Campus], now: datetime) -> list[tuple[str, str]]:
    its_own = or_(
        Event.owner_id.in_([office.id for office in offices]), Event.campus_id.in_([campus.id for campus in campuses])
    )
    query = select(Event.public_id, Event.title).where(
        its_own, Event.published_at.is_not(None), Event.visibility == Visibility.PUBLIC, Event.promised_ends_at > now
    )
    return [(str(number), title) for number, title in db.session.execute(query.order_by(Event.promised_starts_at))]
