"""Polls that are answered before Flask sees them: in the same words, for as long as the copy is the present one."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from flask import request_started
from sqlalchemy import func, select

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.events.lookup import Filter
from eventsvc.domain.events.models import Visibility
from eventsvc.domain.feeds.entries import Feed
from eventsvc.domain.feeds.models import FeedPoll
from eventsvc.interfaces import requests
from eventsvc.interfaces.services import services
from eventsvc.workflows import edit_event
from eventsvc.workflows.count_polls import add_counted
from tests import builders, databases
from tests.conftest import NOW
from tests.domain.feeds.test_feeds import published

pytestmark = pytest.mark.usefixtures("still")
FEED = "/feeds/all.ics"
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def world(bare_app):
    """A published session; its id."""
    with bare_app.app_context(), transaction():
        return str(published(builders.a_plan(builders.a_campus("west-campus"))).public_id)


@pytest.fixture(autouse=True)
def later(world):
    """A minute after the last change: nothing is told of a time to come."""
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def seen_by_flask(bare_app):
    """How many requests Flask has seen."""
    seen = []

    def note(sender, **_more):
        seen.append(sender)

    with request_started.connected_to(note, bare_app):
        yield seen


def in_words(answer):
    return answer.status, sorted((n, v) for n, v in answer.headers if n != "X-Request-Id"), answer.data


ASKED = {
    "plain": {},
    "zipped": {"Accept-Encoding": "gzip, deflate"},
    "not zipped, please": {"Accept-Encoding": "gzip;q=0"},
    "the present tag": {"If-None-Match": "{tag}"},
    "the tag of the zipped bytes, of plain ones": {"If-None-Match": "{zipped}"},
    "the present tag among others, weak": {"If-None-Match": 'W/"x", W/{tag}', "Accept-Encoding": "gzip"},
    "another tag": {"If-None-Match": '"x"'},
    "another tag, though the time is right": {"If-None-Match": '"x"', "If-Modified-Since": "{when}"},
    "the present time": {"If-Modified-Since": "{when}"},
    "an old time": {"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"},
    "nonsense": {"If-None-Match": "\x7f,,", "If-Modified-Since": "yesterday", "Accept-Encoding": ";;q=x"},
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("asked", ASKED)
def test_the_short_way_says_what_flask_said(bare_app, public, seen_by_flask, asked, method):
    first = public.get(FEED)
    zipped = public.get(FEED, headers={"Accept-Encoding": "gzip"})
    said = {"tag": first.headers["ETag"], "zipped": zipped.headers["ETag"], "when": first.headers["Last-Modified"]}
    headers = {name: value.format(**said) for name, value in ASKED[asked].items()}
    other = create_app({**bare_app.config, "SQLALCHEMY_ENGINE_OPTIONS": {}})
    try:
        by_flask = in_words(other.test_client().open(FEED, method=method, headers=headers))
    finally:
        with other.app_context():
            db.engine.dispose()
    in_words(public.open(FEED, method=method, headers=headers))  # whichever way: from now on it is known
    seen_by_flask.clear()
    assert in_words(public.open(FEED, method=method, headers=headers)) == by_flask
    assert not seen_by_flask


def test_each_answer_has_a_number_of_its_own_and_its_line_in_the_log(world, public, seen_by_flask, monkeypatch):
    lines: list[logging.LogRecord] = []
    monkeypatch.setattr(requests, "log", logging.Logger("eventsvc.requests"))
    requests.log.addHandler(heard := logging.Handler())
    monkeypatch.setattr(heard, "emit", lines.append)
    numbers = [public.get(FEED).headers["X-Request-Id"] for _ in range(5)]
    assert (len(set(numbers)), len(seen_by_flask)) == (5, 1)
    assert [(line.getMessage(), line.request_id) for line in lines] == [
        (f"GET {FEED} 200", number) for number in numbers
    ]


def test_a_change_is_seen_by_the_next_poll(bare_app, world, public, seen_by_flask):
    first = public.get(FEED)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert [public.get(FEED, headers=tag).status_code for _ in range(3)] == [304] * 3
    with time_machine.travel(LATER + timedelta(seconds=1), tick=False):
        with bare_app.app_context(), transaction():
            edit_event.edit_event(world, {"title": "Another"}, actor=ADMINISTRATOR, now=clock.now())
        second = public.get(FEED, headers=tag)
        assert b"SUMMARY:Another" in second.data
        seen_by_flask.clear()
        assert public.get(FEED).data == second.data
        with bare_app.app_context(), transaction():
            edit_event.edit_event(world, {"visibility": Visibility.PRIVATE}, actor=ADMINISTRATOR, now=clock.now())
        assert b"VEVENT" not in public.get(FEED).data
        assert public.get(f"/feeds/event/{world}.ics").status_code == 404


def test_what_changed_in_other_feeds_keeps_no_copy_from_being_ready(bare_app, world, public, seen_by_flask):
    assert public.get("/feeds/campus/west-campus.ics").status_code == 200
    with bare_app.app_context(), transaction():
        published(builders.a_plan(builders.a_campus("east-campus")), now=clock.now())
    seen_by_flask.clear()
    assert public.get("/feeds/campus/west-campus.ics").status_code == 200
    assert not seen_by_flask


def test_the_day_ends_and_with_it_the_copy(world, public, seen_by_flask):
    first = public.get(FEED)
    with time_machine.travel(LATER + timedelta(days=1), tick=False):
        second = public.get(FEED)
        assert second.last_modified > first.last_modified
    assert len(seen_by_flask) == 2


def test_every_poll_is_counted_whichever_way_it_went(bare_app, world, public):
    tag = public.get(FEED, headers={"User-Agent": "curl/8"}).headers["ETag"]
    for _ in range(4):
        assert public.get(FEED, headers={"User-Agent": "curl/8", "If-None-Match": tag}).status_code == 304
    with bare_app.app_context():
        add_counted(bare_app.extensions["eventsvc"].tally)
        counted = db.session.execute(select(func.sum(FeedPoll.polls), func.sum(FeedPoll.not_modified))).one()
    assert tuple(counted) == (5, 4)


@pytest.mark.parametrize(
    "path", ["/feeds/nothing.ics", "/feeds/campus/nothing.ics", "/feeds/../feeds/all.ics", "/feeds/.ics"]
)
def test_what_is_no_feed_is_answered_by_flask(public, path, seen_by_flask):
    for _ in range(2):
        assert public.get(path).status_code == 404
    assert len(seen_by_flask) == 2


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_other_methods_are_answered_by_flask(world, public, method, seen_by_flask):
    public.get(FEED)
    assert public.open(FEED, method=method).status_code == (200 if method == "OPTIONS" else 405)
    assert len(seen_by_flask) == 2


def test_calendars_are_counted_against_the_limit_and_unchanged_ones_are_not(database_url):
    app = create_app(databases.settings(database_url, RATE_LIMIT_FEEDS="5 per minute"))
    public = app.test_client()
    with app.app_context(), transaction():
        published(builders.a_plan(builders.a_campus("north-campus")))
    tag = {"If-None-Match": public.get(FEED).headers["ETag"]}
    assert [public.get(FEED, headers=tag).status_code for _ in range(20)] == [304] * 20
    assert [public.get(FEED).status_code for _ in range(7)] == [200] * 4 + [429] * 3
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_private_calendar_is_had_by_its_own_address_alone(bare_app, public):
    feed = Feed("own:1", "", "Mine", Filter(), frozenset({"all"}), is_private=True, components_on=lambda _day: [])
    with bare_app.app_context():
        services().shelf.copy_of(feed.key, lambda: feed, services().links, clock.now())
    for _ in range(2):
        assert public.get("/feeds/own/1.ics").status_code == 404
        assert public.get("/feeds/own:1.ics").status_code == 404
