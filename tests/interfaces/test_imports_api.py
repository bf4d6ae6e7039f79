"""Calendars of other systems over JSON: a file and its report, subscriptions and what they show."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.events.models import Event
from tests import builders
from tests.ical.calendars import calendar, entry, timed

TWO = ("20270210T220000Z", "20270210T230000Z")
ONE = timed(*TWO, "SUMMARY:One", uid="one")
URL = "https://calendar.example.edu/a.ics"
IMPORTS, SUBSCRIPTIONS = "/api/v1/offices/career-center/imports", "/api/v1/offices/career-center/subscriptions"


@pytest.fixture(autouse=True)
def world(app):
    with transaction():
        college = builders.an_organization("harbor-college")
        builders.an_office("career-center", of=college)
        builders.a_campus("main-campus", of=college)


def text(*parts: list[str]) -> str:
    return calendar(*parts).decode()


def number_of_events() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Event)) or 0


def test_a_file_becomes_events_and_the_answer_says_what_became_of_each_entry(admin):
    bad = entry("DTSTART:nonsense", uid="bad")
    answer = admin.post(IMPORTS, json={"text": text(ONE, bad), "campus": "main-campus", "kind": "workshop"})
    assert answer.status_code == 200
    facts = answer.json
    assert {name: number for name, number in facts["counts"].items() if number} == {"created": 1, "refused": 1}
    assert [(one["line"], one["outcome"], one["reason"]) for one in facts["entries"]] == [
        (11, "refused", "Its start on line 14 cannot be read."),
        (4, "created", ""),
    ]
    event = admin.get(f"/api/v1/events/{facts['entries'][1]['event']}").json
    assert (event["title"], event["kind"], event["campus"]) == ("One", "workshop", "main-campus")


def test_a_dry_run_keeps_nothing(admin):
    answer = admin.post(f"{IMPORTS}?dry_run=true", json={"text": text(ONE)})
    assert (answer.json["is_dry_run"], answer.json["counts"]["created"]) == (True, 1)
    assert answer.json["entries"][0]["event"] is None  # what was only tried leads nowhere
    assert number_of_events() == 0


def test_a_call_with_a_key_keeps_the_entries_that_another_one_does_not_hinder(admin):
    """Entries are taken by themselves: a refused one must not take the others back, with a key either."""
    too_long = timed("20270210T220000Z", "20270310T220000Z", "SUMMARY:Too long", uid="two")
    other = timed("20270211T220000Z", "20270211T230000Z", "SUMMARY:Three", uid="three")
    key = {"Idempotency-Key": "an-import"}
    first = admin.post(IMPORTS, json={"text": text(ONE, too_long, other)}, headers=key)
    assert [one["outcome"] for one in first.json["entries"]] == ["created", "refused", "created"]
    assert number_of_events() == 2
    again = admin.post(IMPORTS, json={"text": text(ONE, too_long, other)}, headers=key)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")


def test_what_cannot_be_read_is_refused_with_the_line(admin):
    answer = admin.post(IMPORTS, json={"text": "<html>"})
    assert (answer.status_code, answer.json["line"]) == (422, 1)
    assert answer.json["type"].endswith("unreadable-calendar")
    many = timed(*TWO, "SUMMARY:Daily", "RRULE:FREQ=DAILY;COUNT=301")
    answer = admin.post(IMPORTS, json={"text": text(many)})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["reason"].startswith("It holds more than 300 dates")
    assert number_of_events() == 0


def test_strangers_and_unknown_offices(admin, public):
    assert public.post(IMPORTS, json={"text": text(ONE)}).status_code == 401
    assert public.get(SUBSCRIPTIONS).status_code == 401
    assert admin.post("/api/v1/offices/nobody/imports", json={"text": text(ONE)}).status_code == 404


def test_a_subscription_is_made_changed_paused_and_ended(admin):
    made = admin.post(SUBSCRIPTIONS, json={"url": URL, "campus": "main-campus", "refresh_minutes": 60})
    assert made.status_code == 201
    own = f"/api/v1/subscriptions/{made.json['id']}"
    assert made.headers["Location"].endswith(own)
    assert (made.json["url"], made.json["campus"], made.json["read_at"]) == (URL, "main-campus", None)
    assert [one["id"] for one in admin.get(SUBSCRIPTIONS).json["items"]] == [made.json["id"]]
    assert admin.patch(own, json={"paused": True}).status_code == 428
    paused = admin.patch(own, json={"paused": True}, headers={"If-Match": made.headers["ETag"]})
    assert (paused.json["paused"], paused.json["next_look_at"]) == (True, None)
    assert admin.post(f"{own}/look").status_code == 422
    assert admin.delete(own, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert admin.delete(own, headers={"If-Match": paused.headers["ETag"]}).status_code == 204
    assert admin.get(own).status_code == 404


@pytest.mark.parametrize(
    "wish",
    [
        {"url": "http://10.0.0.1/a.ics"},
        {"url": "https://localhost/a.ics"},
        {"url": URL, "refresh_minutes": 5},
        {"url": URL, "campus": "nowhere"},
        {"url": URL, "kind": "party"},
        {},
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(admin, wish):
    assert admin.post(SUBSCRIPTIONS, json=wish).status_code == 422
    assert admin.get(SUBSCRIPTIONS).json["items"] == []


def test_a_dry_run_of_a_subscription_makes_none(admin):
    assert admin.post(f"{SUBSCRIPTIONS}?dry_run=true", json={"url": URL}).status_code == 200
    assert admin.get(SUBSCRIPTIONS).json["items"] == []
