"""Feeds for web sites: JSON that every site may read, and a page for frames; versions, bounds, headers."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.feeds import entries, items
from eventsvc.domain.feeds.sheets import Sheets
from eventsvc.interfaces.headers import IN_FRAMES
from eventsvc.interfaces.services import services
from eventsvc.workflows.call_off_event import cancel_event
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.plan_event import plan_event
from eventsvc.workflows.publish_event import publish_event
from tests import builders
from tests.conftest import NOW

ADDRESSES = ("/feeds/all.json", "/feeds/campus/harbor.json", "/embed/all", "/embed/campus/harbor")


@pytest.fixture
def campus(app, still) -> str:
    with transaction():
        there = builders.a_campus("harbor", of=builders.an_organization("harbor-college"))
        there.address, there.city = "1 Main St", "Pasadena"
        builders.a_room("hall", on=there)
        builders.a_topic("cranes")
    return "harbor"


def published(wall: str = "2027-02-10T14:00", **more) -> str:
    with transaction():
        campus = lookup.get(Campus, "harbor")
        event = plan_event(builders.a_plan(campus, when=builders.at(wall, 90), **more), actor=ADMINISTRATOR, now=NOW)
        number = str(event.public_id)
    with transaction():
        confirm_as_host(number, actor=ADMINISTRATOR, now=NOW)
        publish_event(number, actor=ADMINISTRATOR, now=NOW)
    return number


def test_the_json_says_what_the_public_sees_of_each_event_and_nothing_else(campus, public):
    number = published(topics=("cranes",), description="**All** welcome", online_url="https://a.example/1")
    answer = public.get("/feeds/campus/harbor.json")
    assert answer.mimetype == "application/json"
    [item] = answer.json["items"]
    assert item == {
        "id": number,
        "title": "Careers at the port",
        "kind": "info_session",
        "status": "confirmed",
        "starts_at": "2027-02-10T22:00:00Z",
        "ends_at": "2027-02-10T23:30:00Z",
        "starts_local": "2027-02-10T14:00",
        "zone": "America/Los_Angeles",
        "all_day": False,
        "location": "Room to be announced, Harbor, 1 Main St, Pasadena",
        "campus": "harbor",
        "organizer": item["organizer"],
        "topics": ["Cranes"],
        "url": f"https://events.example/events/{number}",
        "online_url": "https://a.example/1",
        "description": "All welcome",
    }
    assert (answer.json["name"], answer.json["calendar"]) == (
        "Harbor",
        "https://events.example/feeds/campus/harbor.ics",
    )


def test_json_and_calendar_show_the_same_events_in_the_same_words(campus, public, app):
    published(rooms=[builders_room()])
    off = published("2027-03-15T09:00", title="Called off")
    with transaction():
        cancel_event(off, actor=ADMINISTRATOR, now=NOW)
    with transaction():
        feed, links = entries.all_events(), services().links
        said = list(items.items_of(feed, NOW.date(), links))
        events = [get_event(item.id) for item in said]
        written = [entries.entry_of(event, links) for event in events]
    assert [(one.title, one.starts_at, one.location, one.url) for one in said] == [
        (one.summary, one.starts, one.location, one.url) for one in written
    ]
    assert [str(one.status) for one in said] == ["confirmed", "cancelled"]


def builders_room():
    return lookup.get(Room, "hall")


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_it_gets_a_304_until_a_visible_change(campus, public, still, address):
    number = published()
    still.shift(timedelta(minutes=1))  # many changes at one instant are told apart by seconds yet to come
    first = public.get(address)
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert not tag.startswith("W/")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Accept-Encoding" in first.headers["Vary"]
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": modified}):
        again = public.get(address, headers=headers)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    still.shift(timedelta(minutes=5))
    with transaction():
        edit_event(number, {"title": "Another title"}, actor=ADMINISTRATOR, now=NOW + timedelta(minutes=5))
    changed = public.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] == tag) == (200, False)
    assert changed.headers["Last-Modified"] > modified
    assert "Another title" in changed.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_comes_zipped_and_head_works_and_no_cookie_is_set_or_read(campus, public, address):
    published()
    public.set_cookie("language", "es")
    public.set_cookie("session", "somebody")
    plain = public.get(address)
    zipped = public.get(address, headers={"Accept-Encoding": "gzip", "Accept-Language": "es"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    head = public.head(address)
    assert (head.data, head.headers["ETag"]) == (b"", plain.headers["ETag"])
    for answer in (plain, zipped, head):
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers["Vary"]


def test_every_site_may_read_the_json_a_no_too_and_is_told_so_beforehand(campus, public):
    for path in ("/feeds/all.json", "/feeds/campus/nowhere.json"):
        answer = public.get(path, headers={"Origin": "https://college.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Expose-Headers"] == "ETag, Last-Modified"
        asked = public.options(path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"})
        assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
        assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in public.get("/feeds/all.ics").headers


@pytest.mark.parametrize("path", ["campus/nowhere", "kind/party", "event/x", "topic/../all", "series/A", "nothing/x"])
def test_what_is_no_feed_is_404_in_both(campus, public, path):
    assert [public.get(f"/feeds/{path}.json").status_code, public.get(f"/embed/{path}").status_code] == [404, 404]


def test_the_page_lists_what_is_ahead_by_day_with_hours_and_zone(campus, public):
    published("2027-02-10T14:00")
    published("2027-02-10T16:00", title="<b>Second</b>")
    page = BeautifulSoup(public.get("/embed/campus/harbor").text, "html.parser")
    assert [one.text.strip() for one in page.find_all(["h1", "h2"])] == ["Harbor", "Wednesday, February 10, 2027"]
    assert [one.a.text for one in page.find_all("li")] == ["Careers at the port", "<b>Second</b>"]
    assert "2:00\u00a0PM – 3:30\u00a0PM (Pacific Time)" in page.li.text
    assert all((a["target"], a["rel"]) == ("_blank", ["noopener"]) for a in page.find_all("a"))
    assert page.find(["script", "style", "form"]) is None
    ways = page.find(class_="ways")
    assert [a["href"] for a in ways.find_all("a")] == ["https://events.example/calendars/campus/harbor"]


def test_the_page_speaks_spanish_where_its_address_says_so_and_is_empty_in_words(campus, public):
    page = BeautifulSoup(public.get("/embed/all?lang=es").text, "html.parser")
    assert page.html["lang"] == "es"
    assert "Por ahora no hay nada planeado aquí." in page.text
    published()
    answer = public.get("/embed/all?lang=es", headers={"Accept-Language": "en"})
    assert answer.headers["Content-Language"] == "es"
    assert "miércoles" in answer.text
    assert "/calendars/all?lang=es" in answer.text
    assert "Salón por anunciar, Harbor" in answer.text


@pytest.mark.parametrize(
    ("query", "titles"), [("", "ABC"), ("?days=31", "AB"), ("?limit=1", "A"), ("?days=31&limit=2", "AB")]
)
def test_its_days_and_events_can_be_fewer(campus, public, query, titles):
    for title, wall in (("A", "2027-01-20T10:00"), ("B", "2027-02-10T14:00"), ("C", "2027-03-01T10:00")):
        published(wall, title=title)
    page = BeautifulSoup(public.get(f"/embed/all{query}").text, "html.parser")
    assert "".join(one.a.text for one in page.find_all("li")) == titles
    assert ("More events" in page.text) is ("limit=1" in query)


@pytest.mark.parametrize("query", ["days=0", "days=367", "days=x", "limit=101", "limit=-1", "limit=1e2", "days=٣"])
def test_a_number_out_of_bounds_is_refused(campus, public, query):
    assert public.get(f"/embed/all?{query}").status_code == 422


def test_only_these_pages_may_stand_in_frames(campus, public, app):
    published()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in IN_FRAMES:
            answer = public.get("/embed/all" if rule.endpoint.endswith("all") else "/embed/campus/harbor")
            assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
            assert "X-Frame-Options" not in answer.headers
        elif "GET" in rule.methods and not rule.arguments:
            answer = public.get(rule.rule)
            assert "frame-ancestors *" not in answer.headers["Content-Security-Policy"], rule.rule
            assert answer.headers["X-Frame-Options"] in ("DENY", "SAMEORIGIN"), rule.rule
    refused = public.get("/embed/campus/nowhere")
    assert (refused.status_code, refused.headers["X-Frame-Options"]) == (404, "DENY")


def test_a_sheet_is_made_once_a_version_and_the_oldest_make_room(campus, public):
    published()
    sheets, made = Sheets(most_kept=400), []

    def make(feed, day):
        made.append(feed.key)
        return json.dumps("x" * 300).encode()

    for _ in range(3):
        sheets.sheet_of("a", "all", entries.all_events, make, NOW)
    assert made == ["all"]
    sheets.sheet_of("b", "all", entries.all_events, make, NOW)
    sheets.sheet_of("a", "all", entries.all_events, make, NOW)
    assert len(made) == 3
    sheets.sheet_of("a", "all", entries.all_events, make, NOW + timedelta(days=1))
    assert len(made) == 4


def test_the_subscribe_page_shows_the_line_to_copy_and_the_json(campus, public):
    page = BeautifulSoup(public.get("/calendars/campus/harbor").text, "html.parser")
    frame = BeautifulSoup(page.find(id="a-frame")["value"], "html.parser").iframe
    assert frame["src"] == "https://events.example/embed/campus/harbor"
    assert frame["title"] == "Events"
    assert page.find("a", href="https://events.example/feeds/campus/harbor.json") is not None


def test_only_what_has_changed_is_read_again(campus, public, monkeypatch):
    number, _ = published(), published("2027-02-11T14:00", title="Second")
    read = []
    real = items._read_numbered
    monkeypatch.setattr(items, "_read_numbered", lambda ids, *more: read.append(len(ids)) or real(ids, *more))
    for path in ("all", "all", "campus/harbor"):
        public.get(f"/feeds/{path}.json")
    with transaction():
        edit_event(number, {"title": "Another title"}, actor=ADMINISTRATOR, now=NOW)
    titles = [item["title"] for item in public.get("/feeds/all.json").json["items"]]
    assert (read, titles) == ([2, 0, 1], ["Another title", "Second"])
    monkeypatch.setattr(items, "MOST_KEPT", 1)
    with transaction():
        edit_event(number, {"title": "A third title"}, actor=ADMINISTRATOR, now=NOW)
    assert len(public.get("/feeds/all.json").json["items"]) == 2
