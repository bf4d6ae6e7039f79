"""Things to show on the component sheet: events and letters that stand in no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import iso, local_day
from eventsvc.domain.directory.models import Campus, Organization, Room
from eventsvc.domain.events.models import Event, EventKind, Status, Visibility
from eventsvc.domain.events.promises import promise
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.demo.days import ZONE
from eventsvc.interfaces.web.clash_words import Reason, reason_of
from eventsvc.interfaces.web.forms import Form

_NUMBER = UUID("00000000-0000-4000-8000-000000000000")
# Nobody translates a title: it is what somebody typed.
_LONG = "Careers in environmental stewardship, zero-emission operations and changing technologies at the Port"
_UNBROKEN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
_ARABIC = "يوم المهن في الميناء"


def event(now: datetime, **changes: Any) -> Event:
    """A confirmed, published information session a week from now, with those things otherwise."""
    starts_at = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
    campus = Campus(slug="a-college", name="Harbor College", address="1 Harbor Way", zone=ZONE)
    facts: dict[str, Any] = {
        "public_id": _NUMBER,
        "kind": EventKind.INFO_SESSION,
        "title": "Careers at the Port",
        "visibility": Visibility.PUBLIC,
        "zone": ZONE,
        "campus": campus,
        "rooms": [Room(slug="a-room", name="Lighthouse Room", campus=campus)],
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=90),
        "starts_on": local_day(starts_at, ZONE),
        "duration_minutes": 90,
        "all_day": False,
        "days": 1,
        "online_url": "",
        "description": "",
        "status": Status.CONFIRMED,
        "published_at": now,
    }
    made = Event(**{**facts, **changes})
    promise(made)
    return made


def events(now: datetime) -> list[Event]:
    """An event in each state in which a card can be."""
    whole_day = {"all_day": True, "days": 2, "duration_minutes": None, "ends_at": now + timedelta(days=9)}
    return [
        event(now),
        event(now, kind=EventKind.WORKSHOP, title="Résumés for the skilled trades", status=Status.REQUESTED, rooms=[]),
        event(now, kind=EventKind.CONVENING, title="Partners of the harbor", status=Status.CANCELLED),
        event(now, kind=EventKind.SITE_VISIT, title="A walk along the terminals", status=Status.POSTPONED),
        event(now, kind=EventKind.RECRUITMENT_FAIR, title="Autumn fair", **whole_day),
        event(
            now, kind=EventKind.SCHOOL_NIGHT, title="Ask us from home", campus=None, rooms=[], online_url="https://x"
        ),
        event(now, kind=EventKind.RESEARCH_ACTIVITY, title=_LONG),
        event(now, kind=EventKind.MEETING, title=_UNBROKEN),
        event(now, title=_ARABIC),
    ]


def of_each_kind(now: datetime) -> list[Event]:
    """An event of each kind."""
    return [event(now, kind=kind) for kind in EventKind]


def of_each_status(now: datetime) -> list[Event]:
    """An event in each status, as those see it who plan."""
    return [event(now, status=status) for status in Status]


def of_each_hiding(now: datetime) -> list[Event]:
    """Events that not everybody sees."""
    return [
        event(now, published_at=None),
        event(now, visibility=Visibility.ORGANIZATIONS),
        event(now, visibility=Visibility.PRIVATE),
    ]


def letters(now: datetime) -> list[Message]:
    """A letter in each state in which it can be."""
    return [
        Message(
            public_id=_NUMBER,
            letter="invitation",
            to_address="pelican@port.example",
            to_name="Pelican Example",
            language="en",
            facts={"event": {"zone": ZONE, "title": "Careers at the Port"}},
            state=state,
            created_at=now,
        )
        for state in MessageState
    ]


def reasons(now: datetime) -> list[Reason]:
    """A clash of each kind."""
    room = {"type": "room", "slug": "a-room", "name": "Lighthouse Room"}
    expert = {"type": "expert", "slug": "an-expert", "name": "Pelican Example"}
    pool = {"type": "pool", "slug": "interpreters", "name": "ASL interpreters"}
    campus = {"type": "campus", "slug": "there", "name": "Harbor College"}
    held = {"event": None, "title": "Careers at the Port", "office": "Harbor College Career Center", "campus": "there"}
    hidden = {"event": None, "title": None, "office": "Harbor College Career Center", "campus": None}
    wanted, busy = _hours(now, 2, 4), _hours(now, 3, 5)
    timed = {"wanted": wanted, "busy": busy}
    untimed = {"wanted": wanted, "busy": None, "with": None}
    clashes: list[dict[str, Any]] = [
        {"kind": "overlap", "resource": room, "with": held, **timed},
        {"kind": "overlap", "resource": expert, "with": hidden, **timed},
        {
            **{"kind": "travel", "resource": expert, "with": held, "wanted": _hours(now, 4, 6)},
            **{"busy": _hours(now, 1, 3), "travel_minutes": 70, "gap_minutes": 15},
        },
        {"kind": "limit", "resource": expert, "limit": 2, "per": "week", "booked": 2, **untimed},
        {"kind": "capacity", "resource": room, "capacity": 20, "expected_heads": 40, **untimed},
        {
            "kind": "closed",
            "resource": room,
            "because": "finals",
            "title": "Finals week",
            "as_of": None,
            "with": None,
            **timed,
        },
        {"kind": "closed", "resource": room, "because": "hours", "hours": [("08:00", "17:30")], **untimed},
        {"kind": "leave", "resource": expert, "with": None, **timed},
        {"kind": "busy_elsewhere", "resource": expert, "as_of": iso(now - timedelta(hours=3)), "with": None, **timed},
        {"kind": "notice", "resource": pool, "notice_days": 5, "days_left": 2, **untimed},
        {"kind": "audience", "resource": campus, "audience": "Nursing students", "with": held, **timed},
    ]
    return [reason_of({"part": None, **clash}, {"there": "Harbor College"}, ZONE) for clash in clashes]


def _hours(now: datetime, first: int, last: int) -> dict[str, str]:
    day = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
    begins, ends = (iso(day + timedelta(hours=hours)) for hours in (first, last))
    return {"from": begins, "until": ends, "zone": ZONE}


def form() -> Form:
    """A form that was filled and refused."""
    values = [("filled", "Careers at the Port"), ("wrong", "tomorrow"), ("topics", "second"), ("lasts", "hours")]
    filled = Form(MultiDict([*values, ("date", "2027-02-10"), ("time", "14:00"), ("chosen", "second")]))
    filled.refuse(InvalidInput([("wrong", say("is not a whole number"))]))
    return filled


def choices() -> list[Organization]:
    """Entries of a list to choose from."""
    return [
        Organization(slug="first", name="Harbor College"),
        Organization(slug="second", name="Pasadena City College"),
    ]
