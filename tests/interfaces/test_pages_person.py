"""Somebody's week: where they are, the ways between, leave, and what is used of their limits; for planners alone."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.core.times import Span, days_span, to_utc
from eventsvc.domain.booking import conflicts, diary, journeys
from eventsvc.domain.booking.blocks import Block, BlockKind
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Expert, Travel
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import words_of
from tests.interfaces.pages import HARBOR, PASADENA

WEEK = "/experts/expert-one/week?day=2027-02-10"
SUNDAY_TO_SATURDAY = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]


def row_of(browser, day):
    """(what, first column, columns, words) of the bars of a day, "Wed, Feb 10"."""
    row = next(row for row in browser.page.select("tbody tr") if words_of(row.th).startswith(day))
    found, at = [], 0
    for cell in row.find_all("td"):
        what = next(name.removeprefix("part-") for name in cell["class"] if name.startswith("part-"))
        for eye_only in cell.select("[aria-hidden]"):
            eye_only.decompose()
        found.append((what, at, int(cell["colspan"]), words_of(cell)))
        at += int(cell["colspan"])
    return found


def at_home(world, campus, expert="expert-one", **limits):
    with world.app.app_context(), transaction():
        person = directory.get(Expert, expert)
        person.home_campus_id = directory.get(Campus, campus).id
        for name, most in limits.items():
            setattr(person, name, most)


def a_block_of_expert_one(world, kind, starts, ends):
    with world.app.app_context(), transaction():
        expert_id = directory.get(Expert, "expert-one").id
        starts_at, ends_at = (to_utc(datetime.fromisoformat(wall), builders.PACIFIC) for wall in (starts, ends))
        resource_id = db.session.scalar(select(Resource.id).where(Resource.expert_id == expert_id))
        db.session.add(Block(kind=kind, resource_id=resource_id, starts_at=starts_at, ends_at=ends_at))


def a_day_on_the_road(world):
    """Harbor 10:00 to 11:00, Pasadena 14:00 to 15:30, home is Harbor."""
    at_home(world, HARBOR, max_per_day=2, max_per_week=4, max_per_month=9, max_travel_minutes=180)
    world.plan(builders.at("2027-02-10T10:00"), campus=HARBOR, experts=("expert-one",), title="At the harbor")
    world.plan(experts=("expert-one",))


def test_ways_leads_and_presences_are_drawn_in_their_order(world, planner):
    a_day_on_the_road(world)
    planner.get(WEEK)
    drawn = row_of(planner, "Wed, Feb 10")
    assert [bar[:3] for bar in drawn] == [
        ("free", 0, 33),
        ("lead", 33, 3),
        ("presence", 36, 12),
        ("free", 48, 19),
        ("way", 67, 14),  # 12:35 to 13:45: as late as it can be
        ("lead", 81, 3),
        ("presence", 84, 18),
        ("way", 102, 14),
        ("free", 116, 64),
    ]
    assert drawn[2][3] == "At the harbor 10:00 AM – 11:00 AM Los Angeles Harbor College · Not confirmed yet"
    assert drawn[4][3] == (
        "On the way 12:35 PM – 1:45 PM "
        "On the way from Los Angeles Harbor College to Pasadena City College: 1 hour 10 minutes"
    )
    assert "to Los Angeles Harbor College (home): 1 hour 10 minutes" in drawn[7][3]


def test_what_is_used_of_each_limit_is_said_as_the_rule_counts_it(world, planner):
    a_day_on_the_road(world)
    world.plan(builders.at("2027-02-14T10:00"), campus=HARBOR, experts=("expert-one",), title="Sunday")
    world.plan(builders.at("2027-02-15T10:00"), campus=HARBOR, experts=("expert-one",), title="Next Monday")
    planner.get(WEEK)
    assert [words_of(th).split(",")[0] for th in planner.page.select("tbody th")] == SUNDAY_TO_SATURDAY
    assert [words_of(use) for use in planner.page.select(".person-uses li")] == [
        "0 of 4 in the week Feb 1 – 7, 2027",
        "3 of 4 in the week Feb 8 – 14, 2027",
        "4 of 9 in February 2027",
    ]
    wednesday = next(words_of(th) for th in planner.page.select("tbody th") if "Feb 10" in words_of(th))
    assert wednesday == "Wed, Feb 10 2 of 2 that day on the way 2 hours 20 minutes of at most 3 hours"
    planner.get("/experts/expert-one/week?day=2027-02-28")
    assert "0 of 4 in the week Feb 22 – 28, 2027" in planner.text
    planner.get("/experts/expert-one/week?day=2027-02-14")
    assert "3 of 4 in the week Feb 8 – 14, 2027" in planner.text
    planner.get("/experts/expert-one/week?day=2027-03-01")
    assert "in March 2027" in planner.text


def test_legs_take_as_long_as_the_rule_counts_in_a_day(world):
    a_day_on_the_road(world)
    with world.app.app_context():
        expert = directory.get(Expert, "expert-one")
        resource = db.session.scalars(select(Resource).where(Resource.expert_id == expert.id)).one()
        day = days_span(datetime(2027, 2, 10).date(), 1, expert.zone)
        known = diary.read([resource], Span(day.start, day.end), campus_ids=[expert.home_campus_id], now=NOW)
        rows = known.booked(resource.id)
        legs = journeys.of_day(expert, rows, known.ways)
        counted_minutes = conflicts.travel_of_day(expert, [row.place_id for row in rows], known)
    assert sum(leg.way.minutes for leg in legs) == counted_minutes == 140
    assert [(leg.kind, leg.is_in_time) for leg in legs] == [("between", True), ("to_home", True)]


def test_an_estimate_is_called_one_and_a_way_that_became_too_long_is_warned_of(world, planner):
    a_day_on_the_road(world)
    with world.app.app_context(), transaction():
        for way in db.session.scalars(select(Travel)):
            way.minutes = 170  # a bridge is closed
    planner.get(WEEK)
    warned = words_of(planner.page.select_one(".notice.warn"))
    assert warned.endswith("to Pasadena City College: 2 hours 50 minutes. There is not enough time for it.")
    with world.app.app_context(), transaction():
        for way in db.session.scalars(select(Travel)):
            db.session.delete(way)
        for slug, latitude in ((HARBOR, 33.78), (PASADENA, 34.14)):
            campus = directory.get(Campus, slug)
            campus.latitude, campus.longitude = latitude, -118.2
    planner.get(WEEK)
    assert "about 1 hour 6 minutes, an estimate by distance" in planner.text
    assert "≈ 66 min" in planner.text


def test_leave_other_calendars_and_online_events_are_drawn(world, planner):
    a_block_of_expert_one(world, BlockKind.LEAVE, "2027-02-12T00:00", "2027-02-13T00:00")
    a_block_of_expert_one(world, BlockKind.BUSY_ELSEWHERE, "2027-02-11T09:00", "2027-02-11T12:00")
    world.plan(
        builders.at("2027-02-11T13:00"),
        campus=None,
        owner="port-outreach",
        experts=("expert-one",),
        online_url="https://x.example",
    )
    planner.get(WEEK)
    assert [bar[3] for bar in row_of(planner, "Fri, Feb 12")] == ["Away all day"]
    thursday = [bar[3] for bar in row_of(planner, "Thu, Feb 11")]
    assert thursday[1] == "Taken in another calendar 9:00 AM – 12:00 PM"
    assert thursday[3] == "Careers at the port 1:00 PM – 2:00 PM Online · Not confirmed yet"
    assert not planner.page.select("td.part-way")
    assert "Nobody has said where their days begin" in planner.text


def test_the_day_of_a_clock_change_lies_under_the_same_hours(world, planner):
    world.plan(builders.at("2027-03-14T10:00"), campus=HARBOR, experts=("expert-one",))
    world.plan(builders.at("2027-03-15T01:00"), campus=HARBOR, experts=("expert-one",), title="At night")
    planner.get("/experts/expert-one/week?day=2027-03-14")
    hours = [words_of(hour) for hour in planner.page.select("thead th")[1:]]
    assert hours == ["12:00 AM", "2:00 AM", "4:00 AM", *hours[3:]]  # Sunday has no 2:00 AM, yet its column
    widths = {sum(bar[2] for bar in row_of(planner, day)) for day in ("Sun", "Mon")}
    assert widths == {22 * 12}
    assert [bar[:3] for bar in row_of(planner, "Sun") if bar[0] == "presence"] == [("presence", 10 * 12, 12)]


def test_nobody_but_planners_sees_a_week(world, visitor, planner):
    visitor.get(WEEK)
    assert visitor.path.startswith("/sign-in")
    for address in ("/experts/nobody/week", "/experts/expert-one/week?day=soon"):
        planner.get(address)
        assert planner.status == 404


def test_it_is_a_link_away_from_the_event_and_from_the_search(world, planner):
    event = world.plan(experts=("expert-one",), rooms=("harbor-hall",))
    planner.get(f"/events/{event}")
    assert planner.page.find("a", href=WEEK)
    assert planner.page.find("a", href=f"/board?campus={PASADENA}&day=2027-02-10")
    planner.get("/search?q=expert")
    assert planner.page.find("a", href="/experts/expert-one/week")


@pytest.mark.parametrize("many", [30])
def test_a_week_costs_the_same_queries_with_1_and_with_many_events(bare_app, world, planner, many):
    at_home(world, HARBOR, max_per_week=200, max_per_day=10)

    def more(first, last):
        for number in range(first, last):
            where = (PASADENA, HARBOR)[number // 6 % 2]
            wish = builders.at(f"2027-02-{8 + number // 6:02}T{8 + number % 6 * 2:02}:00")
            world.plan(wish, campus=where, experts=("expert-one",), title=f"Event {number}")

    def queries():
        with counted(bare_app) as run:
            planner.get(WEEK)
        assert planner.status == 200
        return len(run)

    more(0, 1)
    with_one = queries()
    more(1, many)
    assert queries() == with_one <= 13  # one of them: whether delivery is paused
