"""Signing in at a provider: who comes in, with which roles, and everything that must not let anybody in."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, elsewhere
from eventsvc.domain.accounts.elsewhere import Identity, OnTheWay
from eventsvc.domain.accounts.models import Account, Grant, Session
from eventsvc.domain.accounts.providers import Provider
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts, keep_passwords
from eventsvc.workflows.sign_in_elsewhere import sign_in_by_claims
from tests import builders, crooked_provider, databases
from tests.conftest import NOW
from tests.crooked_provider import CrookedProvider
from tests.interfaces.browser import Browser
from tests.providers_toml import a_provider, written

pytestmark = pytest.mark.usefixtures("still")
ADA = "ada@pcc.example"
WHO = {"actor": ADMINISTRATOR, "now": NOW}
STAFF = {"sub": "ada-1", "email": ADA, "email_verified": True, "name": "Ada Example", "groups": ["career-staff"]}


@pytest.fixture
def provider() -> Iterator[CrookedProvider]:
    with crooked_provider.crooked_provider() as running:
        yield running


@pytest.fixture
def build(still, database_url: str, tmp_path: Path, monkeypatch) -> Iterator[Callable[..., Flask]]:
    """The service with the providers that a test wants."""
    monkeypatch.setenv("TEST_OIDC_SECRET", crooked_provider.SECRET)
    made: list[Flask] = []

    def building(*providers: dict[str, Any]) -> Flask:
        path = written(tmp_path, *providers)
        app = create_app(databases.settings(database_url, OIDC_PROVIDERS=path, FETCH_ALLOW=("127.0.0.1",)))
        with app.app_context(), transaction():
            builders.an_office("career-center")
        made.append(app)
        return app

    yield building
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def house(build, provider) -> Flask:
    return build(a_provider(provider.issuer, contact="desk@pcc.example"))


@pytest.fixture
def browser(house: Flask) -> Browser:
    return Browser(house)


def leave(browser: Browser, following: str = "/plan", button: str = "Sign in with Pasadena City College") -> str:
    """Press the button; the address at the provider to which the page leads on."""
    browser.get(f"/sign-in?next={following}")
    browser.submit(button)
    assert browser.status == 200, browser.text
    refresh = browser.page.select_one("meta[http-equiv=refresh]")["content"]
    return re.fullmatch(r"0; url=(.*)", refresh).group(1)


def visit(browser: Browser, provider: CrookedProvider, following: str = "/plan", **says: Any) -> None:
    browser.get(provider.comes(leave(browser, following), **(says or STAFF)))


def is_signed_in(browser: Browser) -> bool:
    browser.get("/account")
    return browser.path.startswith("/account")


def roles(app: Flask, email: str = ADA) -> set[tuple[str, str]]:
    """The roles in force, and who gave each."""
    with app.app_context():
        query = select(Grant.role, Grant.given_by).join(Account).where(Account.email == email, Grant.ended_at.is_(None))
        return {(str(role), by) for role, by in db.session.execute(query)}


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def let_in(app: Flask, email: str = ADA, role: Role | None = None) -> None:
    with app.app_context(), transaction():
        keep_accounts.add_account(email, "Ada Example", **WHO)
        if role:
            keep_accounts.give_role(email, role, office=None if role is Role.ADMINISTRATOR else "career-center", **WHO)


# --- who comes in ----------------------------------------------------------------------------------------------------


def test_somebody_with_a_mapped_role_comes_in_at_the_first_visit_and_is_led_on(house, browser, provider):
    visit(browser, provider, "/account?from=mail")
    assert (browser.status, browser.path) == (200, "/account?from=mail")
    assert roles(house) == {("coordinator", "provider pcc")}
    with house.app_context():
        verbs = db.session.execute(select(AuditEntry.verb, AuditEntry.actor).order_by(AuditEntry.id)).all()
    by_provider = [verb for verb, actor in verbs if actor == "provider pcc"]
    assert by_provider == ["add", "link", "give_role"]
    assert verbs[-1].verb == "sign_in"
    visit(browser, provider)
    assert (count(house, Account), count(house, Identity), count(house, OnTheWay)) == (1, 1, 0)


def test_somebody_who_is_let_in_already_is_known_by_the_verified_address_and_then_by_the_providers_word(
    house, browser, provider
):
    let_in(house, role=Role.PARTNER)
    visit(browser, provider, **{**STAFF, "groups": []})
    assert is_signed_in(browser)
    assert roles(house) == {("partner", "administrator")}
    # The address may change there: the provider's word for the person does not.
    visit(browser, provider, sub="ada-1", email="ada.new@elsewhere.example", email_verified=False)
    assert is_signed_in(browser)
    assert count(house, Account) == 1


def test_somebody_without_an_account_or_a_mapped_role_is_told_whom_to_ask(house, browser, provider):
    visit(browser, provider, **{**STAFF, "groups": ["students"]})
    assert browser.status == 403
    assert "Ask desk@pcc.example to let you in." in browser.text
    assert (count(house, Account), count(house, Identity), count(house, Session)) == (0, 0, 0)
    assert not is_signed_in(browser)


def test_roles_from_claims_are_held_up_to_date_and_those_given_by_hand_stay(house, browser, provider):
    let_in(house, role=Role.PARTNER)
    visit(browser, provider, **{**STAFF, "groups": ["career-staff", "rooms"]})
    given = {("coordinator", "provider pcc"), ("room_office", "provider pcc")}
    assert roles(house) == {*given, ("partner", "administrator")}
    with house.app_context(), transaction():
        keep_accounts.give_role(ADA, Role.ROOM_OFFICE, office="career-center", **WHO)
    visit(browser, provider, **{**STAFF, "groups": "career-staff"})
    kept = {("room_office", "administrator"), ("partner", "administrator")}
    assert roles(house) == {("coordinator", "provider pcc"), *kept}
    visit(browser, provider, **{**STAFF, "groups": []})
    assert roles(house) == kept
    with house.app_context():
        query = select(AuditEntry.changes).where(AuditEntry.verb == "take_role", AuditEntry.actor == "provider pcc")
        assert [entry["role"][1] for entry in db.session.scalars(query)] == ["coordinator"]


def test_who_was_let_go_here_stays_out_whatever_the_claims_say(house, browser, provider):
    visit(browser, provider)
    with house.app_context(), transaction():
        keep_accounts.end_account(ADA, **WHO)
    for says in (STAFF, {**STAFF, "sub": "ada-2"}):
        visit(browser, provider, **says)
        assert browser.status == 403
        assert not is_signed_in(browser)
    assert roles(house) == set()


def test_nobody_is_administrator_by_a_claim_unless_the_mapping_says_so(build, provider):
    rule = {"claim": "realm_access.roles", "values": ["operator"], "role": "administrator", "everywhere": True}
    plain, telling = a_provider(provider.issuer), a_provider(provider.issuer, "ops", name="Ops", roles=[rule])
    house = build(plain, telling)
    operator = {**STAFF, "realm_access": {"roles": ["operator"]}, "role": "administrator", "roles": ["administrator"]}
    browser = Browser(house)
    visit(browser, provider, **operator)
    assert roles(house) == {("coordinator", "provider pcc")}
    with house.app_context(), transaction():
        keep_passwords.unlink(ADA, **WHO)
    browser.get(provider.comes(leave(browser, button="Sign in with Ops"), **operator))
    assert roles(house) == {("coordinator", "provider pcc"), ("administrator", "provider ops")}


OPERATES = {"claim": "realm_access.roles", "values": ["operator"], "role": "administrator", "everywhere": True}
OPERATOR = {**STAFF, "realm_access": {"roles": ["operator"]}}


@pytest.fixture
def run_by_claims(build, provider) -> Flask:
    """A service whose only administrator is one by claims."""
    house = build(a_provider(provider.issuer, roles=[OPERATES]))
    visit(Browser(house), provider, **OPERATOR)
    assert roles(house) == {("administrator", "provider pcc")}
    return house


def kept_in_the_log(app: Flask) -> int:
    with app.app_context():
        query = select(func.count()).where(AuditEntry.verb == "keep_role", AuditEntry.actor == "provider pcc")
        return db.session.scalar(query)


def test_claims_do_not_end_the_last_administrators_role(run_by_claims, provider, caplog):
    logging.getLogger("eventsvc").propagate = True
    caplog.set_level("WARNING", logger="eventsvc")
    browser = Browser(run_by_claims)
    visit(browser, provider, **STAFF)
    assert is_signed_in(browser)
    assert roles(run_by_claims) == {("administrator", "provider pcc")}
    assert "its claims would end the last administrator's role, which is kept" in caplog.text
    assert ADA not in caplog.text
    assert kept_in_the_log(run_by_claims) == 1
    browser.get("/audit")
    assert "role kept: nobody else runs the service" in browser.text


def test_claims_end_it_once_somebody_else_runs_the_service(run_by_claims, provider):
    visit(Browser(run_by_claims), provider, **STAFF)
    let_in(run_by_claims, "eve@pcc.example", Role.ADMINISTRATOR)
    visit(Browser(run_by_claims), provider, **STAFF)
    assert roles(run_by_claims) == set()
    assert kept_in_the_log(run_by_claims) == 1


def test_two_administrators_whose_claims_end_at_one_moment_do_not_both_go(run_by_claims, provider):
    """The role of whoever comes first ends; the second one is the last by then."""
    visit(Browser(run_by_claims), provider, **{**OPERATOR, "sub": "eve-1", "email": "eve@pcc.example"})
    client = provider_of(run_by_claims)
    both = threading.Barrier(2)

    def comes(says: dict[str, Any]) -> None:
        with run_by_claims.app_context():
            both.wait()
            with transaction():
                sign_in_by_claims(client, says, language="en", device="", now=NOW)

    with ThreadPoolExecutor() as pool:
        list(pool.map(comes, [STAFF, {**STAFF, "sub": "eve-1", "email": "eve@pcc.example"}]))
    left = roles(run_by_claims) | roles(run_by_claims, "eve@pcc.example")
    assert left == {("administrator", "provider pcc")}
    assert kept_in_the_log(run_by_claims) == 1


def provider_of(app: Flask) -> Provider:
    with app.app_context():
        return services().sign_in_places["pcc"].provider


# --- addresses that count, and that do not ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({"email_verified": False}, "has not checked yet that ada@pcc.example is yours"),
        ({"email_verified": None}, "has not checked yet"),
        ({"email_verified": 1.5}, "has not checked yet"),
        ({"email": "ada@port.example"}, "may not speak for addresses at port.example"),
        ({"email": "ada@evil.pcc.example"}, "may not speak for addresses at evil.pcc.example"),
        ({"email": "ada@evil.example@pcc.example.evil.example"}, "may not speak for"),
        ({"email": None}, "did not tell us your e-mail address"),
        ({"email": "@pcc.example"}, "did not tell us your e-mail address"),
        ({"email": ["ada@pcc.example"]}, "may not speak for"),
    ],
)
def test_an_address_that_the_provider_may_not_vouch_for_opens_nothing(house, browser, provider, says, why):
    let_in(house, role=Role.ADMINISTRATOR)
    visit(browser, provider, **{**STAFF, **says})
    assert browser.status == 403
    assert why in browser.text
    assert not is_signed_in(browser)
    assert count(house, Identity) == 0


def test_a_trusted_provider_need_not_say_that_it_checked_an_address_of_its_domains(build, provider):
    house = build(a_provider(provider.issuer, trusts_addresses=True))
    browser = Browser(house)
    visit(browser, provider, **{**STAFF, "email_verified": None, "email": "ADA@PCC.example"})
    assert is_signed_in(browser)
    visit(browser, provider, sub="x", email="x@port.example", groups=["career-staff"])
    assert browser.status == 403


def test_one_address_at_two_providers_takes_no_account_over(build, provider):
    with crooked_provider.crooked_provider() as other:
        house = build(a_provider(provider.issuer), a_provider(other.issuer, "other", name="Other"))
        browser, thief = Browser(house), Browser(house)
        visit(browser, provider)
        thief.get(other.comes(leave(thief, button="Sign in with Other"), **{**STAFF, "sub": "thief"}))
        assert thief.status == 403
        assert "Somebody else has signed in with ada@pcc.example before" in thief.text
        assert not is_signed_in(thief)
        # The same word for a person means somebody else at another provider.
        thief.get(other.comes(leave(thief, button="Sign in with Other"), **{**STAFF, "email": "thief@pcc.example"}))
        assert is_signed_in(thief)
        assert "thief@pcc.example" in thief.text
        assert (count(house, Account), count(house, Identity)) == (2, 2)


def test_an_address_that_was_given_to_somebody_else_does_not_bring_the_old_account(house, browser, provider):
    visit(browser, provider)
    newcomer = Browser(house)
    visit(newcomer, provider, **{**STAFF, "sub": "another-ada"})
    assert newcomer.status == 403
    with house.app_context(), transaction():
        assert keep_passwords.unlink(ADA, **WHO) == 1
    visit(newcomer, provider, **{**STAFF, "sub": "another-ada"})
    assert is_signed_in(newcomer)


# --- the way there and back ------------------------------------------------------------------------------------------


def test_a_way_back_counts_once_in_one_browser_for_ten_minutes(house, browser, provider, still):
    path = provider.comes(leave(browser), **STAFF)
    another = Browser(house)
    another.get(path)
    assert another.status == 410
    leave(another)
    another.get(path)
    assert another.status == 410
    browser.get(path.replace("state=", "state=x"))
    assert browser.status == 410
    browser.get(path)
    assert browser.path == "/plan"
    browser.get(path)
    assert browser.status == 410
    assert "was used already" in browser.text
    late = Browser(house)
    path = provider.comes(leave(late), **STAFF)
    still.shift(elsewhere.LASTS)
    late.get(path)
    assert late.status == 410
    assert not is_signed_in(late)


def test_a_planted_cookie_of_the_way_there_is_worth_nothing_afterwards(house, browser, provider):
    path = provider.comes(leave(browser), **STAFF)
    planted = browser.cookie("session")
    browser.get(path)
    thief = Browser(house)
    thief.set_cookie("session", planted)
    thief.get(path)
    assert thief.status == 410


def test_two_tabs_come_back_in_any_order(house, browser, provider):
    first, second = leave(browser, "/plan"), leave(browser, "/account")
    browser.get(provider.comes(second, **STAFF))
    assert browser.path == "/account"
    assert first != second


def test_the_code_is_worth_nothing_without_the_verifier(house, browser, provider):
    """Somebody else's code, planted into one's own way back."""
    victim = provider.comes(leave(browser), **STAFF)
    thief = Browser(house)
    own = provider.comes(leave(thief), **STAFF)
    code = re.search(r"code=([^&]+)", victim).group(1)
    thief.get(re.sub(r"code=[^&]+", f"code={code}", own))
    assert thief.status == 403
    assert not is_signed_in(thief)


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_way_back_leads_to_our_own_pages_only(house, browser, provider, place):
    visit(browser, provider, place)
    assert browser.path == "/"


def test_what_was_typed_before_is_shown_again(house, browser, provider):
    with house.app_context(), transaction():
        builders.a_campus("harbor")
    browser.get("/sign-in")
    browser.post("/plan", {"campus": "harbor", "title": "Careers from elsewhere", "act": "plan"})
    browser.submit("Sign in with Pasadena City College")
    address = browser.page.select_one("meta[http-equiv=refresh]")["content"].removeprefix("0; url=")
    browser.get(provider.comes(address, **STAFF))
    browser.submit("Show what I had typed")
    assert browser.page.select_one("input[name=title]")["value"] == "Careers from elsewhere"


def test_whoever_says_no_at_the_provider_reads_so(house, browser, provider):
    for error, words in (
        ("access_denied", "You did not sign in at Pasadena City College"),
        ("temporarily_unavailable", "did not sign you in (temporarily_unavailable)"),
        ("<script>", "did not sign you in (error)"),
    ):
        path = provider.comes(leave(browser), **STAFF)
        browser.get(re.sub(r"code=[^&]+", f"error={error}", path))
        assert browser.status == 403
        assert words in browser.text
        browser.get(path)
        assert browser.status == 410
    assert not is_signed_in(browser)


def test_another_issuers_answer_is_not_taken(house, browser, provider):
    path = provider.comes(leave(browser), **STAFF)
    browser.get(re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", path))
    assert browser.status == 403
    assert "/token" not in provider.asked


def test_the_cookie_is_as_safe_as_by_letter_and_the_session_listed(house, browser, provider):
    visit(browser, provider)
    cookie = next(one for one in browser.set_cookies if one.startswith("eventsvc_session"))
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    browser.get("/account")
    assert len(browser.page.select(".sessions li")) == 1


def test_no_provider_means_no_button_and_no_door(bare_app):
    browser = Browser(bare_app)
    browser.get("/sign-in")
    assert "Sign in with" not in browser.text
    browser.post("/sign-in/with/pcc", {})
    assert browser.status == 404
    browser.get("/sign-in/with/pcc/back?state=x&code=y")
    assert browser.status == 404


# --- what is signed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "twist",
    [
        {"nonce": "forged"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": "somebody-else", "azp": "eventsvc"},
        {"aud": ["eventsvc", "somebody-else"]},
        {"azp": "somebody-else"},
        {"exp": int(NOW.timestamp()) - 120},
        {"exp": None},
        {"iat": int(NOW.timestamp()) + 3600},
        {"nbf": int(NOW.timestamp()) + 3600},
        {"sub": "somebody-else"},
        {"sub": None},
        {"sub": "x" * 300},
        {"at_hash": "forged"},
    ],
    ids=str,
)
def test_a_twisted_claim_signs_nobody_in(house, browser, provider, twist):
    def twists(claims: dict[str, Any]) -> None:
        claims.update(twist)
        for name in [name for name, value in claims.items() if value is None]:
            del claims[name]

    provider.twists = twists
    visit(browser, provider)
    assert browser.status == 403
    assert "What came back from there cannot be accepted" in browser.text
    assert not is_signed_in(browser)
    assert (count(house, Account), count(house, Identity)) == (0, 0)


def test_a_forged_signature_signs_nobody_in(house, browser, provider):
    stranger = provider.key
    provider.rotate()
    provider.signs_with = stranger
    visit(browser, provider)
    assert browser.status == 403
    provider.signs_with, provider.algorithm = crooked_provider.a_shared_key(), "HS256"
    visit(browser, provider)
    assert browser.status == 403
    assert not is_signed_in(browser)


def test_keys_are_kept_and_asked_for_again_when_they_change(house, browser, provider):
    visit(browser, provider)
    visit(browser, provider)
    assert provider.asked.count("/keys") == 1
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    provider.rotate()
    visit(browser, provider)
    assert is_signed_in(browser)
    assert provider.asked.count("/keys") == 2


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://inside.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": "http://169.254.169.254/latest"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_a_provider_that_describes_itself_strangely_is_not_talked_to(house, browser, provider, about):
    provider.tells_about_itself = about
    browser.get("/sign-in")
    browser.submit("Sign in with Pasadena City College")
    assert browser.status == 503
    assert "It does not answer, or not as an OpenID provider does." in browser.text
    assert provider.asked == ["/.well-known/openid-configuration"]
    assert count(house, OnTheWay) == 0


def test_a_provider_that_is_away_is_said_to_be_on_the_way_there_and_back(house, browser, provider):
    provider.is_away = True
    browser.get("/sign-in?next=/plan")
    browser.submit("Sign in with Pasadena City College")
    assert browser.status == 503
    assert browser.page.select_one("input[name=next]")["value"] == "/plan"
    provider.is_away = False
    path = provider.comes(leave(browser), **STAFF)
    provider.is_away = True
    browser.get(path)
    assert browser.status == 503
    assert "does not answer" in browser.text
    assert (count(house, Account), count(house, Session)) == (0, 0)
    provider.is_away = False
    visit(browser, provider)
    assert is_signed_in(browser)


def test_a_provider_that_drips_keeps_nobody_waiting(house, browser, provider):
    with house.app_context():
        places = services().sign_in_places
        places["pcc"] = places["pcc"]._replace(client=replace(places["pcc"].client, max_seconds=0.4))
    path = provider.comes(leave(browser), **STAFF)
    provider.drips = {"/token"}
    browser.get(path)
    assert browser.status == 503
    assert "It does not answer" in browser.text
    assert (count(house, Account), count(house, Session)) == (0, 0)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token", "/me"])
def test_a_redirect_of_the_provider_is_not_followed(house, browser, provider, path):
    back = provider.comes(leave(browser), **STAFF) if path != "/.well-known/openid-configuration" else ""
    provider.leads_astray = {path}
    if back:
        browser.get(back)
    else:
        browser.get("/sign-in")
        browser.submit("Sign in with Pasadena City College")
    assert browser.status in (403, 503)
    assert "/astray" not in provider.asked
    assert not is_signed_in(browser)


def test_no_transaction_is_open_while_the_provider_is_asked(house, browser, provider):
    open_then: list[int] = []

    def look() -> None:
        with house.app_context():
            open_then.append(db.engine.pool.checkedout())

    provider.seen = look
    visit(browser, provider)
    assert len(open_then) == 4  # about, token, userinfo and keys
    assert set(open_then) == {0}


# --- out again -------------------------------------------------------------------------------------------------------


def test_signing_out_says_that_the_provider_may_still_know_this_browser(house, browser, provider):
    provider.tells_about_itself = {"end_session_endpoint": provider.issuer + "/out"}
    visit(browser, provider, "/")
    browser.submit("Sign out")
    assert "You are signed out here" in browser.text
    link = browser.page.find("a", string="Sign out at Pasadena City College")["href"]
    assert link.startswith(f"{provider.issuer}/out?client_id=eventsvc&post_logout_redirect_uri=https%3A%2F%2Fevents")
    assert not is_signed_in(browser)


def test_signing_out_makes_the_browser_forget_our_pages(house, browser, provider):
    client = house.test_client()
    house.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get("/").headers


def test_the_row_of_whoever_never_comes_back_goes(house, browser, provider, still):
    leave(browser)
    still.shift(elsewhere.LASTS + timedelta(minutes=1))
    leave(browser)
    assert count(house, OnTheWay) == 1
