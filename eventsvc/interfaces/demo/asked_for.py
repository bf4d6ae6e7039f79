"""What colleges ask the Port for in the demo: six requests that wait, one that was answered with another date and one
that became an event; dates that are offered to all colleges, and a round that is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.times import to_wall
from eventsvc.core.working_days import days_after, days_between, is_working_day
from eventsvc.domain.accounts import ADMINISTRATOR, Actor
from eventsvc.domain.accounts.acting import actor_of
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.events.models import EventKind
from eventsvc.domain.requests.models import Format, Request
from eventsvc.domain.requests.rounds import Round
from eventsvc.domain.requests.windows import SaidWindow
from eventsvc.interfaces.demo import tables
from eventsvc.interfaces.demo.days import ZONE, at, working_day
from eventsvc.interfaces.demo.scenes import Act
from eventsvc.workflows import grant_rounds, offer_dates
from eventsvc.workflows.answer_request import Choice, OtherDate, offer_other, plan_request
from eventsvc.workflows.ask_partner import AskedFor, ask_partner
from eventsvc.workflows.converse_about_request import write_about_request
from eventsvc.workflows.match_experts import matches_of

PLANNER, PARTNERS_PLANNER = "planner@pcc.example", "outreach.planner@port.example"
COLLEGE, CAMPUS = "pcc-career-center", "pasadena-city-college"
ROUND = "Spring term"
OFFERED_OTHER, MADE_AN_EVENT = "A crane driver's morning", "Planning routes for a thousand trucks"
OFFERED = (
    (18, time(10), "Walk the electric terminal", "egret-example", "zero-emission-operations"),
    (24, time(13), "Ask a harbor biologist", "cormorant-example", "environmental-stewardship"),
)


def acts(today: date) -> Iterator[Act]:
    """Everything that is asked and answered before the demo starts on that local day."""
    yield at(days_ago(today, 3), time(8)), True, partial(_open_round, today)
    for number, row in enumerate(tables.rows("requests")):
        asked_at = at(days_ago(today, int(row["waits"])), time(9, 10 * number + 5))
        yield asked_at, False, partial(_ask, row, today)
    yield at(days_ago(today, 8), time(14)), False, partial(_ask_as_college, MADE_AN_EVENT, "skilled-trades", today)
    yield at(days_ago(today, 4), time(11)), False, partial(_make_an_event, today)
    yield at(days_ago(today, 3), time(14)), False, partial(_ask_as_college, OFFERED_OTHER, "skilled-trades", today)
    yield at(days_ago(today, 2), time(15)), False, partial(_offer_other, today)
    yield at(days_ago(today, 2), time(16)), False, _talk
    yield at(days_ago(today, 6), time(9)), True, partial(_publish_dates, today)


def days_ago(today: date, working_days: int) -> date:
    """The last day from which so many working days have passed until today, as ages of requests are counted."""
    day = today
    while days_between(day, today) < working_days or not is_working_day(day):
        day -= timedelta(days=1)
    return day


def somebody(email: str) -> Actor:
    """Whoever signs in by that address."""
    return actor_of(db.session.scalars(select(Account).where(Account.email == email)).one())


def _ask(row: dict[str, str], today: date, now: datetime) -> None:
    campus = db.session.scalars(select(Campus).where(Campus.slug == row["campus"])).one()
    offices = select(Office).where(Office.organization_id == campus.organization_id, Office.slug.endswith("-center"))
    asked = AskedFor(
        partner=tables.PORT,
        title=row["title"],
        windows=tuple(_window(text, today) for text in tables.listed(row["windows"])),
        asker=db.session.scalars(offices).one().slug,
        campus=row["campus"],
        round=_round() if row["round"] else None,
        kind=EventKind(row["kind"]),
        description=row["description"],
        audience=tables.listed(row["audience"]),
        language=row["language"],
        format=Format(row["format"]),
        duration_minutes=int(row["minutes"]),
        expected_heads=int(row["heads"]),
        accommodations=row["accommodations"],
        topics=tables.listed(row["topics"]),
    )
    ask_partner(asked, actor=ADMINISTRATOR, now=now)


def _window(text: str, today: date) -> SaidWindow:
    """ "12-16 9:00-12:00": from the twelfth working day after today to the sixteenth, and between which hours."""
    days, hours = text.split()
    first, last = (days_after(today, int(number)) for number in days.split("-"))
    begins, ends = (_minutes(clock) for clock in hours.split("-"))
    return SaidWindow(first_on=first, last_on=last, from_minute=begins, until_minute=ends)


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _open_round(today: date, now: datetime) -> None:
    grant_rounds.open_round(tables.PORT_OFFICE, ROUND, days_after(today, 5), actor=somebody(PARTNERS_PLANNER), now=now)


def _round() -> str:
    return str(db.session.scalars(select(Round.public_id).where(Round.title == ROUND)).one())


def _ask_as_college(title: str, topic: str, today: date, now: datetime) -> None:
    """By somebody of Pasadena's career center: it stands among her own requests."""
    asked = AskedFor(
        partner=tables.PORT,
        title=title,
        windows=(_window("6-15 9:00-12:00", today),),
        asker=COLLEGE,
        campus=CAMPUS,
        audience=("students",),
        expected_heads=25,
        topics=(topic,),
    )
    ask_partner(asked, actor=somebody(PLANNER), now=now)


def _asked(title: str) -> str:
    return str(db.session.scalars(select(Request.public_id).where(Request.title == title)).one())


def _make_an_event(today: date, now: datetime) -> None:
    """The Port takes the first of its people who fits, as its page offers."""
    partner, asked = somebody(PARTNERS_PLANNER), _asked(MADE_AN_EVENT)
    fits = (one for one in matches_of(asked, actor=partner, now=now)[1] if one.span is not None)
    if (best := next(fits, None)) is not None and best.span is not None:
        choice = Choice(starts_local=to_wall(best.span.start, ZONE), experts=(best.expert.slug,))
        plan_request(asked, choice, actor=partner, now=now)


def _offer_other(today: date, now: datetime) -> None:
    starts = datetime.combine(days_after(today, 17), time(10))
    other = OtherDate(starts_local=starts, note="Our crane drivers are at sea school that week. Would this do?")
    offer_other(_asked(OFFERED_OTHER), other, actor=somebody(PARTNERS_PLANNER), now=now)


def _talk(now: datetime) -> None:
    for email, words in _REMARKS:
        write_about_request(_asked(OFFERED_OTHER), words, actor=somebody(email), now=now)


_REMARKS = (
    (PLANNER, "Thank you. Mornings are best for us: the class meets at nine. Is ten the earliest?"),
    (PARTNERS_PLANNER, "It is: the shift changes at eight, and the way to you takes an hour."),
)


def _publish_dates(today: date, now: datetime) -> None:
    for day, clock, title, expert, topic in OFFERED:
        said = offer_dates.Publication(
            office=tables.PORT_OFFICE,
            title=title,
            starts_local=datetime.combine(working_day(today, day), clock),
            duration_minutes=60,
            expert=expert,
            topics=(topic,),
        )
        offer_dates.publish_date(said, actor=somebody(PARTNERS_PLANNER), now=now)
