"""What became of asking in the demo: an understudy who agreed beforehand, somebody who said no and somebody who was
passed over, three people who wait for their release, and what hosts and speakers said afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken
from eventsvc.core.working_days import days_after
from eventsvc.domain.accounts import ADMINISTRATOR, Actor
from eventsvc.domain.attendance.counting import Count
from eventsvc.domain.attendance.models import Feedback
from eventsvc.domain.events.models import Event, EventKind
from eventsvc.domain.events.schedule import When
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.interfaces.demo.asked_for import CAMPUS, COLLEGE, PLANNER, days_ago, somebody
from eventsvc.interfaces.demo.days import at, is_working_day, working_day
from eventsvc.interfaces.demo.scenes import Act
from eventsvc.workflows.after_event import give_feedback, say_count_by_link
from eventsvc.workflows.confirm_event import answer_invitation, confirm_as_host
from eventsvc.workflows.line_ups import SaidSeat
from eventsvc.workflows.plan_event import Plan, plan_event
from eventsvc.workflows.publish_event import publish_event

UNDERSTUDIED, DECLINED, PASSED_OVER = "Careers in the carbon market", "Robots on the night shift", "Tugs and tides"
UNDERSTUDY, SAID_NO, WAS_SILENT = "grebe-example", "egret-example", "sandpiper-example"
TO_RELEASE = (
    ("Trucks, trains and timetables", "tern-example", "logistics-and-supply-chain"),
    ("From ship to shelf: a working day", "osprey-example", "goods-movement"),
    ("Herons and harbors", "heron-example", "environmental-stewardship"),
)


class Afterwards(NamedTuple):
    """Of an event of the programme: its working day, how many came, students among them, and how it was found."""

    day: int
    title: str
    heads: int
    students: int | None
    score: int | None  # None: nobody has answered the two questions
    comment: str = ""


COUNTED = (
    Afterwards(-15, "What a port does all night", 41, 36, 5, "More time for questions."),
    Afterwards(-12, "Reading a job posting of a public employer", 19, None, 4),
    Afterwards(-6, "Autumn of Opportunity fair", 88, 70, None),
)
MISSING = "Clean air at the water's edge"


def acts(today: date) -> Iterator[Act]:
    """Everything that is done before the demo starts on that local day."""
    yield at(days_ago(today, 11), time(10)), False, partial(_plan, _passed_over(today))
    yield at(today - timedelta(days=9), time(11)), False, partial(_plan, _understudied(today))
    yield at(today - timedelta(days=8), time(9)), False, partial(_answer, UNDERSTUDIED, AnswerWord.ACCEPT, "")
    yield at(today - timedelta(days=7), time(11)), False, partial(_plan, _declined(today))
    reason = "I am at a conference that week."
    yield at(days_ago(today, 2), time(13)), False, partial(_answer, DECLINED, AnswerWord.DECLINE, reason)
    yield at(days_ago(today, 1), time(14)), False, partial(_plan_for_college, today)
    for one in COUNTED:
        ended = working_day(today, one.day)
        yield at(days_after(ended, 1), time(10)), False, partial(_count, one)
        yield at(days_after(ended, 2), time(11)), False, partial(_say_how_it_was, one)


def _passed_over(today: date) -> Plan:
    """Nobody answers the letters of eight working days: the next is asked."""
    place = {
        "campus": "los-angeles-southwest-college",
        "rooms": ("lasc-career-room",),
        "topics": ("maritime-industry",),
    }
    seat = SaidSeat(expert=WAS_SILENT, then=("plover-example",))
    return _session(PASSED_OVER, working_day(today, 20), time(11), seats=(seat,), **place)


def _understudied(today: date) -> Plan:
    """Somebody agreed beforehand to come if needed: their time is held softly."""
    place = {"campus": "west-los-angeles-college", "rooms": ("wlac-terrace-room",), "topics": ("decarbonization",)}
    seat = SaidSeat(expert="cormorant-example", then=(UNDERSTUDY,), understudies=(UNDERSTUDY,))
    return _session(UNDERSTUDIED, working_day(today, 19), time(13), seats=(seat,), **place)


def _declined(today: date) -> Plan:
    """A no: the next of the line-up is asked at once, and has not answered yet."""
    place = {"campus": "los-angeles-city-college", "rooms": ("lacc-career-lab",), "topics": ("changing-technologies",)}
    seat = SaidSeat(expert=SAID_NO, then=("tern-example",))
    return _session(DECLINED, working_day(today, 16), time(11), seats=(seat,), **place)


def _session(title: str, day: date, clock: time, **more: Any) -> Plan:
    """An hour for some students; every room of these takes two dozen."""
    return Plan(
        kind=EventKind.INFO_SESSION,
        title=title,
        when=When(starts_local=datetime.combine(day, clock), duration_minutes=60),
        audience=("students",),
        expected_heads=24,
        **more,
    )


def _plan(plan: Plan, now: datetime, actor: Actor = ADMINISTRATOR) -> None:
    event = str(plan_event(plan, actor=actor, now=now).public_id)
    publish_event(event, actor=actor, now=now)
    confirm_as_host(event, actor=actor, now=now)


def _event(title: str) -> Event:
    return db.session.scalars(select(Event).where(Event.title == title)).one()


def _answer(title: str, word: AnswerWord, reason: str, now: datetime) -> None:
    """Whoever was named first says that, by the link of the letter."""
    invitation = asking.of_event(_event(title).id)[0]
    answer_invitation(str(invitation.public_id), word, turn=invitation.turn, reason=reason, now=now)


def _plan_for_college(today: date, now: datetime) -> None:
    """Somebody of the college asks for three people in one week; the Port has not released them yet."""
    for monday in _weeks(today):
        attempt = db.session.begin_nested()
        try:
            _plan_week(monday, now)
            attempt.commit()
        except SlotTaken:
            attempt.rollback()
            continue
        return


def _weeks(today: date) -> Iterator[date]:
    """Mondays of weeks of five working days, from the next but one on."""
    monday = today + timedelta(days=14 - today.weekday())
    for number in range(10):
        first = monday + timedelta(weeks=number)
        if all(is_working_day(first + timedelta(days=day)) for day in range(5)):
            yield first


def _plan_week(monday: date, now: datetime) -> None:
    actor = somebody(PLANNER)
    for number, (title, expert, topic) in enumerate(TO_RELEASE, start=1):
        where = {"campus": CAMPUS, "owner": COLLEGE, "rooms": ("pcc-arroyo-room",)}
        day = monday + timedelta(days=number)
        _plan(_session(title, day, time(10), experts=(expert,), topics=(topic,), **where), now, actor)


def _count(said: Afterwards, now: datetime) -> None:
    """The host says by the link of the letter how many came, and that who was named has spoken."""
    event = _event(said.title)
    spoke = [expert.slug for expert in event.experts]
    heads = Count(heads=said.heads, students=said.students)
    say_count_by_link(str(event.public_id), heads, spoke, "", now=now)


def _say_how_it_was(said: Afterwards, now: datetime) -> None:
    """Host and speakers answer the two questions."""
    if said.score is None:
        return
    asked = select(Feedback).where(Feedback.event_id == _event(said.title).id).order_by(Feedback.id)
    for one in db.session.scalars(asked).all():
        words = said.comment if one.expert_id is None else ""
        give_feedback(str(one.public_id), said.score, words, now=now)
