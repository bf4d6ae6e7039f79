"""Rounds: gathered until a day, rehearsed, granted by fairness, and nothing by the fastest click."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotAllowed, WrongState
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.requests.models import Request, RequestState
from eventsvc.domain.requests.rounds import Round, RoundStanding
from eventsvc.workflows import answer_request, grant_rounds
from eventsvc.workflows.answer_request import Choice
from eventsvc.workflows.ask_partner import AskedFor, ask_partner
from eventsvc.workflows.plan_event import plan_event
from tests import builders, wishes
from tests.conftest import NOW
from tests.wishes import World, a_request, a_world, days

pytestmark = pytest.mark.usefixtures("story")
CLOSES = date(2027, 1, 15)
AFTER = datetime(2027, 1, 16, 8, 1, tzinfo=UTC)  # just past midnight in Los Angeles


@pytest.fixture
def world(story) -> World:
    return a_world()


@pytest.fixture
def opened(world) -> Round:
    return grant_rounds.open_round("outreach", "Spring", CLOSES, actor=world.of_partner, now=NOW)


def from_another(world: World, opened: Round, students: int, minutes: int) -> Request:
    """A request of a college of its own, some minutes later."""
    college = builders.an_organization()
    office, campus = builders.an_office(of=college), builders.a_campus(of=college)
    campus.students = students
    asked = AskedFor(
        partner="port",
        asker=office.slug,
        campus=campus.slug,
        title="Careers",
        windows=(days(0, 0, (10, 11)),),
        topics=("ships",),
        round=str(opened.public_id),
    )
    return ask_partner(asked, **{**wishes.WHO, "now": NOW + timedelta(minutes=minutes)})


def test_a_round_takes_requests_until_its_day_is_over(world, opened):
    request = a_request(world, round=str(opened.public_id))
    late = AFTER - timedelta(minutes=2)
    assert [opened.standing(moment) for moment in (NOW, late, AFTER)] == [
        RoundStanding.OPEN,
        RoundStanding.OPEN,
        RoundStanding.CLOSED,
    ]
    with pytest.raises(WrongState, match="until the end of"):
        grant_rounds.grant_round(str(opened.public_id), actor=world.of_partner, now=late)
    with pytest.raises(WrongState, match="closed"):
        ask_partner(wishes.a_wish(world, round=str(opened.public_id)), actor=world.of_college, now=AFTER)
    choice = Choice(starts_local=datetime(2027, 2, 2, 10, 0), experts=("expert-one",))
    with pytest.raises(WrongState, match="round"):
        answer_request.plan_request(str(request.public_id), choice, actor=world.of_partner, now=AFTER)


def test_the_one_date_goes_to_a_college_that_has_had_least(world, opened):
    fastest = from_another(world, opened, students=500, minutes=1)
    slower = from_another(world, opened, students=40_000, minutes=2)
    had = from_another(world, opened, students=500, minutes=0)
    plan = builders.a_plan(had.campus, when=builders.at("2027-03-01T10:00"), experts=[world.two])
    plan_event(plan, **wishes.WHO)
    rehearsed = grant_rounds.rehearse(str(opened.public_id), actor=world.of_partner, now=AFTER)
    events = db.session.scalar(select(func.count()).select_from(Event))
    assert [(one.request, bool(one.match), one.share.per_thousand) for one in rehearsed] == [
        (fastest, True, 0.0),
        (slower, False, 0.0),
        (had, False, 2.0),
    ]
    assert (events, fastest.state) == (1, RequestState.OPEN)
    found, outcome = grant_rounds.grant_round(str(opened.public_id), actor=world.of_partner, now=AFTER)
    assert [(one.request, one.match and one.match.span) for one in outcome] == [
        (one.request, one.match and one.match.span) for one in rehearsed
    ]
    assert found.standing(AFTER) is RoundStanding.GRANTED
    assert [one.state for one in (fastest, slower, had)] == [
        RequestState.PLANNED,
        RequestState.OPEN,
        RequestState.OPEN,
    ]
    assert [event.experts for event in fastest.events] == [[world.one]]
    told = select(Message.facts).where(Message.letter == "request_news", Message.event == str(slower.public_id))
    assert [facts["news"] for facts in db.session.scalars(told.order_by(Message.id))][-2:] == ["not_granted"] * 2
    with pytest.raises(WrongState, match="granted already"):
        grant_rounds.grant_round(str(opened.public_id), actor=world.of_partner, now=AFTER)


def test_rounds_are_their_offices_own(world, opened):
    with pytest.raises(NotAllowed):
        grant_rounds.rehearse(str(opened.public_id), actor=world.of_college, now=AFTER)
    with pytest.raises(NotAllowed):
        grant_rounds.open_round("outreach", "Fall", CLOSES, actor=world.of_college, now=NOW)
    with pytest.raises(InvalidInput, match="past"):
        grant_rounds.open_round("outreach", "Fall", date(2027, 1, 10), actor=world.of_partner, now=NOW)
