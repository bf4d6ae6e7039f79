"""How often somebody may ask: each credential for itself, addresses only without one, and a no in words."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from tests import builders, databases, servers
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN
from tests.interfaces.browser import Browser

pytestmark = pytest.mark.usefixtures("still")
TIGHT = {
    "RATE_LIMIT_READS": "4 per minute",
    "RATE_LIMIT_WRITES": "2 per minute",
    "RATE_LIMIT_PUBLIC_READS": "6 per minute",
    "RATE_LIMIT_PUBLIC_WRITES": "2 per minute",
    "RATE_LIMIT_FEEDS": "2 per minute",
    "RATE_LIMIT_ATTEMPTS": "3 per minute",
}
WHO = {"actor": ADMINISTRATOR, "now": NOW}
Making = Callable[..., Flask]


@pytest.fixture
def making(database_url: str, still) -> Iterator[Making]:
    """Apps that count closely, on one database: each is a process of its own, as far as counting goes."""
    apps = []

    def make(**settings: str) -> Flask:
        apps.append(create_app(databases.settings(database_url, **{**TIGHT, **settings})))
        return apps[-1]

    yield make
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def close(making: Making) -> Flask:
    """One such app, with a campus and two people who have tokens."""
    app = making()
    with app.app_context(), transaction():
        builders.a_campus("harbor")
        for name in ("lee", "kim"):
            keep_accounts.add_account(f"{name}@example.edu", f"{name.title()} Example", **WHO)
            keep_accounts.give_role(f"{name}@example.edu", Role.ADMINISTRATOR, **WHO)
    return app


def with_token(app: Flask, secret: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def a_program(app: Flask, name: str) -> FlaskClient:
    with app.app_context(), transaction():
        _, secret = make_token(f"{name}@example.edu", "a program", list(Scope), days=30, **WHO)
    return with_token(app, secret)


def statuses(client: FlaskClient, times: int, path: str = "/api/v1/campuses", **more: object) -> list[int]:
    return [client.get(path, **more).status_code for _ in range(times)]


def test_each_credential_has_its_own_count_and_all_addresses_are_one_to_it(close):
    lee, kim, admin = a_program(close, "lee"), a_program(close, "kim"), with_token(close, ADMIN_TOKEN)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"):
        assert lee.get("/api/v1/campuses", environ_overrides={"REMOTE_ADDR": address}).status_code == 200
    assert lee.get("/api/v1/campuses", environ_overrides={"REMOTE_ADDR": "192.0.2.5"}).status_code == 429
    assert statuses(kim, 5) == [200] * 4 + [429]
    assert statuses(admin, 5) == [200] * 4 + [429]
    assert statuses(close.test_client(), 6) == [200] * 6


def test_two_tokens_of_one_account_do_not_eat_from_each_other(close):
    first, second = a_program(close, "lee"), a_program(close, "lee")
    assert statuses(first, 5)[-1] == 429
    assert statuses(second, 4) == [200] * 4


def test_reading_and_writing_are_counted_apart(close):
    admin = with_token(close, ADMIN_TOKEN)
    assert statuses(admin, 5)[-1] == 429
    answers = [admin.post("/api/v1/holds", json={}).status_code for _ in range(3)]
    assert answers == [422, 422, 429]


def test_the_public_is_counted_by_address_and_a_made_up_token_is_no_credential(close):
    client = close.test_client()
    here, there = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}
    said = []
    for number in range(7):
        headers = {"Authorization": f"Bearer evt_{number}"}
        said.append(client.get("/api/v1/campuses", environ_overrides=here, headers=headers).status_code)
    # Guesses are counted as such, and as reads of the public.
    assert said == [401] * 3 + [429] * 4
    assert statuses(client, 1, environ_overrides=here) == [429]
    assert statuses(client, 1, environ_overrides=there) == [200]


def test_of_ipv6_one_network_is_one_address(close):
    client = close.test_client()
    for number in range(6):
        assert statuses(client, 1, environ_overrides={"REMOTE_ADDR": f"2001:db8:1:1::{number}"}) == [200]
    assert statuses(client, 1, environ_overrides={"REMOTE_ADDR": "2001:db8:1:1:ffff::1"}) == [429]
    assert statuses(client, 1, environ_overrides={"REMOTE_ADDR": "2001:db8:1:2::1"}) == [200]


def test_a_session_is_counted_for_its_account_wherever_it_is(close):
    browser = Browser(close)
    browser.sign_in()  # two reads of the public and an attempt; then the page, as the administrator
    for _ in range(3):
        browser.get("/calendars")
        assert browser.status == 200
    browser.get("/calendars")
    assert browser.status == 429
    visitor = Browser(close)
    visitor.get("/calendars")
    assert visitor.status == 200


def test_a_no_says_when_to_come_back_and_then_it_works_again(close, still):
    admin = with_token(close, ADMIN_TOKEN)
    first = admin.get("/api/v1/campuses")
    assert first.headers["RateLimit-Policy"] == '"reads";q=4;w=60'
    assert first.headers["RateLimit"] == '"reads";r=3;t=60'
    assert "Retry-After" not in first.headers
    statuses(admin, 3)
    still.shift(timedelta(seconds=20))
    refused = admin.get("/api/v1/campuses")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert refused.json["type"] == "/problems/too-many-requests"
    assert refused.json["request_id"] == refused.headers["X-Request-Id"]
    assert refused.headers["Retry-After"] == "40"
    assert refused.headers["RateLimit"] == '"reads";r=0;t=40'
    still.shift(timedelta(seconds=39))
    assert statuses(admin, 1) == [429]
    still.shift(timedelta(seconds=1))
    assert statuses(admin, 1) == [200]


def test_a_browser_reads_it_in_words_and_its_other_pages_carry_no_counters(close):
    browser = Browser(close)
    browser.get("/calendars")
    assert "RateLimit" not in browser.response.headers
    for _ in range(6):
        browser.get("/calendars")
    assert browser.status == 429
    assert browser.page.h1.text == "That was too often"
    assert "Nothing was changed" in browser.text
    assert browser.response.headers["Retry-After"] == "60"


def test_signing_in_is_tried_a_few_times_and_reading_goes_on(close):
    browser = Browser(close)
    browser.get("/sign-in")
    for _ in range(3):
        browser.submit("Sign in", values={"token": "wrong"})
        assert browser.status == 401
    browser.submit("Sign in", values={"token": ADMIN_TOKEN})
    assert browser.status == 429
    browser.get("/calendars")
    assert browser.status == 200


def test_every_way_to_sign_in_is_counted_together(close):
    paths = [rule.rule for rule in close.url_map.iter_rules() if "sign-in" in rule.rule and "POST" in rule.methods]
    assert len(paths) > 4
    client = close.test_client()
    answers = [client.post(re.sub("<[^>]*>", "x", path), data={}).status_code for path in paths]
    assert answers[3:] == [429] * len(answers[3:])
    assert 429 not in answers[:3]


def test_who_is_signed_in_cannot_guess_on_at_the_sign_in_page(close):
    browser = Browser(close)
    browser.sign_in()
    browser.get("/sign-in")
    for _ in range(2):
        browser.submit("Sign in", values={"token": "wrong"}, within="main")
        assert browser.status == 401
    browser.submit("Sign in", values={"token": "wrong"}, within="main")
    assert browser.status == 429


@pytest.mark.parametrize("path", ["/answer/{}", "/room-answer/{}", "/sign-in/{}", "/api/v1/answers/{}"])
def test_links_that_are_none_of_ours_are_tried_a_few_times(close, path):
    client = close.test_client()
    assert statuses(client, 4, path.format("guess")) == [404, 404, 404, 429]
    assert statuses(client, 1) == [200]


def test_a_good_link_is_no_guess_however_often_it_is_opened(making, still):
    from tests.interfaces import pages

    app = making(RATE_LIMIT_PUBLIC_READS="1000 per minute")
    world = pages.make(app)
    event = world.plan(builders.at("2027-02-20T10:00"), experts=("expert-one",))
    assert statuses(app.test_client(), 6, world.answer_path(event)) == [200] * 6


def test_wrong_tokens_are_tried_a_few_times_and_right_ones_go_on(close):
    client, lee = close.test_client(), a_program(close, "lee")
    wrong = {"Authorization": "Bearer wrong"}
    answers = [client.get("/api/v1/series", headers=wrong).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    assert statuses(client, 1) == [200]
    assert lee.get("/api/v1/campuses").status_code == 200


def test_a_calendar_that_asks_whether_anything_changed_is_not_counted(close):
    client = close.test_client()
    etag = client.get("/feeds/all.ics").headers["ETag"]
    assert statuses(client, 20, "/feeds/all.ics", headers={"If-None-Match": etag}) == [304] * 20
    assert statuses(client, 2, "/feeds/all.ics") == [200, 429]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/robots.txt", "/static/style.css"])
def test_who_watches_the_service_is_not_counted(close, path):
    answers = [close.test_client().get(path) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        answer.close()


def test_no_address_stands_in_the_counters_or_in_the_log(close, caplog):
    logging.getLogger("eventsvc").propagate = True
    logging.getLogger("eventsvc").setLevel(logging.DEBUG)
    statuses(close.test_client(), 7, environ_overrides={"REMOTE_ADDR": "198.51.100.77"})
    kept = list(close.extensions["rate_limits"].storage.storage)
    assert len(kept) == 1
    assert "exceeded" in caplog.text
    assert "198.51" not in f"{kept} {caplog.text}"


@pytest.mark.parametrize("text", ["often", "0 per week of mine", "10 per fortnight"])
def test_a_limit_that_cannot_be_read_is_named(text):
    with pytest.raises(ValueError, match="RATE_LIMIT_READS"):
        config.load({"RATE_LIMIT_READS": text})


def test_a_storage_that_cannot_be_used_is_named(database_url):
    with pytest.raises(ValueError, match="RATE_LIMIT_STORAGE_URL"):
        create_app(databases.settings(database_url, RATE_LIMIT_STORAGE_URL="gopher://somewhere"))


# --- Redis, where all processes count together --------------------------------------------------------------------


@pytest.fixture
def redis() -> Iterator[servers.Redis]:
    if not servers.REDIS:
        pytest.skip("redis-server is not here (Debian: apt-get install redis-server)")
    with servers.redis() as running:
        yield running


def test_all_processes_count_together(making, redis):
    first, second = (making(RATE_LIMIT_STORAGE_URL=redis.url) for _ in range(2))
    assert statuses(first.test_client(), 3) + statuses(second.test_client(), 4) == [200] * 6 + [429]
    assert first.test_client().get("/readyz").json["rate_limits"] == "shared"
    answer = second.test_client().get("/api/v1/campuses")
    assert re.fullmatch(r'"public-reads";r=0;t=\d+', answer.headers["RateLimit"])


def test_without_redis_the_service_answers_and_each_process_counts_for_itself(making, redis, still, caplog):
    app = making(RATE_LIMIT_STORAGE_URL=redis.url, LOG_LEVEL="WARNING")
    logging.getLogger("eventsvc").propagate = True
    client = app.test_client()
    assert statuses(client, 4) == [200] * 4
    redis.stop()
    assert statuses(client, 7) == [200] * 6 + [429]
    (warning,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert warning.name == "eventsvc.rate_limits"
    assert "falling back to in-memory" in warning.message
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json["rate_limits"] == "shared storage is away; each process counts for itself"
    redis.start()
    still.shift(timedelta(seconds=61))
    assert statuses(client, 2) == [200] * 2
    assert client.get("/readyz").json["rate_limits"] == "shared"


def test_the_service_starts_without_its_redis(making, redis):
    redis.stop()
    app = making(RATE_LIMIT_STORAGE_URL=redis.url)
    assert statuses(app.test_client(), 7) == [200] * 6 + [429]


def test_redis_going_away_within_a_request_breaks_no_answer(making, redis):
    app = making(RATE_LIMIT_STORAGE_URL=redis.url)
    app.add_url_rule("/feeds/slow", endpoint="feeds.slow", view_func=lambda: redis.stop() or "done")
    assert app.test_client().get("/feeds/slow").text == "done"
