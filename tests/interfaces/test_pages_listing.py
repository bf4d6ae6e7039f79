"""The list and the month: the same events, the same filters, a fixed number of queries."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from eventsvc.core.db import transaction
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.models import EventKind, Visibility
from eventsvc.domain.events.schedule import When
from eventsvc.interfaces import paging
from eventsvc.workflows.call_off_event import cancel_event, decline_event, postpone_event
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.move_event import Destination, move_event
from tests import builders, poured
from tests.counting import counted
from tests.interfaces import pages
from tests.interfaces.browser import words_of
from tests.interfaces.pages import HARBOR, PASADENA


def titles(page) -> list[str]:
    return sorted(words_of(link) for link in page.select("main .card a, main td li a"))


@pytest.fixture
def five(bare_app, still):
    """Five public events of February, and one that only planners may see."""
    with bare_app.app_context():
        poured.told("five events of February", partial(february, bare_app))


def february(app):
    world = pages.make(app)
    world.plan(builders.at("2027-02-10T14:00"), title="A session", topics=("zero-emission",), rooms=("harbor-hall",))
    world.plan(builders.at("2027-02-10T09:00"), title="A workshop", kind=EventKind.WORKSHOP)
    world.plan(builders.at("2027-02-20T09:00"), title="Elsewhere", campus=HARBOR, topics=("stewardship",))
    world.plan(When(all_day=True, starts_on=date(2027, 2, 26), days=2), title="A fair", kind=EventKind.RECRUITMENT_FAIR)
    off = world.plan(builders.at("2027-02-28T18:00"), title="Called off")
    world.plan(builders.at("2027-02-11T18:00"), title="Not told", published=False)
    world.plan(builders.at("2027-02-11T18:00"), title="Among us", visibility=Visibility.PRIVATE)
    world.run(confirm_as_host, off)
    world.run(cancel_event, off)


PUBLIC_TITLES = ["A fair", "A session", "A workshop", "Called off", "Elsewhere"]


@pytest.mark.parametrize("path", ["/", "/month/2027-02"])
def test_both_views_show_every_public_event(five, visitor, path):
    page = visitor.get(path)
    assert sorted(set(titles(page))) == PUBLIC_TITLES


@pytest.mark.parametrize("path", ["/", "/month/2027-02"])
def test_planners_see_the_others_too_and_they_are_marked(five, planner, path):
    page = planner.get(path)
    assert sorted(set(titles(page))) == sorted([*PUBLIC_TITLES, "Not told", "Among us"])
    marked = {words_of(entry.find("a")): words_of(entry.select_one(".tags")) for entry in page.select(".card, td li")}
    assert "Not published" in marked["Not told"]
    assert "Only those who plan" in marked["Among us"]
    assert "Not published" not in marked["A session"]


@pytest.mark.parametrize("path", ["/", "/month/2027-02"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"campus={HARBOR}", ["Elsewhere"]),
        ("kind=workshop", ["A workshop"]),
        ("topic=zero-emission", ["A session"]),
        (f"campus={PASADENA}&kind=info_session&topic=", ["A session", "Called off"]),
        ("kind=meeting", []),
    ],
)
def test_filters_narrow_both_views_alike(five, visitor, path, query, expected):
    page = visitor.get(f"{path}?{query}")
    assert titles(page) == expected
    if not expected:
        assert "No events match these filters." in visitor.text


def test_filters_stay_in_the_form_and_in_every_link(five, visitor):
    page = visitor.get(f"/month/2027-02?campus={HARBOR}&kind=info_session")
    assert [option["value"] for option in page.select("option[selected]") if option["value"]] == [
        HARBOR,
        "info_session",
    ]
    for link in page.select(".months a, .views a"):
        assert f"campus={HARBOR}" in link["href"]
        assert "kind=info_session" in link["href"]


@pytest.mark.parametrize("query", ["campus=nowhere", "kind=party", "topic=none"])
def test_a_filter_that_nothing_has_is_not_found(world, visitor, query):
    visitor.get(f"/?{query}")
    assert visitor.status == 404


def test_the_way_to_the_other_language_keeps_the_filters_and_is_swapped_with_the_events(five, visitor):
    for path in (f"/?campus={PASADENA}&q=careers", "/search?q=careers"):
        page = visitor.get(path)
        link = page.select_one("#languages a[lang=es]")["href"]
        assert parse_qs(urlsplit(link).query)["q"] == ["careers"]
        assert "#languages:innerHTML" in page.select_one("main form[role=search]")["hx-select-oob"]


def test_the_list_stands_under_local_days_in_order(five, visitor):
    page = visitor.get("/")
    days = [time["datetime"] for time in page.select("section.day h2 time")]
    assert days == ["2027-02-10", "2027-02-20", "2027-02-26", "2027-02-28"]
    first = [words_of(card) for card in page.select("section.day")[0].select(".card")]
    assert ["A workshop" in first[0], "A session" in first[1]] == [True, True]
    assert "All times are Pacific Time." in visitor.text


def test_a_day_is_the_campus_day_and_not_the_utc_day(world, visitor):
    world.plan(builders.at("2027-02-28T20:00"), title="Late")  # March in UTC
    assert titles(visitor.get("/month/2027-02")) == ["Late"]
    assert titles(visitor.get("/month/2027-03")) == []


def test_an_event_of_several_days_stands_on_each_in_the_month(five, visitor):
    page = visitor.get("/month/2027-02")
    cells = [cell.find("time")["datetime"] for cell in page.select("td") if "A fair" in words_of(cell)]
    assert cells == ["2027-02-26", "2027-02-27"]


def test_the_month_is_a_table_of_whole_weeks_with_its_neighbours(world, visitor):
    page = visitor.get("/month/2027-02")
    assert words_of(page.find("caption")) == "Events in February 2027"
    assert [words_of(head) for head in page.select("thead th")] == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert {len(row.find_all("td")) for row in page.select("tbody tr")} == {7}
    assert [link["href"] for link in page.select(".months a")] == ["/month/2027-01", "/month/2027-03"]


def facts_of(entry) -> tuple[str, ...]:
    """All that a view says about an event."""
    time = words_of(entry.select_one(".time")) if not re.search("All day", words_of(entry)) else "All day"
    return words_of(entry.find("a")), time, words_of(entry.select_one(".place")), words_of(entry.select_one(".tags"))


@pytest.mark.parametrize("who", ["visitor", "planner"])
def test_list_week_and_month_say_the_same_about_each_event(five, request, who):
    browser = request.getfixturevalue(who)
    weeks = [f"/week/2027-02-{day:02}" for day in (7, 14, 21, 28)]
    listed = {facts_of(card) for card in browser.get("/").select(".card")}
    in_month = {facts_of(entry) for entry in browser.get("/month/2027-02").select("td li")}
    in_weeks = {facts_of(entry) for path in weeks for entry in browser.get(path).select("td li")}
    assert listed == in_month == in_weeks
    assert len(listed) == (5 if who == "visitor" else 7)


@pytest.mark.parametrize("day", ["2027-02-07", "2027-02-10", "2027-02-13"])
def test_a_week_goes_from_sunday_to_saturday_with_its_neighbours(five, visitor, day):
    page = visitor.get(f"/week/{day}")
    assert words_of(page.find("h1")).replace("\u2009", " ") == "Events of Feb 7 – 13, 2027"
    assert [time["datetime"] for time in page.select("td time")] == [f"2027-02-{number:02}" for number in range(7, 14)]
    assert [link["href"] for link in page.select(".months a")] == ["/week/2027-01-31", "/week/2027-02-14"]
    assert titles(page) == ["A session", "A workshop"]


def test_each_day_of_a_long_event_says_which_day_it_is(five, visitor):
    page = visitor.get("/month/2027-02")
    assert [words_of(time) for time in page.select("td li .time") if "day" in words_of(time)] == [
        "All day, day 1 of 2",
        "All day, day 2 of 2",
    ]


@pytest.fixture
def apart(world):
    """Harbor College lies some 27 miles south of Pasadena, and a third campus nobody has located."""
    with world.app.app_context(), transaction():
        for slug, latitude, longitude in ((PASADENA, 34.144, -118.118), (HARBOR, 33.786, -118.284)):
            campus = directory.get(Campus, slug)
            campus.latitude, campus.longitude = latitude, longitude
        builders.a_campus("somewhere-college")
    world.plan(builders.at("2027-02-10T14:00"), title="Here")
    world.plan(builders.at("2027-02-11T14:00"), title="There", campus=HARBOR)
    world.plan(builders.at("2027-02-12T14:00"), title="Unlocated", campus="somewhere-college")


@pytest.mark.parametrize("path", ["/", "/week/2027-02-10", "/month/2027-02"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"campus={PASADENA}", ["Here"]),
        (f"campus={PASADENA}&within=10", ["Here"]),
        (f"campus={PASADENA}&within=50", ["Here", "There"]),
        (f"campus={HARBOR}&within=50", ["Here", "There"]),
        ("campus=somewhere-college&within=50", ["Unlocated"]),
        ("within=5", ["Here", "There", "Unlocated"]),
        (f"campus={PASADENA}&within=far", ["Here"]),
    ],
)
def test_near_my_college_takes_in_the_campuses_around(apart, visitor, path, query, expected):
    assert titles(visitor.get(f"{path}?{query}")) == expected


@pytest.mark.parametrize("path", ["/", "/week/2027-02-10", "/month/2027-02"])
def test_the_events_of_a_room_are_everybodys_and_those_of_a_person_the_planners(world, visitor, planner, path):
    world.plan(builders.at("2027-02-10T14:00"), title="In the hall", rooms=("harbor-hall",))
    world.plan(builders.at("2027-02-11T14:00"), title="With one", experts=("expert-one",))
    assert titles(visitor.get(f"{path}?room=harbor-hall")) == ["In the hall"]
    assert "Only events in Harbor Hall, Pasadena City College." in visitor.text
    assert titles(planner.get(f"{path}?expert=expert-one")) == ["With one"]
    # The public is told nothing by it: who comes where is not its affair.
    assert titles(visitor.get(f"{path}?expert=expert-one")) == titles(visitor.get(path)) == ["In the hall", "With one"]


@pytest.mark.parametrize("path", ["/", "/week/2027-02-10", "/month/2027-02"])
def test_words_narrow_every_view(five, visitor, path):
    assert titles(visitor.get(f"{path}?q=work")) == ["A workshop"]
    assert visitor.page.select_one("#f-q")["value"] == "work"
    assert titles(visitor.get(f"{path}?q=Nothing+of+the+kind")) == []


def test_what_is_near_says_how_far_it_is(apart, visitor):
    page = visitor.get(f"/?campus={PASADENA}&within=50")
    away = {words_of(card.find("a")): words_of(card.select_one(".place")) for card in page.select(".card")}
    assert "mi away" not in away["Here"]
    assert away["There"].endswith("about 27 mi away")


def test_a_topic_is_one_link_that_keeps_the_other_filters_and_takes_itself_back(five, visitor):
    page = visitor.get("/month/2027-02?kind=info_session")
    link = page.find("a", string="Zero Emission")
    assert link["href"] == "/month/2027-02?kind=info_session&topic=zero-emission"
    chosen = visitor.get(link["href"]).select_one(".topics [aria-current]")
    assert chosen["href"] == "/month/2027-02?kind=info_session"


@pytest.mark.parametrize("day", ["2027-02-30", "2027-W06", "20270210", "nonsense", "1999-12-31", "2027-2-1"])
def test_what_is_not_a_day_is_not_found(world, visitor, day):
    visitor.get(f"/week/{day}")
    assert visitor.status == 404


@pytest.mark.parametrize("month", ["2027-13", "2027-2", "nonsense", "1999-12", "2027-02-01"])
def test_what_is_not_a_month_is_not_found(world, visitor, month):
    visitor.get(f"/month/{month}")
    assert visitor.status == 404


def test_an_event_that_is_off_says_so(five, visitor):
    page = visitor.get("/")
    card = next(card for card in page.select(".card") if "Called off" in words_of(card))
    assert "Cancelled" in words_of(card.select_one(".tags"))


@pytest.fixture
def put_off(world) -> str:
    """Promised for two hours of February 10, put off, and planned anew for three whole days of March."""
    event = world.plan(builders.at("2027-02-10T14:00", 120), title="Put off")
    world.run(confirm_as_host, event)
    world.run(postpone_event, event)
    anew = {"all_day": True, "starts_on": date(2027, 3, 16), "days": 3}
    world.run(move_event, event, to=Destination(time=anew))
    return event


@pytest.mark.parametrize("who", ["visitor", "planner"])
def test_what_is_put_off_stands_in_every_view_at_the_time_that_was_promised(put_off, request, who):
    browser = request.getfixturevalue(who)
    day = browser.get("/").select_one("section.day")
    assert words_of(day.find("h2")) == "Wednesday, February 10, 2027"
    assert words_of(day.select_one(".time")) == "2:00 PM – 4:00 PM"
    for path in ("/week/2027-02-10", "/month/2027-02"):
        assert words_of(browser.get(path).select_one("td li .time")) == "2:00 PM – 4:00 PM", path
    for path in ("/week/2027-03-17", "/month/2027-03"):
        assert titles(browser.get(path)) == [], path
    assert "2 hours" in words_of(browser.get(f"/events/{put_off}").select_one("article header"))


def test_the_name_of_its_calendar_file_does_not_tell_the_new_day(put_off, public):
    named = public.get(f"/events/{put_off}.ics").headers["Content-Disposition"]
    assert named == 'attachment; filename="2027-02-10-info_session.ics"'


def test_who_would_come_at_the_new_time_is_not_told_yet(world, visitor):
    event = world.plan(title="Put off")
    world.run(confirm_as_host, event)
    world.run(postpone_event, event)
    with_one = Destination(time={"starts_local": datetime(2027, 3, 16, 9)}, experts=("expert-one",))
    world.run(move_event, event, to=with_one)
    assert "Port Of Los Angeles" not in words_of(visitor.get(f"/events/{event}").find("article"))
    assert "No results" in words_of(visitor.get("/search?q=port+of+los+angeles").find("main"))


def test_the_order_and_the_cursor_of_a_list_do_not_tell_the_new_time(put_off, world, public):
    world.plan(builders.at("2027-02-20T09:00"), title="In between")
    page = public.get("/api/v1/events?limit=1").json
    assert [event["title"] for event in page["items"]] == ["Put off"]
    cursor = parse_qs(urlsplit(page["next"]).query)["cursor"][0]
    assert paging.event_key(cursor)[0].isoformat() == "2027-02-10T22:00:00+00:00"
    assert [event["title"] for event in public.get(page["next"]).json["items"]] == ["In between"]
    assert public.get("/api/v1/events?from=2027-03-01T00:00:00Z").json["items"] == []


def test_a_declined_request_is_simply_cancelled_for_the_public(world, visitor, planner):
    world.run(decline_event, world.plan())
    assert "Cancelled" in words_of(visitor.get("/").select_one(".tags"))
    assert "Declined" in words_of(planner.get("/").select_one(".tags"))


def test_more_events_than_a_page_holds_are_reached_by_paging(world, visitor):
    for hour in range(35):
        world.plan(builders.at(f"2027-02-{1 + hour // 10:02}T{8 + hour % 10:02}:00", 30), title=f"Number {hour:02}")
    first = visitor.get("/?kind=info_session")
    following = first.select_one("a[rel=next]")["href"]
    assert "kind=info_session" in following
    second = visitor.get(following)
    assert titles(first) + titles(second) == [f"Number {number:02}" for number in range(35)]
    assert second.select_one("a[rel=next]") is None


def test_a_cursor_that_is_not_ours_is_refused(world, visitor):
    visitor.get("/?cursor=abc")
    assert visitor.status == 400


def test_empty_lists_say_what_to_do_next(world, visitor, planner):
    assert visitor.get("/").select_one("main .empty a")["href"] == "/calendars"
    assert planner.get("/").select_one("main .empty a")["href"] == "/plan"


@pytest.mark.parametrize("path", ["/", "/month/2027-02", "/calendars"])
def test_a_list_costs_the_same_queries_with_1_and_with_30_rows(world, planner, bare_app, path):
    def plan(number):
        when = builders.at(f"2027-02-{1 + number // 2:02}T{9 + number % 2 * 6:02}:00", 60)
        kind = list(EventKind)[number % 8]
        campus, room = [(PASADENA, "creveling-lounge"), (HARBOR, "seahawk-center")][number % 2]
        more = {"experts": ("expert-one", "expert-two")[number % 2 : number % 2 + 1], "topics": ("stewardship",)}
        world.plan(when, kind=kind, campus=campus, rooms=(room,), co_hosts=("port-of-los-angeles",), **more)

    def statements():
        with counted(bare_app) as run:
            planner.get(path)
        assert planner.status == 200
        return len(run)

    plan(0)
    with_one = statements()
    for number in range(1, 30):
        plan(number)
    assert statements() == with_one
