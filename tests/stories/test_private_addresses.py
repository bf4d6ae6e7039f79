"""Addresses of private calendars: who may have one, who sees it, and that a turned or ended one leads nowhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.addresses import Addresses
from eventsvc.core.db import db, transaction
from eventsvc.core.links import Links, without_secrets
from eventsvc.core.tokens import Signer
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Office, Room
from eventsvc.domain.feeds.models import FeedPoll
from eventsvc.domain.feeds.private import PrivateFeed, Shows
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.hand_over import hand_over
from eventsvc.workflows.keep_tokens import make_token
from tests import builders, databases, private_calendars
from tests.conftest import NOW
from tests.interfaces import pages
from tests.interfaces.browser import Browser
from tests.stories.test_sign_in import ask, newest_letter

pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}
ANA, BEN, EVE, ONE = "ana@host.example", "ben@host.example", "eve@other.example", "expert-one@port.example"
ROOM = "creveling-lounge"


@pytest.fixture
def house(bare_app: Flask, still) -> Flask:
    """A host with two coordinators and a room of theirs, an expert with an account, and somebody of another house."""
    pages.make(bare_app)
    with bare_app.app_context(), transaction():
        offices, _ = lookup.page(Office, after_slug=None, limit=9)
        host = next(one for one in offices if one.slug != "port-outreach")
        other = builders.an_office("elsewhere")
        host.slug, lookup.get(Room, ROOM).office_id = "host", host.id
        for email, role, office in (
            (ANA, Role.COORDINATOR, "host"),
            (BEN, Role.COORDINATOR, "host"),
            (EVE, Role.COORDINATOR, other.slug),
            (ONE, Role.EXPERT, "port-outreach"),
        ):
            keep_accounts.add_account(email, email.split("@")[0].title(), **WHO)
            keep_accounts.give_role(email, role, office=office, **WHO)
    return bare_app


def program(app: Flask, email: str, *scopes: Scope) -> FlaskClient:
    with app.app_context(), transaction():
        _, secret = make_token(email, "a program", scopes or tuple(Scope), days=30, **WHO)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def path(address: str) -> str:
    return address.removeprefix("https://events.example")


def made(client: FlaskClient, thing: str, **more: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{thing}/private-calendars", json={"made_for": "my telephone", **more})
    assert answer.status_code == 201, answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json)


THINGS = ("experts/expert-one", f"rooms/{ROOM}", "offices/host")
# Who may have calendars of the expert, the room, the office: 201, or the status of the no.
MAY = [
    (ANA, (), (403, 201, 201)),
    (ANA, (Scope.READ,), (403, 403, 403)),
    (ANA, (Scope.BOOK, Scope.ANSWER), (403, 403, 403)),
    (ANA, (Scope.MANAGE,), (403, 201, 201)),
    (ONE, (), (201, 403, 403)),
    (ONE, (Scope.READ,), (403, 403, 403)),
    (EVE, (), (403, 403, 403)),
]


@pytest.mark.parametrize(("email", "scopes", "answers"), MAY, ids=[f"{row[0]} {row[1]}" for row in MAY])
def test_who_may_have_an_address_of_what(house, email, scopes, answers):
    client = program(house, email, *scopes)
    for thing, status in zip(THINGS, answers, strict=True):
        there = f"/api/v1/{thing}/private-calendars"
        assert client.post(there, json={"made_for": "x"}).status_code == status, thing
        assert client.get(there).status_code == (200 if status == 201 else status), thing


def test_strangers_are_told_to_sign_in(house, public):
    for thing in THINGS:
        assert public.get(f"/api/v1/{thing}/private-calendars").status_code == 401
        assert public.post(f"/api/v1/{thing}/private-calendars", json={"made_for": "x"}).status_code == 401


def test_two_addresses_of_one_thing_are_turned_and_ended_one_by_one(house, public):
    ana = program(house, ANA)
    first, second = made(ana, "offices/host"), made(ana, "offices/host", made_for="the wall")
    assert [public.get(path(one["address"])).status_code for one in (first, second)] == [200, 200]
    turned = ana.post(f"/api/v1/private-calendars/{first['id']}/turn")
    assert turned.status_code == 200
    assert turned.json["address"] not in (None, first["address"])
    assert [public.get(path(one)).status_code for one in (first["address"], turned.json["address"])] == [404, 200]
    ended = ana.delete(f"/api/v1/private-calendars/{second['id']}", headers={"If-Match": "*"})
    assert ended.status_code == 204
    assert [public.get(path(one)).status_code for one in (second["address"], turned.json["address"])] == [404, 200]
    assert ana.get(f"/api/v1/private-calendars/{second['id']}").status_code == 404
    assert [one["id"] for one in ana.get("/api/v1/offices/host/private-calendars").json["items"]] == [first["id"]]


def test_an_address_that_is_turned_ends_at_once_in_every_process(house, database_url, public):
    """Another process has the calendar on its shelf, and serves it no more."""
    address = private_calendars.make(house, "rooms", ROOM)
    elsewhere = create_app(databases.settings(database_url))
    try:
        other = elsewhere.test_client()
        tag = other.get(address.path).headers["ETag"]
        new = private_calendars.turn(house, address)
        for client in (other, public):
            assert client.get(address.path).status_code == 404
            assert client.get(address.path, headers={"If-None-Match": tag}).status_code == 404
            assert client.head(address.path).status_code == 404
            assert client.get(new.path).status_code == 200
    finally:
        with elsewhere.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.mark.parametrize(
    "token", ["a" * 26, "a" * 25, "a" * 27, "A" * 26, "1" * 26, "..", "%2e%2e", "x" * 5000, "é" * 26, "\x00", "private"]
)
def test_what_is_no_address_answers_404(house, public, token):
    answer = public.get(f"/calendar/{token}.ics")
    assert answer.status_code == 404
    assert "BEGIN" not in answer.text


def test_the_address_is_shown_to_its_holder_alone(house, public):
    ana, ben = program(house, ANA), program(house, BEN)
    calendar = made(ana, "offices/host")
    (seen,) = ben.get("/api/v1/offices/host/private-calendars").json["items"]
    assert (seen["id"], seen["address"], seen["is_yours"], seen["has_address"]) == (calendar["id"], None, False, True)
    assert ana.get(f"/api/v1/private-calendars/{calendar['id']}").json["address"] == calendar["address"]
    his = ben.post(f"/api/v1/private-calendars/{calendar['id']}/turn").json
    assert his["is_yours"]
    assert ana.get(f"/api/v1/private-calendars/{calendar['id']}").json["address"] is None
    assert program(house, EVE).get(f"/api/v1/private-calendars/{calendar['id']}").status_code == 404
    assert public.get(path(his["address"])).status_code == 200


def test_the_same_call_sent_again_makes_no_other_and_repeats_no_address(house):
    ana = program(house, ANA)
    again = {"headers": {"Idempotency-Key": "k" * 20}, "json": {"made_for": "my telephone"}}
    first, second = (ana.post("/api/v1/offices/host/private-calendars", **again) for _ in range(2))
    assert first.json["id"] == second.json["id"]
    assert (bool(first.json["address"]), second.json["address"]) == (True, None)


def test_a_stale_turn_is_refused(house):
    ana = program(house, ANA)
    calendar = made(ana, "offices/host")
    there = f"/api/v1/private-calendars/{calendar['id']}"
    tag = ana.get(there).headers["ETag"]
    assert ana.post(f"{there}/turn", headers={"If-Match": tag}).status_code == 200
    assert ana.post(f"{there}/turn", headers={"If-Match": tag}).status_code == 412
    assert ana.delete(there).status_code == 428


def test_a_try_leaves_no_address_behind(house):
    ana = program(house, ANA)
    tried = ana.post("/api/v1/offices/host/private-calendars?dry_run=true", json={"made_for": "x"})
    assert (tried.status_code, tried.json["address"]) == (200, None)
    assert ana.get("/api/v1/offices/host/private-calendars").json["items"] == []


BAD = [({}, "made_for"), ({"made_for": " "}, "made_for"), ({"made_for": "x" * 81}, "made_for")]
BAD += [({"made_for": "x", "shows": "all"}, "shows"), ({"made_for": "x\x00"}, "made_for")]


@pytest.mark.parametrize(("wish", "field"), BAD)
def test_a_wish_that_cannot_be_is_refused_by_its_field(house, wish, field):
    answer = program(house, ANA).post("/api/v1/offices/host/private-calendars", json=wish)
    assert answer.status_code in (400, 422)
    assert field in str(answer.json)


def test_an_address_ends_with_its_holders_right_to_it(house, public):
    calendar = made(program(house, ANA), "offices/host")
    with house.app_context(), transaction():
        keep_accounts.end_account(ANA, **WHO)
    assert public.get(path(calendar["address"])).status_code == 404


def test_a_hand_over_takes_every_address_from_the_giver(house, public):
    ana, ben = program(house, ANA), program(house, BEN)
    desk, room = made(ana, "offices/host"), made(ana, f"rooms/{ROOM}")
    untouched = made(ben, "offices/host", made_for="Ben’s own")
    with house.app_context(), transaction():
        done = hand_over(ANA, BEN, **WHO)
        assert done.moved["private_calendars"] == 2
    assert [public.get(path(one["address"])).status_code for one in (desk, room, untouched)] == [404, 404, 200]
    taken = ben.get(f"/api/v1/private-calendars/{desk['id']}").json
    assert (taken["is_yours"], taken["address"], taken["has_address"]) == (True, None, False)
    new = ben.post(f"/api/v1/private-calendars/{desk['id']}/turn").json["address"]
    assert public.get(path(new)).status_code == 200


def test_an_experts_own_calendar_ends_when_they_leave(house, public):
    calendar = made(program(house, ONE), "experts/expert-one")
    with house.app_context(), transaction():
        keep_accounts.add_account("pat@port.example", "Pat", **WHO)
        keep_accounts.give_role("pat@port.example", Role.PARTNER, office="port-outreach", **WHO)
        hand_over(ONE, "pat@port.example", **WHO)
    assert public.get(path(calendar["address"])).status_code == 404
    with house.app_context():
        assert db.session.scalars(select(PrivateFeed.ended_at)).one() is not None


def test_addresses_under_an_older_key_still_count(house, database_url, public):
    address = private_calendars.make(house, "rooms", ROOM)
    changed = create_app(
        databases.settings(
            database_url, ADDRESS_KEY="a key of this year" * 3, ADDRESS_KEY_FALLBACKS=(databases.SECRET_KEY,)
        )
    )
    try:
        client = changed.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {databases.ADMIN_TOKEN}"
        assert client.get(address.path).status_code == 200
        shown = client.get(f"/api/v1/private-calendars/{address.id}").json["address"]
        assert path(shown) == address.path
        turned = client.post(f"/api/v1/private-calendars/{address.id}/turn").json["address"]
        assert [client.get(one).status_code for one in (address.path, path(turned))] == [404, 200]
    finally:
        with changed.app_context():
            db.session.remove()
            db.engine.dispose()


def test_an_address_is_short_and_ends_as_programs_want_it():
    links = Links("https://calendar." + "x" * 110 + ".example.edu/eventsvc", Signer(("k",)), Addresses(("k",)))
    address = links.private_feed(2**31, 2**31)
    assert len(address) < 200
    assert re.fullmatch(r"https://\S+/calendar/[a-z2-7]{26}\.ics", address)


def test_the_file_does_not_repeat_its_address(house, public):
    for kind, slug in (("experts", "expert-one"), ("rooms", ROOM), ("offices", "host")):
        for shows in Shows:
            address = private_calendars.make(house, kind, slug, shows)
            answer = public.get(address.path)
            token = address.path.removeprefix("/calendar/").removesuffix(".ics")
            assert token.encode() not in answer.data
            assert token not in str(answer.headers)
            assert b"SOURCE" not in answer.data
            assert answer.headers["Cache-Control"] == "private, no-cache"


def test_what_was_done_is_written_down_without_the_address(house):
    ana = program(house, ANA)
    calendar = made(ana, "offices/host")
    turned = ana.post(f"/api/v1/private-calendars/{calendar['id']}/turn").json
    ana.delete(f"/api/v1/private-calendars/{calendar['id']}", headers={"If-Match": "*"})
    with house.app_context():
        rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == calendar["id"])).all()
        assert [row.verb for row in rows] == ["make_calendar", "turn_calendar", "end_calendar"]
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(select(table)):
                for one in (calendar, turned):
                    assert path(one["address"])[10:-4] not in str(row), table.name


def signed_in(app: Flask, email: str) -> Browser:
    browser = Browser(app)
    ask(browser, email)
    browser.submit("Sign in", values={"code": newest_letter(app)[0]})
    return browser


def test_on_pages_one_makes_sees_turns_and_ends_an_address(house, public):
    browser = signed_in(house, ANA)
    browser.get("/account")
    ways = [one["href"] for one in browser.page.select("section[aria-labelledby=calendars] a")]
    assert ways == ["/offices/host/calendars", f"/rooms/{ROOM}/calendars"]
    browser.get(ways[0])
    browser.submit("Make the address", values={"made_for": "my telephone", "shows": "details"})
    assert browser.status == 200
    assert browser.path.startswith("/private-calendars/")
    address = browser.page.select_one("#a-address")["value"]
    assert public.get(path(address)).status_code == 200
    assert browser.page.select_one("a[href^='webcal:']") is not None
    page = browser.path
    browser.submit("Turn: make a new address")
    new = browser.page.select_one("#a-address")["value"]
    assert [public.get(path(one)).status_code for one in (address, new)] == [404, 200]
    colleague = signed_in(house, BEN)
    colleague.get(page)
    assert colleague.status == 200
    assert colleague.page.select_one("#a-address") is None
    assert new not in colleague.text
    stranger = signed_in(house, EVE)
    stranger.get(page)
    assert stranger.status == 404
    browser.submit("End it for ever")
    assert browser.path == "/offices/host/calendars"
    assert public.get(path(new)).status_code == 404


def test_an_expert_without_an_account_makes_one_by_the_seasons_link(house, public):
    season = pages.World(house).season_path("expert-two")
    browser = Browser(house)
    browser.get(season)
    browser.get(browser.page.find("a", string=re.compile("in your own calendar program"))["href"])
    browser.submit("Make the address", values={"made_for": ""})
    assert browser.status == 422
    browser.submit("Make the address", values={"made_for": "my telephone", "shows": "busy"})
    address = browser.page.select_one("#a-1")["value"]
    assert public.get(path(address)).status_code == 200
    browser.submit("Turn: make a new address (my telephone)")
    new = browser.page.select_one("#a-1")["value"]
    assert [public.get(path(one)).status_code for one in (address, new)] == [404, 200]
    browser.submit("End it for ever (my telephone)")
    assert public.get(path(new)).status_code == 404
    assert public.get(season + "x/calendars").status_code == 404


def test_its_holder_alone_learns_which_programs_have_fetched_it(house, public, admin):
    ana, ben = program(house, ANA), program(house, BEN)
    calendar = made(ana, "offices/host")
    there = f"/api/v1/private-calendars/{calendar['id']}"
    assert ana.get(there).json["fetched"] == []
    with public.get(path(calendar["address"]), headers={"User-Agent": "Google-Calendar-Importer"}) as answer:
        assert answer.status_code == 200
    [google] = ana.get(there).json["fetched"]
    assert (google["family"], google["polls"], google["last_at"]) == ("google", 1, "2027-01-11T17:00:00Z")
    assert ben.get(there).json["fetched"] == []
    assert admin.get("/api/v1/feeds/statistics").json["items"] == []
    with house.app_context():
        keys = db.session.scalars(select(FeedPoll.key)).all()
    assert keys == [f"private:{calendar['id']}"]
    assert path(calendar["address"]).split("/")[-1].removesuffix(".ics") not in keys[0]


@pytest.mark.parametrize(
    "written", ["https://x.example/calendar/{}.ics", "webcal://x/calendar/{}.ics", "%2Fcalendar%2F{}.ics"]
)
def test_an_address_that_somebody_writes_into_a_remark_is_left_out(written):
    token = "abcdefghijklmnopqrstuvwx23"
    assert token not in without_secrets(f"See {written.format(token)} please")
