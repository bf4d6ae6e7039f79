"""The page of calendars of other systems: try a file, import it, subscribe, pause, end, and what is gone."""

from __future__ import annotations

from io import BytesIO

import pytest

from eventsvc.core import clock
from eventsvc.core.fetch import Fetcher
from eventsvc.workflows.refresh_subscriptions import refresh_due
from tests.ical.calendars import calendar, entry, timed
from tests.interfaces.browser import words_of
from tests.web_server import Page, web_server

PATH = "/offices/office/imports"
TWO = ("20270210T220000Z", "20270210T230000Z")
ONE = timed(*TWO, "SUMMARY:Careers in water", uid="one")
OTHER = timed("20270211T220000Z", "20270211T230000Z", "SUMMARY:Other", uid="two")


@pytest.fixture
def path(world, planner) -> str:
    """The page of the first office that there is."""
    planner.get("/imports")
    links = [link["href"] for link in planner.page.select("main li a")]
    return links[0] if links else planner.path


def send(planner, path: str, act: str, **values):
    planner.get(path)
    return planner.submit(act, within="main", values=values)


def a_file(*parts) -> tuple[BytesIO, str]:
    return BytesIO(calendar(*parts)), "a.ics"


def test_only_those_who_plan_see_it(world, visitor):
    visitor.get("/imports")
    assert visitor.path.startswith("/sign-in")


def test_it_is_found_from_the_start_page(world, planner):
    assert planner.get("/home").select_one('a[href="/imports"]') is not None


def test_a_file_is_tried_then_imported_and_the_report_leads_to_the_events(path, planner):
    tried = send(planner, path, "Show what would happen", file=a_file(ONE, entry("DTSTART:x", uid="bad")))
    assert "This is what would happen" in planner.text
    assert "1 new, 1 refused." in planner.text
    assert "(line 11) – refused Its start on line 14 cannot be read." in planner.text
    done = send(planner, path, "Import the file", file=a_file(ONE), kind="workshop", publish="yes")
    assert "This is what happened 1 new." in planner.text
    assert tried is not done
    link = planner.page.select_one("#what-happened a")
    assert words_of(link) == "Careers in water"
    planner.get(link["href"])
    assert planner.status == 200
    send(planner, path, "Import the file", file=a_file(ONE), kind="workshop", publish="yes")
    assert "1 unchanged." in planner.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "Choose an .ics file."),
        (b"<html>", "Line 1: It is not a calendar"),
        (calendar(entry("SUMMARY:No start")), "Line 4: Not one of its entries"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(path, planner, content, words):
    send(planner, path, "Import the file", **({"file": (BytesIO(content), "a.ics")} if content else {}))
    assert planner.status == 422
    assert words in words_of(planner.page.select_one("#e-file"))


def test_an_office_subscribes_pauses_and_ends(path, planner):
    send(planner, path, "Subscribe to the address", url="webcal://feeds.example/secret-token/a.ics")
    assert "feeds.example" in planner.text
    assert "Not read yet" in planner.text
    assert "secret-token" not in planner.text
    press(planner, path, "pause")
    assert "It is paused." in planner.text
    press(planner, path, "go_on")
    assert "It is paused." not in planner.text
    press(planner, path, "look")
    press(planner, path, "end")
    assert "This office has subscribed to no calendar yet." in planner.text


def press(planner, path: str, act: str) -> None:
    """Press the button of a subscription."""
    planner.get(path)
    button = planner.page.select_one(f'section button[value="{act}"]')
    planner.submit(words_of(button), within="section")


def test_an_address_of_the_inside_is_refused_beside_its_field(path, planner):
    send(planner, path, "Subscribe to the address", url="https://127.0.0.1/a.ics")
    assert planner.status == 422
    assert "open internet" in words_of(planner.page.select_one("#e-url"))


def test_what_a_look_did_and_what_is_gone_are_shown(path, planner, bare_app, still, monkeypatch):
    monkeypatch.setattr(Fetcher, "_is_allowed", lambda *_: True)
    with web_server() as server:
        server.pages["/a.ics"] = Page(calendar(ONE, OTHER))
        send(planner, path, "Subscribe to the address", url=server.at("/a.ics"))

        def look() -> None:
            with bare_app.app_context():
                assert [one.error for one in refresh_due(Fetcher(), clock.now)] == [""]

        look()
        planner.get(path)
        assert "2 new" in planner.text
        server.pages["/a.ics"] = Page(calendar(ONE))
        press(planner, path, "look")
        look()
        planner.get(path)
        assert "These are not in the calendar any more." in planner.text
        assert "Other" in planner.text
