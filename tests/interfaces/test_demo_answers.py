"""From a wish to the register in a demo: what waits, what was answered, who comes instead, and what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import current_app
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.times import local_day, to_wall
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.attendance import counting
from eventsvc.domain.attendance.models import Attendance, Standing
from eventsvc.domain.booking.models import Reservation, State
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import InvitationState
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.requests import standing
from eventsvc.domain.requests.models import Request, RequestState
from eventsvc.domain.requests.offered import OfferedDate, OfferStanding
from eventsvc.domain.requests.rounds import Round, RoundStanding
from eventsvc.interfaces.demo import answers, asked_for
from eventsvc.interfaces.demo.days import ZONE, first_day
from eventsvc.workflows import match_experts, release_people
from eventsvc.workflows.converse_about_request import read_about_request
from tests import databases, demos
from tests.conftest import NOW
from tests.databases import SqliteDatabases
from tests.demos import ON_A_SUNDAY


@pytest.fixture(scope="module", params=[NOW, ON_A_SUNDAY], ids=["monday", "sunday"])
def demo(request: pytest.FixtureRequest, sqlite_databases: SqliteDatabases) -> Iterator[datetime]:
    """When it starts; outside of it nothing is changed."""
    start = request.param
    with time_machine.travel(start, tick=False), demos.running(sqlite_databases, start) as app, app.app_context():
        yield start


def the_event(title: str) -> Event:
    return db.session.scalars(select(Event).where(Event.title == title)).one()


def states(title: str) -> dict[str, InvitationState]:
    return {one.expert.slug: one.state for one in asking.of_event(the_event(title).id)}


def letters_about(title: str) -> Counter[str]:
    about = str(the_event(title).public_id)
    return Counter(db.session.scalars(select(Message.letter).where(Message.event == about)))


def test_six_requests_wait_the_oldest_for_nine_working_days(demo):
    waits = select(Request).where(Request.state == RequestState.OPEN).order_by(Request.asked_at)
    found = db.session.scalars(waits).all()
    assert [standing.age_in_working_days(one, demo) for one in found] == [9, 5, 4, 3, 2, 1]
    assert standing.is_late(found[0], demo)
    assert not standing.is_late(found[2], demo)
    assert len({one.asker_id for one in found}) == 6


def test_somebody_fits_each_of_them(demo):
    for one in db.session.scalars(select(Request).where(Request.state == RequestState.OPEN)):
        _, people = match_experts.matches_of(str(one.public_id), actor=ADMINISTRATOR, now=demo)
        assert people[0].span is not None, one.title


def test_a_request_was_answered_with_another_date_and_talked_about_and_one_became_an_event(demo):
    offered = db.session.scalars(select(Request).where(Request.title == asked_for.OFFERED_OTHER)).one()
    assert offered.state is RequestState.OFFERED
    said, _ = read_about_request(str(offered.public_id), after=None, limit=9, actor=ADMINISTRATOR)
    assert len({one.office_id for one in said}) == len(said) == 2
    made = db.session.scalars(select(Request).where(Request.title == asked_for.MADE_AN_EVENT)).one()
    assert made.state is RequestState.PLANNED
    assert [len(event.experts) for event in made.events] == [1]


def test_a_round_is_open_with_two_requests_and_two_dates_are_offered_to_all(demo):
    (round_,) = db.session.scalars(select(Round))
    assert round_.standing(demo) is RoundStanding.OPEN
    assert len(db.session.scalars(select(Request).where(Request.round_id == round_.id)).all()) == 2
    dates = db.session.scalars(select(OfferedDate).where(OfferedDate.request_id.is_(None))).all()
    assert [one.standing(demo) for one in dates] == [OfferStanding.OPEN] * 2


def test_an_understudy_agreed_beforehand_and_is_held_softly(demo):
    found = states(answers.UNDERSTUDIED)
    assert found[answers.UNDERSTUDY] is InvitationState.UNDERSTUDY
    assert sorted(found.values()) == sorted([InvitationState.UNDERSTUDY, InvitationState.ACCEPTED])
    event = the_event(answers.UNDERSTUDIED)
    held = select(Reservation).where(Reservation.event_id == event.id, Reservation.state == State.SOFT)
    (soft,) = db.session.scalars(held)
    assert soft.resource.expert.slug == answers.UNDERSTUDY


def test_one_said_no_and_one_was_passed_over_and_the_next_are_asked(demo):
    declined, silent = states(answers.DECLINED), states(answers.PASSED_OVER)
    assert declined.pop(answers.SAID_NO) is InvitationState.DECLINED
    assert silent.pop(answers.WAS_SILENT) is InvitationState.PASSED_OVER
    assert {*declined.values(), *silent.values()} == {InvitationState.NEEDS_ACTION}
    assert letters_about(answers.DECLINED)["answer_declined"] == 2
    assert letters_about(answers.PASSED_OVER) >= Counter({"chase": 2, "silence": 1, "passed_on": 2, "invitation": 2})


def page_of(title: str) -> str:
    planner = {"Authorization": f"Bearer {databases.ADMIN_TOKEN}"}
    found = current_app.test_client().get(f"/events/{the_event(title).public_id}", headers=planner)
    assert found.status_code == 200
    return BeautifulSoup(found.data, "html.parser").get_text(" ", strip=True)


def test_the_page_of_an_event_names_those_who_were_asked_before_and_do_not_come(demo):
    assert "Egret Example – cannot come Reason: I am at a conference that week." in page_of(answers.DECLINED)
    assert "Sandpiper Example – has not answered for too long" in page_of(answers.PASSED_OVER)
    assert "does not come" not in page_of(answers.UNDERSTUDIED)


def test_the_start_page_leads_to_all_of_it(demo):
    page = BeautifulSoup(current_app.test_client().get("/demo").data, "html.parser")
    ways = [one["value"] for one in page.select('section[aria-labelledby="tour"] input[name="go"]')]
    assert len(ways) == 8
    assert "/mail" in ways
    assert f"/events/{the_event(answers.UNDERSTUDIED).public_id}" in ways


def test_three_people_of_one_week_wait_for_their_release(demo):
    waiting = release_people.awaiting(actor=ADMINISTRATOR, now=demo)
    assert {one.event.title for one in waiting} == {title for title, *_ in answers.TO_RELEASE}
    days = sorted(local_day(one.event.starts_at, ZONE) for one in waiting)
    assert days == [days[0] + timedelta(days=number) for number in range(3)]
    assert days[0].isocalendar()[:2] == days[2].isocalendar()[:2]
    assert days[0] > first_day(demo)


def test_numbers_were_said_one_is_missing_and_host_and_speaker_said_how_it_was(demo):
    found = {one.event.title: one for one in db.session.scalars(select(Attendance))}
    assert {title: one.heads for title, one in found.items() if one.standing is Standing.COUNTED} == {
        one.title: one.heads for one in answers.COUNTED
    }
    assert found[answers.MISSING].standing is Standing.MISSING
    assert found[answers.MISSING].times_asked == 2
    said = counting.feedback_on(the_event(answers.COUNTED[0].title))
    assert [(one.expert is None, one.score) for one in said] == [(True, 5), (False, 5)]


def test_what_silence_caused_was_written_in_working_hours(demo):
    letters = select(Message.created_at).where(Message.letter.in_(("chase", "passed_on", "count_wanted", "thanks")))
    walls = [to_wall(at, ZONE) for at in db.session.scalars(letters)]
    assert len(walls) > 10
    assert [one for one in walls if one.weekday() > 4 or not 8 <= one.hour < 17] == []
