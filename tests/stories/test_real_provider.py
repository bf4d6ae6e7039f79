"""Signing in at a real provider: discovery, PKCE, nonce, consent, userinfo, new keys, and signing out there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from flask import Flask

from eventsvc import create_app
from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.core.errors import NotVouchedFor
from eventsvc.domain.accounts.elsewhere import Identity, new_sent
from eventsvc.domain.accounts.models import Account
from eventsvc.interfaces.services import services
from tests import builders, databases, real_provider
from tests.interfaces.browser import Browser
from tests.providers_toml import a_provider, written
from tests.real_provider import RealProvider
from tests.stories.test_sign_in_elsewhere import count, is_signed_in, leave, roles

pytestmark = pytest.mark.skipif(real_provider.folder() is None, reason=real_provider.ABSENT)
BACK = f"{databases.PUBLIC_URL}/sign-in/with/pcc/back"
PEOPLE = {
    "ada": {"email": "ada@pcc.example", "email_verified": True, "name": "Ada Example", "groups": ["career-staff"]},
    "bo": {"email": "bo@pcc.example", "email_verified": True, "name": "Bo Example", "groups": ["students"]},
    "cy": {"email": "cy@pcc.example", "email_verified": False, "name": "Cy Example", "groups": ["career-staff"]},
}


@pytest.fixture
def provider() -> Iterator[RealProvider]:
    with real_provider.real_provider(PEOPLE, BACK) as running:
        yield running


@pytest.fixture
def house(database_url: str, provider: RealProvider, tmp_path: Path, monkeypatch) -> Iterator[Flask]:
    monkeypatch.setenv("TEST_OIDC_SECRET", real_provider.SECRET)
    asks = ["openid", "email", "profile", "groups"]
    path = written(tmp_path, a_provider(provider.issuer, scopes=asks, contact="desk@pcc.example"))
    app = create_app(databases.settings(database_url, OIDC_PROVIDERS=path, FETCH_ALLOW=("127.0.0.1",)))
    with app.app_context(), transaction():
        builders.an_office("career-center")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_people_come_in_as_the_real_provider_vouches_for_them_also_with_new_keys(house, provider):
    browser = Browser(house)
    browser.get(provider.comes(leave(browser, "/account"), "ada"))
    assert (browser.path, browser.status) == ("/account", 200)
    assert "Ada Example" in browser.text
    assert roles(house) == {("coordinator", "provider pcc")}
    provider.stop()
    provider.start()
    again = Browser(house)
    again.get(provider.comes(leave(again, "/account"), "ada"))
    assert is_signed_in(again)
    for who, why in (("bo", "Ask desk@pcc.example"), ("cy", "has not checked yet that cy@pcc.example is yours")):
        stranger = Browser(house)
        stranger.get(provider.comes(leave(stranger), who))
        assert (stranger.status, why in stranger.text) == (403, True)
    assert (count(house, Account), count(house, Identity)) == (1, 1)


def test_a_way_back_counts_once_and_whoever_turns_away_there_is_told(house, provider):
    browser = Browser(house)
    path = provider.comes(leave(browser), "ada")
    thief = Browser(house)
    thief.get(path)
    assert thief.status == 410
    browser.get(path)
    assert is_signed_in(browser)
    browser.get(path)
    assert browser.status == 410
    another = Browser(house)
    another.get(provider.comes(leave(another), "ada", says_no=True))
    assert (another.status, "You did not sign in at Pasadena City College" in another.text) == (403, True)


def test_the_provider_gives_nothing_without_the_challenge_or_for_another_verifier_or_nonce(house, provider):
    """PKCE and nonce are really there: a code is worth nothing to whoever lacks what only our server knows."""
    with house.app_context(), house.test_request_context(base_url=databases.PUBLIC_URL):
        client = services().sign_in_places["pcc"].client
        sent = new_sent()
        address = client.address(back=BACK, **sent._asdict())
        bare = {name: value for name, value in parse_qsl(urlsplit(address).query) if "challenge" not in name}
        answer = requests.get(f"{provider.issuer}/auth?{urlencode(bare)}", allow_redirects=False, timeout=20)
        assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == ["invalid_request"]
        for wrong in (sent._replace(verifier=new_sent().verifier), sent._replace(nonce=new_sent().nonce)):
            code = parse_qs(urlsplit(provider.comes(address, "ada")).query)["code"][0]
            with pytest.raises(NotVouchedFor):
                client.claims(back=BACK, code=code, nonce=wrong.nonce, verifier=wrong.verifier, now=clock.now())
        code = parse_qs(urlsplit(provider.comes(address, "ada")).query)["code"][0]
        told = client.claims(back=BACK, code=code, nonce=sent.nonce, verifier=sent.verifier, now=clock.now())
        assert (told["sub"], told["email"], told["groups"]) == ("ada", "ada@pcc.example", ["career-staff"])
        with pytest.raises(NotVouchedFor):
            client.claims(back=BACK, code=code, nonce=sent.nonce, verifier=sent.verifier, now=clock.now())
        stranger = replace(client, secret="not the secret", _known={})
        code = parse_qs(urlsplit(provider.comes(address, "ada")).query)["code"][0]
        with pytest.raises(NotVouchedFor):
            stranger.claims(back=BACK, code=code, nonce=sent.nonce, verifier=sent.verifier, now=clock.now())


def test_signing_out_leads_to_where_one_signs_out_there_too(house, provider):
    browser = Browser(house)
    browser.get(provider.comes(leave(browser, "/"), "ada"))
    browser.submit("Sign out")
    link = browser.page.find("a", string="Sign out at Pasadena City College")["href"]
    answer = requests.get(link, timeout=20)
    assert (answer.status_code, "sign-out" in answer.text.lower() or "logout" in answer.text.lower()) == (200, True)
    assert not is_signed_in(browser)


def test_a_provider_that_is_away_is_said_to_be(house, provider):
    provider.stop()
    browser = Browser(house)
    browser.get("/sign-in")
    browser.submit("Sign in with Pasadena City College")
    assert (browser.status, "does not answer" in browser.text) == (503, True)
