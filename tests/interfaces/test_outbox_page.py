"""The inbox of all letters: for planners, and for everybody in a demo."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.interfaces.scheduler import run_tick
from eventsvc.interfaces.web import letter_words
from eventsvc.interfaces.web.outbox_page import PAGE_OF_LETTERS, linked
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS
from tests.interfaces.browser import Browser

BAD_TITLE = "<script>alert(1)</script> & <b>bold</b>"


@pytest.fixture
def reader(demo: Flask) -> Browser:
    return Browser(demo)


def ask(app: Flask, title: str = "Careers at the port", *, email: str = "pelican@port.example") -> str:
    """Plan an event with one expert; returns the public id of the letter."""
    with app.app_context(), transaction():
        plan = builders.a_plan(builders.a_campus(), experts=[builders.an_expert(email=email)], title=title)
        event = plan_event(plan, actor=ADMINISTRATOR, now=NOW)
        return str(db.session.scalar(select(Message.public_id).where(Message.event == str(event.public_id))))


def subjects(browser: Browser) -> list[str]:
    return [link.get_text() for link in browser.page.select(".letter-line .subject")]


def states(browser: Browser) -> list[str]:
    return [tag.get_text() for tag in browser.page.select(".letter-state")]


@pytest.mark.parametrize(
    "path", ["/outbox", "/outbox/{letter}", "/outbox/{letter}/html", "/outbox/{letter}/invite.ics"]
)
def test_outside_a_demo_letters_are_for_planners(bare_app, path):
    with time_machine.travel(NOW, tick=False):
        path = path.format(letter=ask(bare_app))
        somebody = Browser(bare_app)
        somebody.get(path)
        assert somebody.path.startswith("/sign-in")
        assert "Careers at the port" not in somebody.response.get_data(as_text=True)
        somebody.sign_in()
        somebody.get(path)
        assert (somebody.status, somebody.path) == (200, path)
        assert "Careers at the port" in somebody.response.get_data(as_text=True)


def test_the_newest_letter_stands_first_with_address_time_and_state(demo, reader):
    ask(demo, "First")
    ask(demo, "Second", email="heron@port.example")
    reader.get("/outbox")
    assert subjects(reader) == ["Will you come? Second", "Will you come? First"]
    assert "heron@port.example" in reader.text
    assert "Monday, January 11, 2027" in reader.text
    assert states(reader) == ["Waits to be sent"] * 2
    run_tick(demo)
    reader.get("/outbox")
    assert states(reader) == ["Sent"] * 2


def test_letters_are_filtered_by_address(demo, reader):
    ask(demo, "For the pelican")
    ask(demo, "For the heron", email="Heron@port.example")
    reader.get("/outbox")
    reader.submit("Show", values={"to": "heron@"})
    assert subjects(reader) == ["Will you come? For the heron"]
    reader.get("/outbox?to=%25")  # a percent sign is a percent sign
    assert subjects(reader) == []
    assert "No letter matches." in reader.text
    reader.get("/outbox?to=her%00on@")
    assert (reader.status, subjects(reader)) == (200, ["Will you come? For the heron"])


def test_letters_stand_under_the_days_on_which_they_were_written(demo, reader):
    ask(demo, "On Monday")
    with time_machine.travel(NOW, tick=False), demo.app_context(), transaction():
        campus = builders.a_campus()
        plan = builders.a_plan(campus, experts=[builders.an_expert()], title="On Tuesday")
        plan_event(plan, actor=ADMINISTRATOR, now=NOW + timedelta(days=1))
    page = reader.get("/outbox")
    days = {day.h2.get_text(): [link.get_text() for link in day.select(".subject")] for day in page.select(".day")}
    assert days == {
        "Tuesday, January 12, 2027": ["Will you come? On Tuesday"],
        "Monday, January 11, 2027": ["Will you come? On Monday"],
    }


def test_a_letter_about_no_event_shows_the_hour_of_the_first_zone_it_names_else_utc(demo, reader):
    facts = {
        "week": {"first_on": "2027-01-11", "events": {"items": [{"event": {"zone": "America/Denver"}}]}},
        "none": {"items": [], "zone": "Mars/Olympus"},
    }
    with demo.app_context(), time_machine.travel(NOW, tick=False):
        hours = {
            name: letter_words.written_at(Message(facts={name: fact}, created_at=NOW)) for name, fact in facts.items()
        }
    assert hours == {"week": "10:00\u00a0AM", "none": "5:00\u00a0PM UTC"}


def test_letters_are_filtered_by_what_became_of_them_and_by_event(demo, reader):
    ask(demo, "Sent long ago")
    run_tick(demo)
    letter = ask(demo, "Still here")
    reader.get("/outbox?state=sent")
    assert subjects(reader) == ["Will you come? Sent long ago"]
    reader.submit("Show", values={"state": "queued"})
    assert subjects(reader) == ["Will you come? Still here"]
    page = reader.get(f"/outbox/{letter}")
    reader.get(page.find("a", string="All letters about this event")["href"])
    assert subjects(reader) == ["Will you come? Still here"]
    assert "Only letters about “Still here” are shown." in reader.text
    reader.submit("Show", values={"state": "sent"})  # the form keeps the event
    assert "No letter matches." in reader.text
    reader.get("/outbox?state=lost")
    assert reader.status == 404


def test_a_letter_leads_to_the_newer_and_the_older_one_of_those_wanted(demo, reader):
    ask(demo, "First")
    ask(demo, "Another's", email="heron@port.example")
    last = ask(demo, "Last")
    page = reader.get(f"/outbox/{last}?to=pelican")
    assert page.select("a[rel=prev]") == []
    page = reader.get(page.select_one("a[rel=next]")["href"])
    assert page.h1.get_text() == "Will you come? First"
    assert page.select("a[rel=next]") == []
    page = reader.get(page.select_one("a[rel=prev]")["href"])
    assert page.h1.get_text() == "Will you come? Last"


def test_the_html_of_a_letter_is_a_document_that_can_do_nothing(demo, reader):
    letter = ask(demo, BAD_TITLE)
    frame = reader.get(f"/outbox/{letter}").select_one("iframe")
    assert frame.get_attribute_list("sandbox") == ["allow-top-navigation-by-user-activation"]
    assert frame["title"]
    page = reader.get(frame["src"])
    policy = reader.response.headers["Content-Security-Policy"]
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-top-navigation-by-user-activation",
    }
    assert reader.response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert page.base["target"] == "_top"
    assert page.select("script, b") == []
    assert BAD_TITLE in page.get_text()
    assert page.find("a", string="See the briefing and answer")["href"].startswith("https://events.example/answer/")


@pytest.mark.parametrize(
    ("become", "words"),
    [
        ({"state": MessageState.SENT, "sent_at": NOW}, "It left on Monday, January 11, 2027, 9:00 AM."),
        ({}, "It leaves by itself, usually within a minute."),
        (
            {"error": "ConnectionRefusedError"},
            "The mail server could not be reached. It is tried again every minute.",
        ),
        ({"error": "450 busy", "attempts": 2}, "The other side could not take it yet. It is tried again on Monday"),
        ({"state": MessageState.LEASED}, "It is being handed to the mail server at this moment."),
        ({"state": MessageState.FAILED, "error": "550 no such user"}, "reach the person another way"),
        ({"state": MessageState.SET_ASIDE, "error": "KeyError in remind.py, line 3"}, "Our own program failed at it"),
        ({"state": MessageState.DROPPED}, "Something changed before it left"),
    ],
    ids=["sent", "fresh", "no server", "put off", "leased", "failed", "set aside", "dropped"],
)
def test_a_letter_says_what_became_of_it_and_the_way_on(demo, reader, become, words):
    letter = ask(demo)
    with demo.app_context(), transaction():
        row = post.get_message(letter)
        for name, value in become.items():
            setattr(row, name, value)
    reader.get(f"/outbox/{letter}")
    assert words in reader.text
    assert become.get("error", "") in reader.text


def test_a_letter_that_waits_says_so_where_there_is_no_mail_server(bare_app):
    with time_machine.travel(NOW, tick=False):
        planner = Browser(bare_app)
        planner.sign_in()
        planner.get(f"/outbox/{ask(bare_app)}")
        assert "It waits because this service has no mail server yet." in planner.text


def test_letters_come_a_page_at_a_time_and_keep_the_filter(demo, reader):
    count = PAGE_OF_LETTERS + 3
    for number in range(count):
        ask(demo, f"Event {number}")
    ask(demo, "Another's", email="heron@port.example")
    reader.get("/outbox?to=pelican")
    seen = subjects(reader)
    assert len(seen) == PAGE_OF_LETTERS
    older = reader.page.find("a", string="Older letters")["href"]
    reader.get(older)
    seen += subjects(reader)
    assert seen == [f"Will you come? Event {number}" for number in reversed(range(count))]
    assert reader.page.find("a", string="Older letters") is None


def test_a_letter_shows_its_headers_and_its_links_lead_on(demo, reader):
    letter = ask(demo)
    page = reader.get(f"/outbox/{letter}")
    heads = {line.dt.get_text(): line.dd.get_text() for line in page.select(".letter-head > div")}
    assert heads["Subject"] == "Will you come? Careers at the port"
    assert "<pelican@port.example>" in heads["To"]
    assert heads["Message-ID"] == f"<{letter}@events.example>"
    links = [link["href"] for link in page.select(".letter-text a")]
    assert [link.split("/")[3] for link in links] == ["answer", "season"]
    for link in links:
        reader.get(link.removeprefix("https://events.example"))
        assert reader.status == 200
        assert "Careers at the port" in reader.text


def test_a_letter_says_what_it_tells_the_calendar(demo, reader):
    letter = ask(demo)
    page = reader.get(f"/outbox/{letter}")
    assert "For the calendar: REQUEST, revision 1" in page.get_text()
    (link,) = page.select("a[href$='/invite.ics']")
    reader.get(link["href"])
    assert reader.response.mimetype == "text/plain"
    assert "\nMETHOD:REQUEST" in reader.response.get_data(as_text=True).replace("\r", "")


def test_a_letter_without_calendar_has_no_file(demo, reader):
    with demo.app_context(), transaction():
        facts = LETTERS["confirmed"]
        letter = str(post.post("confirmed", key="k", to_address="a@b.example", facts=facts, now=NOW).public_id)
    assert "For the calendar" not in reader.get(f"/outbox/{letter}").get_text()
    reader.get(f"/outbox/{letter}/invite.ics")
    assert reader.status == 404


def test_what_people_typed_is_shown_and_not_run(demo, reader):
    page = reader.get(f"/outbox/{ask(demo, BAD_TITLE)}")
    assert BAD_TITLE in page.h1.get_text()
    assert page.select("main script, main b") == []
    page = reader.get("/outbox")
    assert subjects(reader) == [f"Will you come? {BAD_TITLE}"]
    assert page.select("main script, main b") == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain & <simple>", "plain &amp; &lt;simple&gt;"),
        (
            "See https://a.example/x?y=1&z=2.",
            'See <a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a>.',
        ),
        ("(https://a.example/b)", '(<a href="https://a.example/b">https://a.example/b</a>)'),
        ('https://a.example/"onclick="x', '<a href="https://a.example/">https://a.example/</a>&#34;onclick=&#34;x'),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_addresses_become_links_and_nothing_else_does(text, html):
    assert str(linked(text)) == html


@pytest.mark.parametrize("number", ["nonsense", "00000000-0000-4000-8000-000000000000"])
@pytest.mark.parametrize("path", ["/outbox/{}", "/outbox/{}/html", "/outbox/{}/invite.ics", "/outbox?before={}"])
def test_an_unknown_letter_is_not_found(reader, path, number):
    reader.get(path.format(number))
    assert reader.status == 404
    assert "There is no such letter." in reader.text


def test_a_letter_that_cannot_leave_for_its_address_alone_is_shown_with_its_subject_and_words(demo, reader):
    ask(demo)
    with demo.app_context(), transaction():
        message = db.session.scalars(select(Message)).one()
        message.to_address, message.state = "josé@port.example", MessageState.FAILED
        number = message.public_id
    reader.get("/outbox")
    assert subjects(reader) == ["Will you come? Careers at the port"]
    page = reader.get(f"/outbox/{number}")
    assert "No letter can leave for this address." in reader.text
    assert "Careers at the port" in page.select_one(".letter-text").get_text()
    assert page.select("iframe") == []


def test_a_row_that_cannot_be_written_out_hides_no_other(demo, reader):
    with demo.app_context(), transaction():
        broken = post.post("invitation", key="k", to_address="a@b.example", facts={}, now=NOW)
        db.session.flush()
        number = broken.public_id
    ask(demo)
    reader.get("/outbox")
    assert subjects(reader) == ["Will you come? Careers at the port", "(no letter can be made of this: invitation)"]
    page = reader.get(f"/outbox/{number}")
    assert reader.status == 200
    assert "a@b.example" in reader.text
    assert "Tell whoever runs this service." in reader.text
    assert page.select("iframe") == []
    reader.get(f"/outbox/{number}/html")
    assert reader.status == 404
