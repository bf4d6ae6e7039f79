"""The room board: what is taken, set up, closed and free, at the right place, and only as far as one may know."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.times import days_span, to_utc
from eventsvc.domain.booking.blocks import Block, BlockKind
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.models import Visibility
from eventsvc.domain.events.schedule import When
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import rectangles_of, words_of
from tests.interfaces.pages import HARBOR, PASADENA

DAY = f"/board?campus={PASADENA}&day=2027-02-10"
WEEK = f"/board?campus={PASADENA}&week=2027-02-10"
COLUMNS_AN_HOUR = 12


def bars(browser, room="creveling-lounge"):
    """(what, first column, columns, words) of a room's bars; column 0 is the first hour shown."""
    row = browser.page.find("a", href=f"/?room={room}").find_parent("tr")
    found, at = [], 0
    for cell in row.find_all("td"):
        what = next(name.removeprefix("part-") for name in cell["class"] if name.startswith("part-"))
        width = int(cell["colspan"])
        found.append((what, at, width, words_of(cell)))
        at += width
    assert at == int(browser.page.select_one("col[span]")["span"]), "a row fills the table, no more and no less"
    return found


def a_block(world, room=None, *, kind=BlockKind.BUSY_ELSEWHERE, starts="2027-02-10T09:00", ends, title=""):
    with world.app.app_context(), transaction():
        campus = directory.get(Campus, PASADENA)
        of = {"campus_id": campus.id}
        if room:
            room_id = directory.get(Room, room).id
            of = {"resource_id": db.session.scalar(select(Resource.id).where(Resource.room_id == room_id))}
        span = (to_utc(datetime.fromisoformat(wall), campus.zone) for wall in (starts, ends))
        starts_at, ends_at = span
        db.session.add(Block(kind=kind, title=title, starts_at=starts_at, ends_at=ends_at, **of))


def test_setup_and_takedown_are_drawn_around_the_event_at_their_place(world, planner):
    event = world.plan(rooms=("creveling-lounge",))  # 14:00 to 15:30; 30 minutes before, 15 after
    planner.get(DAY)
    headings = [words_of(th) for th in planner.page.select("thead th")]
    assert (headings[1], headings[-1]) == ("7:00 AM", "9:00 PM")
    at = (14 - 7) * COLUMNS_AN_HOUR
    drawn = bars(planner)
    assert [bar[:3] for bar in drawn] == [
        ("free", 0, at - 6),
        ("setup", at - 6, 6),
        ("presence", at, 18),
        ("takedown", at + 18, 3),
        ("free", at + 21, (22 - 7) * COLUMNS_AN_HOUR - at - 21),
    ]
    assert [bar[3] for bar in drawn[1:4]] == [
        "Set-up 1:30 PM – 2:00 PM",
        "Careers at the port 2:00 PM – 3:30 PM Not confirmed yet",
        "Take-down 3:30 PM – 3:45 PM",
    ]
    assert planner.page.select_one(f'td a[href="/events/{event}"]')


def test_a_free_stretch_leads_to_a_plan_that_can_be_had(world, planner):
    world.plan(builders.at("2027-02-10T14:00", 90), rooms=("creveling-lounge",))
    planner.get(DAY)
    before, after = (cell.a["href"] for cell in planner.page.select("tr:has(a[href$=creveling-lounge]) td.part-free"))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(after).query).items()}
    assert asked == {
        "campus": PASADENA,
        "rooms": "creveling-lounge",
        "date": "2027-02-10",
        "time": "16:15",  # 15:45 and half an hour of set-up
        "duration_minutes": "90",
    }
    assert "time=08%3A00" in before
    planner.get(after)
    assert planner.page.select_one("#room-creveling-lounge").has_attr("checked")
    planner.submit("Plan", values={"title": "In the gap"})
    assert planner.status == 200
    assert "In the gap" in planner.text


def test_a_stretch_too_short_for_the_set_up_or_over_offers_nothing(world, planner):
    world.plan(builders.at("2027-02-10T10:00", 60), rooms=("creveling-lounge",))
    world.plan(builders.at("2027-02-10T12:30", 60), rooms=("creveling-lounge",), title="Soon after")
    planner.get(DAY)
    gaps = planner.page.select("tr:has(a[href$=creveling-lounge]) td.part-free")
    assert [bool(cell.a) for cell in gaps] == [True, False, True]  # 45 minutes: 30 + 30 + 15 are needed
    planner.get(f"/board?campus={PASADENA}&day=2027-01-10")  # yesterday
    assert planner.page.select("td.part-free a") == []


@pytest.mark.parametrize("address", [DAY, WEEK])
def test_a_visitor_learns_that_a_room_is_taken_and_no_more(world, visitor, planner, address):
    hidden = world.plan(
        rooms=("creveling-lounge",),
        experts=("expert-one",),
        title="Talks with a rival",
        visibility=Visibility.PRIVATE,
    )
    draft = world.plan(builders.at("2027-02-10T18:00"), rooms=("harbor-hall",), title="Unannounced", published=False)
    world.plan(builders.at("2027-02-10T09:00"), rooms=("harbor-hall",), title="For everybody")
    a_block(world, "harbor-hall", starts="2027-02-10T20:00", ends="2027-02-10T21:00", title="Dr. Secret's party")
    visitor.get(address)
    assert visitor.status == 200
    html = str(visitor.page)
    for secret in ("rival", "Unannounced", "Expert One", "expert-one", hidden, draft, "Dr. Secret", "/plan?"):
        assert secret not in html
    assert "Taken 2:00 PM – 3:30 PM" in visitor.text
    assert "For everybody" in visitor.text
    planner.get(address)
    assert {"Talks with a rival", "Unannounced", "Dr. Secret's party"} <= {
        word for word in ("Talks with a rival", "Unannounced", "Dr. Secret's party") if word in planner.text
    }


def test_closed_hours_holidays_and_other_calendars_are_drawn_under_what_is_booked(world, planner):
    with world.app.app_context(), transaction():
        directory.get(Campus, PASADENA).hours = [(2, 8 * 60, 17 * 60)]  # Wednesdays
    world.plan(builders.at("2027-02-10T09:00", 60), rooms=("harbor-hall",))
    a_block(world, "harbor-hall", starts="2027-02-10T09:30", ends="2027-02-10T11:00", title="Chess")
    a_block(world, kind=BlockKind.HOLIDAY, starts="2027-02-11T00:00", ends="2027-02-12T00:00", title="Lincoln Day")
    planner.get(DAY)
    drawn = [bar[0] for bar in bars(planner, "harbor-hall")]
    assert drawn == ["closed", "free", "presence", "busy_elsewhere", "free", "closed"]
    presence, elsewhere = (bars(planner, "harbor-hall")[number][3] for number in (2, 3))
    assert presence.endswith("Stands against it: Taken in another calendar: Chess")
    assert elsewhere == "Taken in another calendar: Chess 10:00 AM – 11:00 AM"
    planner.get(f"/board?campus={PASADENA}&day=2027-02-11")
    assert [bar[0] for bar in bars(planner, "harbor-hall")] == ["holiday"]
    assert bars(planner, "harbor-hall")[0][3] == "Holiday: Lincoln Day all day"


@pytest.mark.parametrize(("day", "hours"), [("2027-03-14", 23), ("2027-11-07", 25)])
def test_a_day_on_which_the_clock_changes_has_its_own_length(world, planner, day, hours):
    starts = f"{day}T00:30"
    world.plan(builders.at(starts, 60), rooms=("harbor-hall",))
    world.plan(builders.at(f"{day}T22:00", 120), rooms=("harbor-hall",), title="Late")
    planner.get(f"/board?campus={PASADENA}&day={day}")
    drawn = bars(planner, "harbor-hall")
    assert sum(width for _, _, width, _ in drawn) == hours * COLUMNS_AN_HOUR
    with world.app.app_context():
        span = days_span(date.fromisoformat(day), 1, builders.PACIFIC)
    assert (span.end - span.start).total_seconds() == hours * 3600
    assert [bar[:3] for bar in drawn if bar[0] == "presence"] == [
        ("presence", 6, 12),
        ("presence", (hours - 2) * 12, 24),  # two hours before the end, whatever the clock did
    ]
    assert drawn[-1][3].startswith("Late 10:00 PM – 12:00 AM")


def test_an_event_over_midnight_stands_on_both_days(world, planner):
    world.plan(builders.at("2027-02-10T22:00", 240), rooms=("harbor-hall",), title="Night of the harbor")
    planner.get(DAY)
    what, _, width, said = bars(planner, "harbor-hall")[-1]
    assert (what, width) == ("presence", 24)
    assert said.startswith("Night of the harbor from 10:00 PM")
    planner.get(f"/board?campus={PASADENA}&day=2027-02-11")
    assert bars(planner, "harbor-hall")[0][:3] == ("presence", 0, 24)
    assert bars(planner, "harbor-hall")[0][3].startswith("Night of the harbor until 2:00 AM")
    planner.get(WEEK)
    assert len(planner.page.find_all("a", string="Night of the harbor")) == 2


def test_an_all_day_event_fills_the_hours_that_are_shown(world, planner):
    world.plan(When(all_day=True, starts_on=date(2027, 2, 9), days=3), rooms=("harbor-hall",), title="Three days")
    planner.get(DAY)
    assert [bar[:3] for bar in bars(planner, "harbor-hall")] == [("presence", 0, 15 * COLUMNS_AN_HOUR)]
    assert bars(planner, "harbor-hall")[0][3].startswith("Three days all day")


def test_a_hall_stands_above_its_parts_and_shows_what_takes_it_whole_or_in_part(world, planner):
    with world.app.app_context(), transaction():
        campus = directory.get(Campus, PASADENA)
        hall = builders.a_room("grand-hall", on=campus, setup=60)
        for letter in "ab":
            builders.a_room(f"grand-hall-{letter}", on=campus).parent_id = hall.id
    world.plan(builders.at("2027-02-10T10:00"), rooms=("grand-hall",), title="Whole")
    world.plan(builders.at("2027-02-10T15:00"), rooms=("grand-hall-b",), title="Half")
    planner.get(DAY)
    names = [words_of(a) for a in planner.page.select("tbody th a")]
    assert names == ["Creveling Lounge", "Grand Hall", "Grand Hall A", "Grand Hall B", "Harbor Hall"]

    def taken(room):
        return [(what, first) for what, first, _, _ in bars(planner, room) if what != "free"]

    whole = [("setup", 24), ("presence", 36)]
    assert taken("grand-hall") == [*whole, ("part_taken", 96)]
    assert taken("grand-hall-a") == whole
    assert taken("grand-hall-b") == [*whole, ("presence", 96)]


def test_a_week_says_of_each_day_what_the_day_says(world, planner):
    world.plan(rooms=("creveling-lounge",))
    planner.get(WEEK)
    days = [words_of(th) for th in planner.page.select("thead th")][1:]
    assert (days[0], days[-1]) == ("Sun, Feb 7", "Sat, Feb 13")
    cell = planner.page.select("tr:has(a[href$=creveling-lounge]) td")[3]
    assert words_of(cell) == (
        "Wednesday, Feb 10 Careers at the port 2:00 PM – 3:30 PM 1:30 PM – 3:45 PM with set-up · Not confirmed yet "
        "Plan here"
    )
    drawn = rectangles_of(cell.select_one("svg"))
    # Of 15 hours from 7:00 on, in thousandths.
    assert drawn == [("part-setup", "433", "34"), ("part-presence", "467", "100"), ("part-takedown", "567", "16")]


def test_one_without_a_campus_chooses_one_and_one_without_rooms_is_told_what_to_do(world, visitor):
    visitor.get("/board")
    assert [option["value"] for option in visitor.page.select("#f-campus option")] == [HARBOR, PASADENA]
    with world.app.app_context(), transaction():
        builders.a_campus("new-campus")
    visitor.get("/board?campus=new-campus")
    assert "eventsvc import rooms" in visitor.text
    for address in ("/board?campus=nowhere", f"{DAY}x", f"/board?campus={PASADENA}&week=soon"):
        visitor.get(address)
        assert visitor.status == 404


def test_the_neighbours_and_today_are_a_link_away(world, visitor):
    visitor.get(DAY)
    links = [a["href"] for a in visitor.page.select("nav.months a")]
    assert [parse_qs(urlsplit(link).query).get("day") for link in links] == [["2027-02-09"], None, ["2027-02-11"]]
    visitor.get(links[1])
    assert "Monday, January 11, 2027" in visitor.text  # NOW
    assert NOW.date() == date(2027, 1, 11)


@pytest.mark.parametrize("who", ["visitor", "planner"])
def test_a_board_costs_the_same_queries_with_1_and_with_30_rooms(bare_app, world, request, who):
    browser = request.getfixturevalue(who)

    def more(first, last):
        for number in range(first, last):
            with bare_app.app_context(), transaction():
                room = builders.a_room(on=directory.get(Campus, PASADENA)).slug
            world.plan(builders.at(f"2027-02-10T{8 + number % 10:02}:00"), rooms=(room,), title=f"Event {number}")

    def queries():
        counts = []
        for address in (DAY, WEEK):
            with counted(bare_app) as run:
                browser.get(address)
            assert browser.status == 200
            counts.append(len(run))
        return counts

    more(0, 1)
    with_one = queries()
    more(1, 30)
    assert queries() == with_one
    assert max(with_one) <= 10  # among them: which colleagues are away, and whether delivery is paused
