"""The page of outside calendars: attach, look again, forget; what fails stands first and says why."""

from __future__ import annotations

from io import BytesIO

import pytest

from eventsvc.core import clock
from eventsvc.core.fetch import Fetcher
from eventsvc.workflows.refresh_calendars import refresh_due
from tests.ical.calendars import calendar, entry, timed
from tests.interfaces.browser import words_of
from tests.interfaces.pages import PASADENA

PATH = "/outside-calendars"
DAILY = calendar(timed("20200101T220000Z", "20200101T230000Z", "RRULE:FREQ=DAILY"))


def rows(page) -> list[str]:
    return [words_of(row) for row in page.select("tbody tr")]


def attach(planner, **values: str):
    planner.get(PATH)
    return planner.submit("Attach", values=values)


def test_nobody_but_planners_sees_it(world, visitor):
    visitor.get(PATH)
    assert visitor.path == f"/sign-in?next={PATH}"
    assert "Outside calendars" not in visitor.get("/").get_text()


def test_a_planner_finds_it_from_every_page(world, planner):
    assert planner.get("/").select_one(f'footer a[href="{PATH}"]') is not None


def test_an_empty_list_says_so(world, planner):
    planner.get(PATH)
    assert "No room, expert or campus has an outside calendar yet." in planner.text


def test_a_calendar_is_attached_and_says_how_old_the_knowledge_is(world, planner, bare_app, still):
    page = attach(planner, whose="rooms:harbor-hall", url="webcal://feeds.example/secret-token/hall.ics")
    assert planner.path == PATH
    (row,) = rows(page)
    assert "Harbor Hall feeds.example" in row
    assert "Not read yet" in row
    assert "secret-token" not in page.get_text()  # an address may be all that a stranger needs
    with bare_app.app_context():
        failing = Fetcher(resolver=lambda host, port: [])
        assert [look.error for look in refresh_due(failing, clock.now)] == ["The name feeds.example is not known."]
    (row,) = rows(planner.get(PATH))
    assert "The last look failed: The name feeds.example is not known." in row
    assert "Next look on Monday, January 11, 2027, 9:30" in row


def test_a_file_is_read_at_once_and_forgotten_again(world, planner):
    planner.get(PATH)
    page = send_file(planner, "experts:expert-one", DAILY)
    assert "times are blocked" in planner.text
    (row,) = rows(page)
    assert "uploaded by hand" in row
    assert "Read on Monday, January 11, 2027" in row
    planner.submit("Forget it (Expert One)")
    assert "The calendar is forgotten, and what it blocked is free." in planner.text
    assert rows(planner.get(PATH)) == []


def send_file(planner, whose: str, raw: bytes):
    """Attach a file as a browser sends it."""
    token = planner.page.select_one("input[name=csrf_token]")["value"]
    values = {"csrf_token": token, "act": "attach", "whose": whose, "url": "", "file": (BytesIO(raw), "mine.ics")}
    return planner.post(PATH, values)


def test_a_look_is_asked_for(world, planner):
    attach(planner, whose="campuses:pasadena-city-college", url="https://feeds.example/a.ics")
    planner.submit("Look again soon (Pasadena City College)")
    assert "The calendar is looked at within a few minutes." in planner.text


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"whose": "", "url": "https://feeds.example/a.ics"}, "whose", "Choose whose calendar it is."),
        ({"whose": "rooms:harbor-hall", "url": ""}, "url", "That is not an address such as"),
        ({"whose": "rooms:harbor-hall", "url": "https://10.0.0.1/a.ics"}, "url", "not an address in the open internet"),
        ({"whose": "rooms:harbor-hall", "url": "http://feeds.example/"}, "url", "https:// or webcal://"),
    ],
)
def test_what_is_refused_stands_beside_its_field_and_what_was_typed_stays(world, planner, values, field, words):
    page = attach(planner, **values)
    assert planner.status == 422
    assert words in words_of(page.select_one(f"#e-{field}"))
    assert page.select_one(f"#f-{field}")["aria-invalid"] == "true"
    assert page.select_one("#f-url")["value"] == values["url"]
    assert rows(page) == []


def test_a_file_that_is_no_calendar_is_refused_beside_its_field(world, planner):
    planner.get(PATH)
    page = send_file(planner, "rooms:harbor-hall", b"<html>")
    assert planner.status == 422
    assert "It is not a calendar" in words_of(page.select_one("#e-file"))


def test_what_is_not_there_is_refused_in_a_sentence(world, planner):
    planner.get(PATH)
    token = planner.page.select_one("input[name=csrf_token]")["value"]
    planner.post(PATH, {"csrf_token": token, "act": "remove", "whose": "rooms:harbor-hall"})
    assert planner.status == 404
    assert "has no outside calendar" in planner.text


# Refusals say how old the knowledge is


def refused_plan(planner) -> str:
    """What the page says to a plan for the hall on the afternoon of 10 February 2027, when it is taken elsewhere."""
    planner.get(f"/plan?campus={PASADENA}")
    when = {"date": "2027-02-10", "time": "14:00", "duration_minutes": "60"}
    planner.submit("Plan", values={**when, "title": "Careers", "rooms": "harbor-hall"})
    assert planner.status == 409
    return planner.text


def test_a_refused_plan_says_how_old_the_outside_calendars_word_is(world, planner):
    planner.get(PATH)
    send_file(planner, "rooms:harbor-hall", DAILY)
    words = refused_plan(planner)
    assert "Harbor Hall is busy elsewhere" in words
    assert "We last read that calendar Monday, January 11, 2027, 9:00" in words


def test_so_does_one_that_a_campuss_calendar_refuses_on_the_page_and_in_json(world, planner, admin):
    planner.get(PATH)
    holiday = calendar(entry("DTSTART;VALUE=DATE:20270210", "SUMMARY:Lincoln's birthday"))
    send_file(planner, f"campuses:{PASADENA}", holiday)
    words = refused_plan(planner)
    assert "Lincoln's birthday" in words
    assert "We last read that calendar Monday, January 11, 2027, 9:00" in words
    wish = {"kind": "info_session", "title": "Careers", "campus": PASADENA, "rooms": ["harbor-hall"]}
    answer = admin.post("/api/v1/events", json={**wish, "starts_local": "2027-02-10T14:00", "duration_minutes": 60})
    assert answer.status_code == 409
    (clash,) = answer.json["clashes"]
    assert clash["as_of"].startswith("2027-01-11T17:00:00")
    assert "So the campus's own calendar said on " in clash["detail"]
