"""Private calendars through their address: what an expert, a room and an office see of their work, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
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
from tests import builders, ical_js, private_calendars
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


def test_free_and_busy_times_are_one_component_that_other_parsers_read(world, public):
    """Sure and tentative periods in UTC, merged and in order, within the window and with a stamp that stays."""
    agreed = world.plan(experts=("expert-one",), rooms=(ROOM,))
    answer(world, agreed, "Yes, I come")
    world.run(confirm_event.confirm_as_host, agreed)
    world.plan(builders.at("2027-02-12T10:00"), title="Open", experts=("expert-one",))
    with world.app.app_context(), transaction():
        keep_leave.add_leave("expert-one", "2027-04-01", "2027-04-03", actor=ADMINISTRATOR, now=clock.now())
    address = private_calendars.make(world.app, "experts", "expert-one", Shows.FREEBUSY)
    body = private_calendars.body(public, address)
    assert body.count(b"BEGIN:V") == 2
    said = [
        ("BUSY", "20270210T203500Z/20270211T004000Z"),
        ("BUSY-TENTATIVE", "20270212T163500Z/20270212T201000Z"),
        ("BUSY", "20270401T070000Z/20270404T070000Z"),
    ]
    (component,) = icalendar.Calendar.from_ical(body).walk("VFREEBUSY")
    found = component["freebusy"]
    assert [(one.params["FBTYPE"], one.to_ical().decode()) for one in found] == said
    assert (component.decoded("dtstart"), component.decoded("dtend")) == (utc(2027, 1, 4), utc(2027, 5, 11))
    assert component["dtstamp"].dt <= utc(2027, 1, 11, 17, 30)
    assert "organizer" in component
    by_js = ical_js.free_busy(body)
    # Versions of ical.js differ in whether they write again that a period is in UTC.
    assert [f"{start}/{end}".replace("Z", "") for _, start, end in by_js] == [one.replace("Z", "") for _, one in said]
    assert [kind for kind, _, _ in by_js] == [kind for kind, _ in said]
    for word in ("Careers", "Pasadena", "Open", agreed, "leave"):
        assert word not in body.decode()


@pytest.mark.parametrize("shows", [Shows.DETAILS, Shows.BUSY])
def test_every_kind_is_read_alike_by_a_parser_in_javascript(world, public, shows):
    for day in ("2027-02-10", "2027-03-13", "2027-11-07"):
        event_id = world.plan(
            builders.at(f"{day}T10:00"), title=f"Ünïted, {day}; ok", experts=("expert-one",), rooms=(ROOM,)
        )
        answer(world, event_id, "Yes, I come")
    for kind, slug in (("experts", "expert-one"), ("rooms", ROOM), ("offices", "port-outreach")):
        address = private_calendars.make(world.app, kind, slug, shows)
        ours = [
            (one["uid"], one["title"], f"{one['starts']:%Y-%m-%dT%H:%M:%SZ}", f"{one['ends']:%Y-%m-%dT%H:%M:%SZ}")
            for one in private_calendars.read(public, address)
        ]
        assert ours
        assert ical_js.entries(private_calendars.body(public, address)) == ours
        lines = private_calendars.body(public, address).split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        assert b"CLASS:PUBLIC" not in lines
        assert not [
            line for line in lines if line.startswith((b"ATTENDEE", b"RRULE", b"BEGIN:VTIMEZONE", b"BEGIN:VALARM"))
        ]


def test_a_hall_shows_what_takes_it_whole_once(world, public):
    with world.app.app_context(), transaction():
        campus = lookup.get(Campus, PASADENA)
        hall = builders.a_room("forum", on=campus)
        for name in ("forum-east", "forum-west"):
            builders.a_room(name, on=campus).parent_id = hall.id
    world.plan(rooms=("forum",), title="Whole")
    world.plan(builders.at("2027-02-11T10:00"), rooms=("forum-east",), title="Part")
    found = private_calendars.read(public, private_calendars.make(world.app, "rooms", "forum"))
    assert [one["title"] for one in found] == ["Whole", "Part"]
    east = private_calendars.read(public, private_calendars.make(world.app, "rooms", "forum-east"))
    assert [one["title"] for one in east] == ["Whole", "Part"]
    west = private_calendars.read(public, private_calendars.make(world.app, "rooms", "forum-west"))
    assert [one["title"] for one in west] == ["Whole"]


def test_a_day_later_the_same_words_are_served_unless_the_window_moved(world, public, still):
    world.plan(experts=("expert-one",))
    details = private_calendars.make(world.app, "experts", "expert-one")
    busy = private_calendars.make(world.app, "experts", "expert-one", Shows.FREEBUSY)
    before = [private_calendars.body(public, one) for one in (details, busy)]
    still.shift(timedelta(days=1))
    after = [private_calendars.body(public, one) for one in (details, busy)]
    assert after[0] == before[0]
    assert after[1] != before[1]
    still.shift(timedelta(days=70))
    assert private_calendars.read(public, details) == []
