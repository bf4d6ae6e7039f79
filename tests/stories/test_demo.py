"""The demo's own story: its feed, read by two parsers, and the first walk as the start page describes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
import vobject
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.events.models import Event, Status
from eventsvc.interfaces.scheduler import run_tick
from tests import databases, demos
from tests.conftest import ENGINES, NOW
from tests.interfaces.browser import Browser
from tests.post_office import open_post_office

Entry = tuple[str, str, Any, Any, str]


@pytest.fixture(scope="module", params=ENGINES)
def demo(request: pytest.FixtureRequest) -> Iterator[Flask]:
    with (
        time_machine.travel(NOW, tick=False),
        demos.running(request.getfixturevalue(f"{request.param}_databases"), NOW) as app,
    ):
        yield app


@pytest.fixture
def anybody(demo: Flask) -> FlaskClient:
    return demo.test_client()


@pytest.fixture
def planner(demo: Flask) -> FlaskClient:
    client = demo.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {databases.ADMIN_TOKEN}"
    return client


def feed_of(client: FlaskClient, path: str = "/feeds/all.ics") -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.data


def instant(value: datetime | date) -> datetime | date:
    """Both parsers' times in one form: aware UTC, or a day."""
    return value.astimezone(UTC).replace(tzinfo=UTC) if isinstance(value, datetime) else value


def read_by_icalendar(text: bytes) -> list[Entry]:
    return sorted(
        (
            str(entry["UID"]),
            str(entry["SUMMARY"]),
            instant(entry.decoded("DTSTART")),
            instant(entry.decoded("DTEND")),
            str(entry.get("LOCATION", "")),
        )
        for entry in Calendar.from_ical(text).walk("VEVENT")
    )


def read_by_vobject(text: bytes) -> list[Entry]:
    return sorted(
        (
            entry.uid.value,
            entry.summary.value,
            instant(entry.dtstart.value),
            instant(entry.dtend.value),
            entry.location.value if hasattr(entry, "location") else "",
        )
        for entry in vobject.readOne(text.decode()).vevent_list
    )


def entry_in(text: bytes, uid: str) -> Any:
    return next(entry for entry in Calendar.from_ical(text).walk("VEVENT") if str(entry["UID"]) == uid)


def test_two_parsers_read_the_feed_alike(anybody):
    text = feed_of(anybody)
    entries = read_by_icalendar(text)
    assert len(entries) >= 40
    assert read_by_vobject(text) == entries
    assert len({uid for uid, *_ in entries}) == len(entries)


def test_the_feed_says_what_the_database_says(demo, anybody):
    entries = {uid: (title, start) for uid, title, start, *_ in read_by_icalendar(feed_of(anybody))}
    with demo.app_context():
        published = db.session.scalars(select(Event).where(Event.published_at.is_not(None), Event.ends_at > NOW)).all()
        on = [event for event in published if event.status in (Status.CONFIRMED, Status.REQUESTED)]
        assert len(on) >= 40
        for event in on:
            start = event.starts_on if event.all_day else event.starts_at
            assert entries[str(event.public_id)] == (event.title, start)


def test_a_second_fetch_is_byte_for_byte_the_first_and_can_be_spared(anybody):
    first, second = anybody.get("/feeds/all.ics"), anybody.get("/feeds/all.ics")
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    spared = anybody.get("/feeds/all.ics", headers={"If-None-Match": first.headers["ETag"]})
    assert (spared.status_code, spared.data) == (304, b"")


def test_after_a_move_the_uid_is_the_same_and_the_sequence_higher(anybody, planner):
    before = anybody.get("/feeds/all.ics")
    uid = next(uid for uid, title, *_ in read_by_icalendar(before.data) if title == "Trades night")
    moved = planner.post(f"/api/v1/events/{uid}/move", json={"starts_local": "2027-03-10T18:30"})
    assert moved.status_code == 200, moved.json
    after = anybody.get("/feeds/all.ics", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    old, new = entry_in(before.data, uid), entry_in(after.data, uid)
    assert new["SEQUENCE"] > old["SEQUENCE"]
    assert new["LAST-MODIFIED"].dt > old["LAST-MODIFIED"].dt
    assert new.decoded("DTSTART") == datetime(2027, 3, 11, 2, 30, tzinfo=UTC)
    assert len(read_by_icalendar(after.data)) == len(read_by_icalendar(before.data))


def test_with_a_mail_server_only_letters_from_the_start_on_are_sent_there(sqlite_databases):
    with (
        time_machine.travel(NOW, tick=False),
        open_post_office() as office,
        demos.running(sqlite_databases, NOW, SMTP_URL=office.url) as app,
    ):
        run_tick(app)
        assert office.raw == []
        person = Browser(app)
        person.get("/demo")
        person.submit("To the next due letter")
        # At ten one is reminded, and another, who has not answered, is asked once more.
        assert sorted(office.recipients) == ["egret@port.example", "plover@port.example"]


def test_the_first_walk_goes_as_the_start_page_says(demo):
    person = Browser(demo)
    person.get("/demo")
    assert "On Thursday, January 14, 2027 Pelican Example speaks at Los Angeles Harbor College" in person.text

    # 1. Plan something that cannot work.
    person.submit("Open the filled form", within=".demo-walk")
    person.submit("Plan")
    assert person.status == 409
    assert "Rose Room is taken at that time" in person.text
    assert "The way takes 1 hour 10 minutes, and 15 minutes are left." in person.text
    assert "Wireless microphones: not enough of them" in person.text
    # 2. Take what is offered.
    person.submit("Take this")
    assert "Set aside for you" in person.text
    page = person.submit("Plan")
    assert person.status == 200
    assert "Planned." in person.text
    uid = person.path.rsplit("/", 1)[1]
    assert page.h1.get_text() == "Electric machines of the harbor"
    # 3. Publish it, and record your own yes.
    person.submit("Publish")
    person.submit("Record the host’s yes")
    assert str(entry_in(feed_of(demo.test_client()), uid)["STATUS"]) == "TENTATIVE"
    # 4. Answer as the expert.
    person.get("/demo")
    person.submit("Be the expert who was asked last", within=".demo-walk")
    assert "Electric machines of the harbor" in person.text
    person.submit("Yes, I come")
    assert person.status == 200
    # 5. See the feed, and let time pass.
    entry = entry_in(feed_of(demo.test_client(), "/feeds/campus/pasadena-city-college.ics"), uid)
    assert str(entry["STATUS"]) == "CONFIRMED"
    assert entry.decoded("DTSTART") == datetime(2027, 1, 14, 20, 30, tzinfo=UTC)
    person.get("/outbox?to=pelican")
    for _ in range(30):
        page = person.submit("To the next due letter")
        subjects = [link.get_text() for link in page.select(".letter-line .subject")]
        if subjects and subjects[0] == "Reminder, Thu, Jan 14, 12:30 PM: Electric machines of the harbor":
            break
    assert subjects[0] == "Reminder, Thu, Jan 14, 12:30 PM: Electric machines of the harbor"
    assert page.select_one(".demo-bar time")["datetime"] == "2027-01-13T20:30:00+00:00"
