"""What keeps a browser, a form and a word from being turned against us; and what does not start in earnest."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import func, select

from eventsvc import create_app
from eventsvc.core.db import db
from eventsvc.domain.events.words import as_html, as_text
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces import in_earnest
from tests import builders, databases, servers
from tests.interfaces.browser import Browser
from tests.interfaces.pages import PASADENA, World

# --- headers ------------------------------------------------------------------------------------------------------

PATHS = ["/", "/sign-in", "/nothing", "/api/v1/events", "/api/v1/nothing", "/feeds/all.ics", "/healthz", "/robots.txt"]


@pytest.mark.parametrize("path", [*PATHS, "/static/style.css"])
def test_every_answer_carries_every_header(public, path):
    answer = public.get(path)
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if path.startswith("/feeds") else "same-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Permitted-Cross-Domain-Policies": "none",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Server" not in answer.headers
    answer.close()


def test_a_service_without_https_promises_none(database_url):
    app = create_app(databases.settings(database_url, PUBLIC_URL="http://127.0.0.1:8000"))
    assert "Strict-Transport-Security" not in app.test_client().get("/healthz").headers


# --- the Content-Security-Policy, on every kind of page --------------------------------------------------------------

STRICT = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def addresses(app: Flask, world: World) -> Iterator[str]:
    """Every address that can be opened, with real things in it."""
    event = world.plan(builders.at("2027-02-20T10:00"), rooms=("harbor-hall",), experts=("expert-one",))
    with app.app_context():
        letter = str(db.session.scalars(select(Message.public_id)).first())
    filled = {
        "event_id": event,
        "month": "2027-02",
        "day": "2027-02-20",
        "message_id": letter,
        "slug": PASADENA,
        "kind": "info_session",
        "token": world.answer_path(event).rpartition("/")[2],
    }
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint != "static":
            path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda name: filled.get(name[1], "nothing"), rule.rule)
            yield path.replace(f"/experts/{PASADENA}", "/experts/expert-one")


def test_every_page_keeps_the_strict_policy_and_needs_nothing_that_it_forbids(bare_app, world, planner, visitor):
    pages = 0
    for path in addresses(bare_app, world):
        for browser in (planner, visitor):
            browser.get(path)
            if browser.response.mimetype != "text/html" or path.endswith("/html"):
                continue
            pages += 1
            policy = browser.response.headers["Content-Security-Policy"]
            said = dict(part.strip().split(" ", 1) for part in policy.split(";"))
            # Made to stand in other people's frames; see test_feeds_for_sites.
            framed = {"form-action": "'none'", "frame-ancestors": "*"} if path == "/embed/all" else {}
            assert said == STRICT | framed, path
            assert broken(browser.page) == [], path
    assert pages > 50


def broken(page: BeautifulSoup) -> list[str]:
    """What the policy would stop: scripts and styles within the page, and what comes from elsewhere."""
    found = [str(tag)[:80] for tag in page.find_all("style")]
    found += [str(tag)[:80] for tag in page.find_all("script") if not tag.get("src", "").startswith("/static/")]
    for tag in page.find_all(True):
        found += [f"{tag.name} {name}" for name in tag.attrs if name == "style" or name.startswith("on")]
        found += [tag["href"] for name in ("href",) if tag.get(name, "").strip().lower().startswith("javascript:")]
        if tag.name in ("img", "link", "iframe", "source") and (where := tag.get("src") or tag.get("href") or ""):
            found += [where] if re.match(r"(https?:)?//", where) and tag.get("rel") not in (["alternate"],) else []
    return found


def test_a_letter_is_shown_in_a_frame_that_may_do_nothing(bare_app, world, planner):
    world.plan(builders.at("2027-02-20T10:00"), experts=("expert-one",))
    with bare_app.app_context():
        letter = str(db.session.scalars(select(Message.public_id)).first())
    planner.get(f"/outbox/{letter}/html")
    policy = planner.response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "sandbox allow-top-navigation-by-user-activation" in policy


# --- forged forms --------------------------------------------------------------------------------------------------


def test_no_form_is_accepted_without_the_token_of_its_page(bare_app, world, planner):
    """Signed in by a cookie, as a forged form would find it; the answers of letters' links have no session to ride."""
    tried = 0
    for rule in bare_app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        for method in rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            if blueprint == "guests" or rule.rule.startswith("/api/"):
                continue
            choices = re.sub(r"<any\(([^,)]*)[^)]*\):\w+>", r"\1", rule.rule)
            path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", "00000000-0000-4000-8000-000000000000", choices)
            answer = planner._client.open(path, method=method, data={"title": "x"}, **planner._as_browser())
            assert answer.status_code in (400, 404), f"{method} {rule.rule}"
            tried += 1
    assert tried > 15
    planner.get("/plan")
    assert planner.path.startswith("/plan"), "still signed in: not even signing out was accepted"


def test_the_api_takes_no_cookie(bare_app, world, planner):
    """So it needs no form token: a browser that is signed in is nobody there."""
    for rule in bare_app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            if "<token>" in rule.rule:
                continue
            path = re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?(\w+)>", "00000000-0000-4000-8000-000000000000", rule.rule)
            method = next(iter(rule.methods & {"POST", "PUT", "PATCH", "DELETE"}))
            answer = planner._client.open(path, method=method, json={}, **planner._as_browser())
            assert answer.status_code in (401, 404, 422), rule.rule


# --- words that people write ---------------------------------------------------------------------------------------

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example"onmouseover="alert(1))',
    "![x](https://tracker.example/pixel.gif)",
    "![x](javascript:alert(1))",
    "<https://a.example/\"onclick='alert(1)'>",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "<iframe src=https://evil.example></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<style>*{display:none}</style>",
    "<form action=https://evil.example><input name=csrf_token></form>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<base href=https://evil.example>",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style></mtext></math>",
    "</div></main><h1>Sign in again</h1>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[x](//evil.example)\n<b onfocus=alert(1) autofocus>",
]
ALLOWED = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h3", "h4", "hr"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_people_write_becomes_words_and_links_and_nothing_else(attack):
    page = BeautifulSoup(as_html(f"before\n\n{attack}\n\nafter"), "html.parser")
    assert {tag.name for tag in page.find_all(True)} <= ALLOWED
    for tag in page.find_all(True):
        assert set(tag.attrs) <= {"href", "rel", "title"}
        if "href" in tag.attrs:
            assert re.match(r"(https?|mailto|tel):|//", tag["href"]), tag
            assert {"nofollow", "noopener", "noreferrer"} <= set(tag["rel"])
    assert page.get_text().startswith("before")
    assert page.get_text().rstrip().endswith("after")
    assert "before" in as_text(f"before\n\n{attack}")


def test_an_attack_in_a_title_and_a_description_stays_words_on_every_page(bare_app, world, planner, visitor):
    title = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    event = world.plan(
        builders.at("2027-02-20T10:00"),
        title=title,
        description="\n\n".join(ATTACKS),
        rooms=("harbor-hall",),
        experts=("expert-one",),
    )
    paths = ["/", "/search?q=script", "/month/2027-02", f"/events/{event}", world.answer_path(event), "/requests"]
    for path in [*paths, f"/events/{event}/edit", f"/events/{event}/move", "/board?day=2027-02-20", "/outbox"]:
        for browser in (planner, visitor):
            browser.get(path)
            assert broken(browser.page) == [], path
    visitor.get("/")
    assert title in visitor.text


# --- caps ----------------------------------------------------------------------------------------------------------


def test_a_form_of_very_many_fields_is_refused_with_the_number(bare_app):
    browser = Browser(bare_app)
    browser.get("/sign-in")
    token = browser.page.select_one("input[name=csrf_token]")["value"]
    sent = {"csrf_token": token, **{f"field-{number}": "x" for number in range(1001)}}
    answer = browser._client.post("/sign-in", data=sent, content_type="multipart/form-data", **browser._as_browser())
    assert answer.status_code == 413
    assert "1,000 fields" in answer.get_data(as_text=True)


# --- in earnest ----------------------------------------------------------------------------------------------------

KEY = "kRz3vQ0uD1Wm7xTn5yHs9aLc2eJg4fPb"
OTHER_KEY = "mB7xq2LwZ0tVj5cKp9RnYh3sDf6uGa1E"
MAIL = {"MAIL_IN_ADDRESS": "events@calendar.example", "ADDRESS_KEY": OTHER_KEY[::-1]}
GOOD = {
    "PUBLIC_URL": "https://events.college.example",
    "SECRET_KEY": KEY,
    "EVENTSVC_ADMIN_TOKEN": "Vb8nQw2mXr6tYk0pLs4dHg1c",
}
WEAK = [
    ({"SECRET_KEY": "easy-to-guess"}, "SECRET_KEY"),
    ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
    ({"SECRET_KEY": "changeme" * 5}, "SECRET_KEY"),
    ({"SECRET_KEY_FALLBACKS": ("old",)}, "SECRET_KEY_FALLBACKS"),
    ({"EVENTSVC_ADMIN_TOKEN": "admin"}, "EVENTSVC_ADMIN_TOKEN"),
    ({"EVENTSVC_ADMIN_TOKEN": "1234567890" * 4}, None),
    ({"EVENTSVC_ADMIN_TOKEN": "secretsecretsecretsecret"}, "EVENTSVC_ADMIN_TOKEN"),
    ({"EVENTSVC_ADMIN_TOKEN": KEY}, "EVENTSVC_ADMIN_TOKEN"),
    ({"FETCH_ALLOW": ("10.0.0.1",)}, "FETCH_ALLOW"),
    ({"EVENTSVC_ADMIN_TOKEN": ""}, None),
    ({**MAIL, "MAIL_IN_SECRET": "hunter2"}, "MAIL_IN_SECRET"),
    ({**MAIL, "MAIL_IN_SECRET": KEY}, "MAIL_IN_SECRET"),
    ({**MAIL, "MAIL_IN_URL": "imaps://a:b@mail.example", "MAIL_IN_SECRET": OTHER_KEY}, None),
    ({**MAIL, "ADDRESS_KEY": "weak"}, "ADDRESS_KEY"),
    ({**MAIL, "ADDRESS_KEY": ""}, "ADDRESS_KEY"),
    ({**MAIL, "ADDRESS_KEY_FALLBACKS": ("older",)}, "ADDRESS_KEY_FALLBACKS"),
    ({"ADDRESS_KEY": ""}, None),
    ({"MAIL_IN_URL": "imaps://a:b@mail.example"}, "MAIL_IN_ADDRESS"),
    ({"MAIL_IN_SECRET": OTHER_KEY}, "MAIL_IN_ADDRESS"),
    ({}, None),
]


@pytest.mark.parametrize(("change", "named"), WEAK)
@pytest.mark.parametrize("url", ["https://events.college.example", "http://10.1.2.3:8000"])
def test_what_others_can_reach_starts_with_real_keys_only(tmp_path, change, named, url):
    app = create_app(databases.settings(f"sqlite:///{tmp_path}/x.sqlite3", **{**GOOD, "PUBLIC_URL": url, **change}))
    if named is None:
        in_earnest.ensure(app)
        return
    with pytest.raises(in_earnest.Unsafe, match=named) as said:
        in_earnest.ensure(app)
    assert str(change.get(named, "")) not in str(said.value) or not change.get(named)


def test_debugging_does_not_start_where_others_can_reach_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = create_app(databases.settings(f"sqlite:///{tmp_path}/x.sqlite3", **GOOD))
    with pytest.raises(in_earnest.Unsafe, match="FLASK_DEBUG"):
        in_earnest.ensure(app)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_on_ones_own_machine_any_key_does_until_others_are_let_in(tmp_path, url):
    weak = {"PUBLIC_URL": url, "SECRET_KEY": "a key"}
    app = create_app(databases.settings(f"sqlite:///{tmp_path}/x.sqlite3", **weak))
    in_earnest.ensure(app)
    with pytest.raises(in_earnest.Unsafe, match="SECRET_KEY"):
        in_earnest.ensure(app, host="0.0.0.0")


def test_the_server_says_in_a_sentence_why_it_does_not_start(tmp_path):
    environment = databases.environment(f"sqlite:///{tmp_path}/x.sqlite3", PUBLIC_URL="https://events.college.example")
    why = pytest.raises(RuntimeError, match="SECRET_KEY or one of SECRET_KEY_FALLBACKS can be guessed")
    with why, servers.serving(environment, workers=1):
        pass


def test_nobody_is_let_in_by_an_empty_token(bare_app):
    bare_app.extensions["eventsvc"] = dataclasses.replace(bare_app.extensions["eventsvc"], admin_token="")
    client = bare_app.test_client()
    for value in ("Bearer ", "Bearer", "bearer  "):
        assert client.get("/api/v1/doctor", headers={"Authorization": value}).status_code == 401
    with bare_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0
