"""Keys that were changed, kept too long, used twice or tried at another door; and ways that lead out of the house."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core import links
from eventsvc.core.db import db, transaction
from eventsvc.core.tokens import Signer
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.accounts.models import Account, ApiToken, SignIn
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.attendance import counting
from eventsvc.domain.directory.models import Office, Room
from eventsvc.domain.invitations.models import Invitation
from eventsvc.interfaces.services import services
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from tests import builders
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN
from tests.interfaces import pages
from tests.interfaces.browser import Browser
from tests.stories.test_sign_in import ask, newest_letter

pytestmark = pytest.mark.usefixtures("still")
ADA = "ada@example.edu"
WHO = {"actor": ADMINISTRATOR, "now": NOW}
PURPOSES = [value for name, value in vars(links).items() if name.isupper() and isinstance(value, str)]
LATER = NOW + timedelta(days=300)


@dataclass
class Keys:
    """One good key of each sort, and what each is about."""

    app: Flask
    subjects: list[str]
    token: str

    def signed(self, purpose: str, subject: str, *, expires_at=LATER) -> str:
        """A link's token under our own key."""
        with self.app.app_context():
            return services().links.signer.make(purpose, subject, expires_at)


@pytest.fixture
def keys(bare_app: Flask, still) -> Keys:
    """An event with an invitation and a room to grant, a letter that signs in, and an API token."""
    world = pages.make(bare_app)
    with bare_app.app_context(), transaction():
        room = db.session.scalars(select(Room).where(Room.slug == "harbor-hall")).one()
        room.needs_approval, room.office = (
            True,
            db.session.scalars(select(Office).where(Office.slug == "port-outreach")).one(),
        )
        keep_accounts.add_account(ADA, "Ada Example", **WHO)
        keep_accounts.give_role(ADA, Role.ADMINISTRATOR, **WHO)
        _, token = make_token(ADA, "a program", list(Scope), days=30, **WHO)
    world.plan(builders.at("2027-02-20T10:00"), rooms=("harbor-hall",), experts=("expert-one",))
    ask(Browser(bare_app), ADA)
    with bare_app.app_context():
        asked = [db.session.scalars(select(kind)).first() for kind in (Invitation, RoomApproval)]
        with transaction():
            feedback = counting.ask_for_feedback(asked[0].event, None, NOW)
        letter = db.session.scalars(select(SignIn.public_id)).one()
        account = db.session.scalars(select(Account.public_id)).first()
        subjects = [f"{one.public_id} {one.turn}" for one in asked] + [str(letter), str(account), ADA]
        subjects += [str(feedback.public_id), str(asked[0].event.public_id)]
        season = services().links.season(asked[0].expert.slug, asked[0].expert.email, LATER)
        subjects.append(" ".join(services().links.read_season(season.rpartition("/")[2], NOW)))
        subjects.append(f"{links.mark_of_reader(ADA)} thanks en")
    return Keys(bare_app, subjects, token)


def doors(app: Flask) -> Iterator[str]:
    """Every address that shows something to a signed token."""
    for rule in app.url_map.iter_rules():
        if "token" in rule.arguments and "GET" in (rule.methods or ()):
            yield rule.rule


READ_ONLY = {"/season/<token>", "/api/v1/seasons/<token>"}


def opened(app: Flask, door: str, token: str) -> int:
    return app.test_client().get(door.replace("<token>", quote(token, safe=""))).status_code


KNOWN = {
    "/answer/<token>": links.ANSWER,
    "/api/v1/answers/<token>": links.ANSWER,
    "/room-answer/<token>": links.ROOM_ANSWER,
    "/api/v1/room-answers/<token>": links.ROOM_ANSWER,
    "/count/<token>": links.COUNT,
    "/feedback/<token>": links.FEEDBACK,
    "/unsubscribe/<token>": links.LETTERS,
    "/season/<token>": links.SEASON,
    "/season/<token>/letters": links.SEASON,
    "/api/v1/seasons/<token>": links.SEASON,
    "/api/v1/feedback/<token>": links.FEEDBACK,
    "/sign-in/<token>": links.SIGN_IN,
}


def test_every_door_opens_to_the_links_of_one_purpose_and_to_no_other(keys):
    for door in sorted(set(doors(keys.app))):
        opening = set()
        for purpose in [*PURPOSES, "csrf", "session", ""]:
            for subject in keys.subjects:
                status = opened(keys.app, door, keys.signed(purpose, subject))
                assert status in (200, 404), (door, purpose, subject)
                opening |= {purpose} if status == 200 else set()
        assert len(opening) <= 1, door
        assert door not in KNOWN or opening == {KNOWN[door]}, door


def tampered(token: str) -> dict[str, str]:
    """A good token, changed in every way that a forger would try."""
    payload, _, signature = token.rpartition(".")
    other = base64.urlsafe_b64encode(b'["00000000-0000-4000-8000-000000000000 1",4000000000]').decode().rstrip("=")
    return {
        "cut": token[:-1],
        "longer": token + "A",
        "another payload": f"{other}.{signature}",
        "no signature": payload,
        "an empty signature": f"{payload}.",
        "another signature": f"{payload}.{'A' * len(signature)}",
        "capitals": token.swapcase(),
        "twice": token + token,
        "a letter of the payload": ("A" if payload[0] != "A" else "B") + token[1:],
        "NUL": token + "\x00",
        "half a letter": token + "é",
        "spaces": " ".join(token),
        "under another key": Signer(("another key",)).make(links.ANSWER, "x 1", LATER),
        "of nothing": Signer(("",)).make(links.ANSWER, "x 1", LATER),
    }


def test_no_door_opens_to_a_link_that_was_changed(keys):
    for door, purpose in KNOWN.items():
        for subject in keys.subjects:
            good = keys.signed(purpose, subject)
            if opened(keys.app, door, good) != 200:
                continue
            for how, token in tampered(good).items():
                for method in ("GET",) if door in READ_ONLY else ("GET", "POST"):
                    path = door.replace("<token>", quote(token, safe=""))
                    more = {"json": {"answer": "accepted"}} if "/api/" in door else {"data": {"answer": "accepted"}}
                    answer = keys.app.test_client().open(path, method=method, **more if method == "POST" else {})
                    assert answer.status_code in (400, 404, 422), (door, how, method)


STRANGE = ["", " 1", "1", "x", "x y", "x 1 2", "00000000-0000-4000-8000-000000000000 1", "a\x00b 1", "x " + "9" * 5000]


def test_our_own_signature_under_a_strange_subject_is_no_bug(keys):
    """Whoever knew the key could sign anything; it must still be a no and not a failure."""
    keys.app.config["PROPAGATE_EXCEPTIONS"] = False
    for door, purpose in KNOWN.items():
        for subject in STRANGE:
            assert opened(keys.app, door, keys.signed(purpose, subject)) == 404, (door, subject)


def test_a_link_is_over_when_its_time_is_over(keys, still):
    for door, purpose in KNOWN.items():
        for subject in keys.subjects:
            token = keys.signed(purpose, subject, expires_at=NOW)
            assert opened(keys.app, door, token) in (404, 410), door
        assert 410 in {opened(keys.app, door, keys.signed(purpose, one, expires_at=NOW)) for one in keys.subjects}


def test_credentials_open_nothing_but_their_own_door(keys):
    app = keys.app
    browser = Browser(app)
    ask(browser, ADA)
    code, link = newest_letter(app)
    browser.submit("Sign in", values={"code": code})
    cookie = browser.cookie(COOKIE)
    signed_token = link.rpartition("/")[2]
    for bearer in (cookie, signed_token, code, "", "evt_", COOKIE, "administrator"):
        answer = app.test_client().get("/api/v1/series", headers={"Authorization": f"Bearer {bearer}"})
        assert answer.status_code == 401, bearer
    for value in (keys.token, ADMIN_TOKEN, signed_token, code, "", cookie[:-1], cookie + "x"):
        thief = Browser(app)
        thief.set_cookie(COOKIE, value)
        thief.get("/plan")
        assert thief.path.startswith("/sign-in"), value
    for door in KNOWN:
        for value in (keys.token, cookie, ADMIN_TOKEN, code):
            assert opened(app, door, value) == 404
    for value in (keys.token, cookie, signed_token, code):
        thief = Browser(app)
        thief.get("/sign-in")
        thief.submit("Sign in", values={"token": value})
        assert thief.status == 401
    basic = base64.b64encode(f"admin:{ADMIN_TOKEN}".encode()).decode()
    for header in (f"Basic {basic}", ADMIN_TOKEN, f"Token {ADMIN_TOKEN}", f"Bearer{ADMIN_TOKEN}"):
        assert app.test_client().get("/api/v1/series", headers={"Authorization": header}).status_code == 401
    for path in (f"/api/v1/series?token={ADMIN_TOKEN}", f"/api/v1/series?access_token={keys.token}"):
        assert app.test_client().get(path).status_code in (401, 422)


def test_a_link_that_signs_in_works_once_and_its_code_not_after_it(keys):
    browser, phone = Browser(keys.app), Browser(keys.app)
    ask(browser, ADA)
    code, link = newest_letter(keys.app)
    phone.get(link)
    form = phone.page.select_one("main form")
    assert form is not None
    phone.submit("Sign in")
    replayed = Browser(keys.app)
    replayed.get("/sign-in")
    replayed.post(link, {})
    assert replayed.status == 410
    browser.submit("Sign in", values={"code": code})
    assert browser.status == 410


def test_the_code_of_one_letter_is_none_of_another(keys):
    first, second = Browser(keys.app), Browser(keys.app)
    ask(first, ADA)
    code, _ = newest_letter(keys.app)
    ask(second, ADA)
    other, _ = newest_letter(keys.app)
    assert code != other
    second.submit("Sign in", values={"code": code})
    assert second.status == 401


def test_a_stolen_session_is_dead_after_signing_out_everywhere(keys):
    owner, thief = Browser(keys.app), Browser(keys.app)
    ask(owner, ADA)
    code, _ = newest_letter(keys.app)
    owner.submit("Sign in", values={"code": code})
    thief.set_cookie(COOKIE, owner.cookie(COOKIE))
    thief.get("/account")
    assert ADA in thief.text
    token = thief.page.select_one("input[name=csrf_token]")["value"]
    owner.get("/account")
    owner.submit("Sign out everywhere")
    for path in ("/account", "/plan", "/requests", "/outbox", "/doctor"):
        thief.get(path)
        assert thief.path.startswith("/sign-in"), path
    answer = thief._client.post("/account/tokens", data={"csrf_token": token, "name": "x", "scopes": "manage"})
    assert answer.status_code in (302, 303, 400, 401)
    with keys.app.app_context():
        assert db.session.scalars(select(ApiToken.name)).all() == ["a program"]


# --- ids of other offices -----------------------------------------------------------------------------------------


def test_what_is_another_offices_does_not_exist(bare_app, still):
    """Every address that takes an id, as a coordinator of one college tries it on the plans of another."""
    world = pages.make(bare_app)
    with bare_app.app_context(), transaction():
        theirs = builders.a_campus("elsewhere")
        own = builders.an_office("own-office", of=builders.an_organization("own-college"))
        keep_accounts.add_account("kim@example.edu", "Kim Example", **WHO)
        keep_accounts.give_role("kim@example.edu", Role.COORDINATOR, office=own.slug, **WHO)
        _, secret = make_token("kim@example.edu", "a program", list(Scope), days=30, **WHO)
        assert theirs.slug
    event = world.plan(builders.at("2027-02-20T10:00"), rooms=("harbor-hall",), published=False)
    browser = Browser(bare_app)
    ask(browser, "kim@example.edu")
    code, _ = newest_letter(bare_app)
    browser.submit("Sign in", values={"code": code})
    client = bare_app.test_client()
    headers = {"Authorization": f"Bearer {secret}", "If-Match": '"1"'}
    tried = 0
    for rule in bare_app.url_map.iter_rules():
        if "event_id" not in rule.arguments:
            continue
        for verb in re.findall(r"<any\(([^)]*)\):\w+>", rule.rule) or [""]:
            for one in verb.split(","):
                path = re.sub(r"<any\([^)]*\):\w+>", one, rule.rule).replace("<event_id>", event)
                path = re.sub(r"<(?:\w+:)?\w+>", "harbor-hall", path)
                for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                    tried += 1
                    if path.startswith("/api/"):
                        answer = client.open(path, method=method, headers=headers, json={} if method != "GET" else None)
                        assert answer.status_code in (404, 422), (method, path)
                        assert "Careers" not in answer.text
                    elif method == "GET":
                        browser.get(path)
                        assert browser.status == 404, path
                    else:
                        browser.get("/account")
                        browser.post(path, {"reason": "x"})
                        assert browser.status in (404, 422), path
                        assert "Careers at the port" not in browser.text
    assert tried > 20


# --- ways out ------------------------------------------------------------------------------------------------------

WAYS_OUT = [
    "https://evil.example",
    "http://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:\\\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "//evil.example@events.example/",
    "https://events.example@evil.example/",
    "https://events.example.evil.example/",
    "//[::1]/",
    "//[",
    "/‮//evil.example",
    "/\u2028/evil.example",
    "/\r\nLocation: https://evil.example",
    "/\r\nSet-Cookie: x=y",
    ".evil.example",
    "@evil.example",
    ":80",
    "?next=//evil.example",
    "/x" + "y" * 100_000,
]


@pytest.mark.parametrize("way", WAYS_OUT)
def test_signing_in_leads_on_within_the_house_only(bare_app, world, way):
    browser = Browser(bare_app)
    client = browser._client
    token = browser.get("/sign-in").select_one("input[name=csrf_token]")["value"]
    sent = {"csrf_token": token, "token": ADMIN_TOKEN, "next": way}
    answers = [
        client.post("/sign-in", data=sent, **browser._as_browser()),
        client.get("/sign-in/code", query_string={"next": way}, **browser._as_browser()),
        client.get("/calendars", query_string={"next": way, "campus": way, "kind": way}, **browser._as_browser()),
        client.get("/", query_string={"lang": "es", "next": way}, **browser._as_browser()),
    ]
    for answer in answers:
        where = answer.headers.get("Location", "/")
        assert not re.search(r"[\r\n\t\\]", where)
        # As a browser reads it: relative to our own address, and still there.
        assert re.match(r"/(?!/)", where) or urlsplit(where).netloc == "events.example", where
        assert "x" not in answer.headers.getlist("Set-Cookie")


def test_no_address_of_ours_takes_its_host_from_the_request(bare_app, world, planner):
    event = world.plan(builders.at("2027-02-20T10:00"), rooms=("harbor-hall",))
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    client = bare_app.test_client()
    for path in ("/", "/sign-in", f"/events/{event}", f"/events/{event}.ics", "/feeds/all.ics", "/calendars", "/plan"):
        answer = client.get(path, headers={**evil, "Accept": "text/html"})
        assert "evil.example" not in answer.get_data(as_text=True), path
        assert "evil.example" not in str(answer.headers), path
