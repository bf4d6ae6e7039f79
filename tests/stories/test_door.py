"""A helper at the door: one event, one day, by a link; nothing else opens with it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import NotAllowed
from eventsvc.domain.accounts import PUBLIC, Owner, may_count_heads, may_plan
from eventsvc.domain.attendance import doors
from eventsvc.domain.attendance.models import DoorLink
from eventsvc.domain.events.lookup import get_event
from tests import builders
from tests.interfaces import pages
from tests.interfaces.browser import Browser

DAY = date(2027, 2, 10)
ON_THE_DAY = datetime(2027, 2, 10, 21, 0, tzinfo=UTC)


@pytest.fixture
def house(bare_app, still) -> pages.World:
    return pages.make(bare_app)


@pytest.fixture
def event_id(house) -> str:
    return house.plan(rooms=("creveling-lounge",), expected_heads=30, published=False)


@pytest.fixture
def planner(house) -> Browser:
    browser = Browser(house.app)
    browser.sign_in()
    return browser


def a_door(planner: Browser, event_id: str, day: date = DAY) -> str:
    """The path of a new link."""
    planner.get(f"/events/{event_id}")
    planner.submit("Make a link for a helper", values={"day": day.isoformat()})
    return "/door/" + planner.page.select("a[href*='/door/']")[-1]["href"].rpartition("/")[2]


def test_a_helper_sees_what_is_needed_and_counts_who_comes(house, event_id, planner, still):
    path = a_door(planner, event_id)
    still.move_to(ON_THE_DAY)
    helper = Browser(house.app)
    helper.get(path)
    for words in ("Careers at the port", "Creveling Lounge", "2:00", "About 30 people are expected", "Questions?"):
        assert words in helper.text
    assert "Expert" not in helper.text
    for button in ("10 more", "1 more", "1 more", "1 fewer"):
        helper.submit(button)
    assert helper.page.select_one("#heads").get_text() == "11"
    planner.get(f"/events/{event_id}")
    assert "11 came" in planner.text


def test_nobody_is_counted_below_nobody(house, event_id, planner, still):
    path = a_door(planner, event_id)
    still.move_to(ON_THE_DAY)
    helper = Browser(house.app)
    helper.get(path)
    helper.submit("1 fewer")
    assert (helper.status, helper.page.select_one("#heads").get_text()) == (422, "0")
    helper._show(path, helper._client.post(path, data={"more": "500"}, **helper._as_browser()))
    assert helper.status == 422


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (datetime(2027, 2, 10, 7, 59, tzinfo=UTC), 409),  # the day begins at 8:00 UTC
        (datetime(2027, 2, 10, 8, 0, tzinfo=UTC), 200),
        (datetime(2027, 2, 11, 13, 59, tzinfo=UTC), 200),
        (datetime(2027, 2, 11, 14, 0, tzinfo=UTC), 410),
    ],
)
def test_a_link_opens_on_its_day_and_some_hours_after(house, event_id, planner, still, moment, status):
    path = a_door(planner, event_id)
    still.move_to(moment)
    helper = Browser(house.app)
    helper.get(path)
    assert helper.status == status
    answer = helper._client.post(path, data={"more": "1"}, **helper._as_browser())
    assert answer.status_code == (303 if status == 200 else status)


def test_a_link_that_was_ended_or_whose_event_moved_away_opens_nothing(house, event_id, planner, still):
    first, second = a_door(planner, event_id), a_door(planner, event_id)
    planner.submit("End this link (Wednesday, February 10, 2027)")
    still.move_to(ON_THE_DAY)
    helper = Browser(house.app)
    statuses = []
    for path in (first, second):
        helper.get(path)
        statuses.append(helper.status)
    assert sorted(statuses) == [200, 410]


def test_a_link_is_no_key_to_anything_else(house, event_id, planner, still):
    other = house.plan(builders.at("2027-02-10T18:00"), title="Another", published=False)
    path = a_door(planner, event_id)
    still.move_to(ON_THE_DAY)
    helper = Browser(house.app)
    helper.get(path)
    token = path.rpartition("/")[2]
    for address in (f"/events/{event_id}", f"/events/{other}", f"/answer/{token}", f"/room-answer/{token}"):
        helper.get(address)
        assert helper.status == 404, address
    helper.get("/plan")
    assert helper.path.startswith("/sign-in")
    with house.app.app_context(), transaction():
        link = db.session.scalars(select(DoorLink)).one()
        actor, another = doors.actor_of(link), get_event(other)
        owner = Owner(another.owner_id, another.owner.organization_id)
        assert may_count_heads(actor, (link.event_id, DAY), owner, "info_session")
        assert not may_count_heads(actor, (another.id, DAY), owner, "info_session")
        assert not may_count_heads(actor, (link.event_id, date(2027, 2, 11)), owner, "info_session")
        assert not may_count_heads(PUBLIC, (link.event_id, DAY), owner, "info_session")
        assert not may_plan(actor)
        with pytest.raises(NotAllowed):
            doors.add_heads(another, DAY, 1, actor=actor, now=ON_THE_DAY)


def test_a_link_is_made_for_a_day_of_the_event_by_those_who_change_it(house, event_id, planner):
    a_door(planner, event_id)
    planner.post(f"/events/{event_id}/door", {"day": "2027-02-11"})
    assert planner.status == 422
    stranger = Browser(house.app)
    stranger.get("/sign-in")
    stranger.post(f"/events/{event_id}/door", {"day": DAY.isoformat()})
    assert stranger.path.startswith("/sign-in") or stranger.status == 401
    with house.app.app_context():
        assert len(db.session.scalars(select(DoorLink)).all()) == 1
