"""Private calendars through their address: what an expert, a room and an office see of their work, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Office, Room
from eventsvc.domain.feeds.private import Shows
from eventsvc.workflows import call_off_event, confirm_event, hold_things, keep_leave
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.said_wish import SaidWish
from tests import builders, private_calendars
from tests.interfaces import pages
from tests.interfaces.browser import Browser
from tests.interfaces.pages import HARBOR, PASADENA

pytestmark = pytest.mark.usefixtures("still")
ROOM, HOME = "creveling-lounge", HARBOR


@pytest.fixture
def world(bare_app, still) -> pages.World:
    made = pages.make(bare_app)
    with bare_app.app_context(), transaction():
        lookup.get(Expert, "expert-one").home_campus_id = lookup.get(Campus, HOME).id
    return made


def answer(world: pages.World, event_id: str, label: str) -> None:
    browser = Browser(world.app)
    browser.get(world.answer_path(event_id))
    browser.submit(label)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_an_expert_sees_engagements_and_the_ways_to_and_from_them(world, public):
    event_id = world.plan(experts=("expert-one",), rooms=(ROOM,))
    mine = private_calendars.make(world.app, "experts", "expert-one")
    before = private_calendars.read(public, mine)
    assert [(one["title"], one["status"]) for one in before] == [
        ("Travel to Pasadena City College", "TENTATIVE"),
        ("Careers at the port", "TENTATIVE"),
        ("Travel to Los Angeles Harbor College", "TENTATIVE"),
    ]
    answer(world, event_id, "Yes, I come")
    world.run(confirm_event.confirm_as_host, event_id)
    there, event, home = private_calendars.read(public, mine)
    # The event begins at 14:00 and they are there a quarter before; 70 minutes each way.
    assert (there["starts"], there["ends"]) == (utc(2027, 2, 10, 20, 35), utc(2027, 2, 10, 21, 45))
    assert (event["starts"], event["ends"]) == (utc(2027, 2, 10, 22, 0), utc(2027, 2, 10, 23, 30))
    assert (home["starts"], home["ends"]) == (utc(2027, 2, 10, 23, 30), utc(2027, 2, 11, 0, 40))
    assert {one["status"] for one in (there, event, home)} == {"CONFIRMED"}
    assert {one["transparency"] for one in (there, event, home)} == {"OPAQUE"}
    assert event["uid"] == event_id
    assert [one["uid"] for one in before] == [one["uid"] for one in (there, event, home)]
    assert "Contact on the day" in event["description"]
    assert "Creveling Lounge" in event["location"]


def test_what_they_declined_is_not_there_and_what_is_called_off_is_cancelled(world, public):
    refused = world.plan(builders.at("2027-02-10T09:00"), title="Refused", experts=("expert-one",))
    off = world.plan(builders.at("2027-03-10T09:00"), title="Off", experts=("expert-one",))
    answer(world, refused, "No, I cannot come")
    answer(world, off, "Yes, I come")
    world.run(confirm_event.confirm_as_host, off)
    world.run(call_off_event.cancel_event, off)
    (entry,) = private_calendars.read(public, private_calendars.make(world.app, "experts", "expert-one"))
    assert (entry["title"], entry["status"], entry["transparency"]) == ("Cancelled: Off", "CANCELLED", "TRANSPARENT")


@pytest.mark.parametrize(
    ("day", "leaves_at", "home_at"),
    [("2027-03-14", (9, 35), (19, 40)), ("2027-11-07", (10, 35), (20, 40))],
    ids=["summer time begins", "summer time ends"],
)
def test_ways_are_right_on_the_days_on_which_clocks_change(world, public, day, leaves_at, home_at):
    """An event from 3:00 to 10:30 by the clock there: at 3 the clock has just changed, or has not been changed back."""
    event_id = world.plan(builders.at(f"{day}T03:00", 7 * 60 + 30), experts=("expert-one",))
    answer(world, event_id, "Yes, I come")
    there, event, home = private_calendars.read(public, private_calendars.make(world.app, "experts", "expert-one"))
    on = date.fromisoformat(day)
    assert there["starts"] == utc(on.year, on.month, on.day, *leaves_at) - timedelta(hours=1)
    assert there["ends"] - there["starts"] == home["ends"] - home["starts"] == timedelta(minutes=70)
    assert event["starts"] - there["ends"] == timedelta(minutes=15)
    assert home["ends"] == utc(on.year, on.month, on.day, *home_at) - timedelta(hours=1)


def test_a_room_shows_what_stands_in_it_with_set_up_and_take_down(world, public):
    world.plan(rooms=(ROOM,), expected_heads=40)
    world.plan(builders.at("2027-02-11T10:00"), rooms=("harbor-hall",), title="Elsewhere")
    before, event, after = private_calendars.read(public, private_calendars.make(world.app, "rooms", ROOM))
    assert [one["title"] for one in (before, event, after)] == [
        "Set-up: Careers at the port",
        "Careers at the port",
        "Take-down: Careers at the port",
    ]
    assert before["ends"] - before["starts"] == timedelta(minutes=30)
    assert (before["ends"], after["starts"]) == (event["starts"], event["ends"])
    assert after["ends"] - after["starts"] == timedelta(minutes=15)
    assert "Expected: 40 people" in event["description"]


def test_an_office_sees_its_whole_desk(world, public):
    world.plan(title="Published")
    with world.app.app_context(), transaction():
        draft = builders.a_plan(lookup.get(Campus, PASADENA), when=builders.at("2027-02-12T10:00"), title="Draft")
        plan_event(draft, is_draft=True, actor=ADMINISTRATOR, now=clock.now())
    with world.app.app_context(), transaction():
        office = lookup.get(Office, "port-outreach")
        lookup.get(Room, ROOM).office_id = office.id
    world.plan(builders.at("2027-02-13T10:00"), title="In its room", rooms=(ROOM,))
    world.plan(builders.at("2027-02-14T10:00"), title="With its expert", experts=("expert-two",))
    with world.app.app_context(), transaction():
        wish = SaidWish(when=builders.at("2027-02-15T10:00"), campus=PASADENA, rooms=(ROOM,))
        wanted = hold_things.HoldWish(wish=wish, minutes=30, note="for the dean")
        hold_things.hold_things(wanted, actor=ADMINISTRATOR, now=clock.now())
    with world.app.app_context():
        host = next(one.slug for one in lookup.page(Office, after_slug=None, limit=9)[0] if one.slug != "port-outreach")
    of_port = private_calendars.read(public, private_calendars.make(world.app, "offices", "port-outreach"))
    of_host = private_calendars.read(public, private_calendars.make(world.app, "offices", host))
    assert [one["title"] for one in of_port] == ["In its room", "With its expert", "Held: Creveling Lounge"]
    assert [one["title"] for one in of_host] == ["Published", "Draft", "In its room", "With its expert"]
    assert {one["title"]: one["status"] for one in of_host}["Draft"] == "TENTATIVE"
    assert "Expert Two (not answered yet)" in of_port[1]["description"]
    assert "Held until 2027-01-11 09:30 (America/Los_Angeles)" in of_port[2]["description"]
    assert "for the dean" in of_port[2]["description"]


def test_busy_tells_the_times_and_nothing_else(world, public):
    event_id = world.plan(experts=("expert-one",), rooms=(ROOM,))
    answer(world, event_id, "Yes, I come")
    with world.app.app_context(), transaction():
        keep_leave.add_leave("expert-one", "2027-04-01", "2027-04-03", actor=ADMINISTRATOR, now=clock.now())
    address = private_calendars.make(world.app, "experts", "expert-one", Shows.BUSY)
    day, leave = private_calendars.read(public, address)
    assert (day["starts"], day["ends"]) == (utc(2027, 2, 10, 20, 35), utc(2027, 2, 11, 0, 40))
    assert (leave["starts"], leave["ends"]) == (utc(2027, 4, 1, 7, 0), utc(2027, 4, 4, 7, 0))
    assert {one["title"] for one in (day, leave)} == {"Busy"}
    said = private_calendars.body(public, address).decode()
    for word in ("Careers", "Pasadena", "Creveling", event_id, "Port", "leave", address.path):
        assert word not in said
    assert {one["description"] + one["location"] for one in (day, leave)} == {""}
