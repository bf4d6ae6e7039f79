"""The pages of signing in at a provider, and by password, in a language without Latin letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from eventsvc.interfaces import providers_file, services
from tests import crooked_provider, pseudo
from tests.crooked_provider import CrookedProvider
from tests.interfaces.browser import Browser
from tests.interfaces.test_untranslated import Reader, greek, in_pseudo, pressed, reader
from tests.providers_toml import a_provider, written

__all__ = ["greek", "in_pseudo", "reader"]
ADDRESS = "άλφα@κολέγιο.ελ"


@pytest.fixture
def provider(greek, tmp_path, monkeypatch) -> Iterator[CrookedProvider]:
    """A provider whose name is Greek, added to the Greek world; passwords are switched on."""
    monkeypatch.setenv("TEST_OIDC_SECRET", crooked_provider.SECRET)
    with crooked_provider.crooked_provider() as running:
        rules = [{"claim": "groups", "values": ["α"], "role": "coordinator", "office": "office"}]
        path = written(tmp_path, a_provider(running.issuer, name="Κολέγιο", roles=rules, domains=["pcc.example"]))
        places = providers_file.read(path, allowed=("127.0.0.1",))
        place = places["pcc"]
        greek_place = place._replace(provider=replace(place.provider, domains=frozenset({"κολέγιο.ελ"})))
        present = greek.app.extensions[services.NAME]
        greek.app.extensions[services.NAME] = replace(
            present, sign_in_places={"pcc": greek_place}, takes_passwords=True
        )
        yield running


def arrive(browser: Browser, provider: CrookedProvider, **says: Any) -> None:
    browser.get("/sign-in")
    button = browser.page.select_one("form[action*='/sign-in/with/'] button")
    browser.submit(" ".join(button.get_text(" ").split()))
    address = browser.page.select_one("meta[http-equiv=refresh]")["content"].removeprefix("0; url=")
    browser.get(provider.comes(address, **says))


def test_every_page_of_signing_in_elsewhere(greek, reader: Reader, provider: CrookedProvider):
    provider.tells_about_itself = {"end_session_endpoint": provider.issuer + "/out"}
    browser = Browser(greek.app)
    reader.read(browser, "/sign-in")
    arrive(browser, provider, sub="1", email=ADDRESS, email_verified=False)
    reader.look(browser, "not verified")
    for says in ({"email": "α@άλλο.ελ"}, {"email": ""}, {"email": ADDRESS, "email_verified": True}):
        arrive(browser, provider, sub="1", **says)
        reader.look(browser, str(says))
    back = browser.path
    reader.read(browser, back, about="used")
    pressed(browser, "Sign in by password", values={"email": "a@b.example", "password": "wrong"})
    reader.look(browser, "no password")
    arrive(browser, provider, sub="1", email=ADDRESS, email_verified=True, groups=["α"])
    assert browser.status == 200
    pressed(browser, "Sign out")
    reader.look(browser, "signed out")
    provider.is_away = True
    greek.app.extensions[services.NAME].sign_in_places["pcc"].client._known.clear()
    browser.get("/sign-in")
    button = browser.page.select_one("form[action*='/sign-in/with/'] button")
    browser.submit(" ".join(button.get_text(" ").split()))
    reader.look(browser, "away")
    reader.read(browser, "/sign-in/with/none/back", about="no such provider")
    assert reader.found == {}
    assert {"pages.back_from_elsewhere", "pages.signed_out"} <= reader.seen


def test_the_page_on_the_way_there_and_the_one_with_what_was_typed(greek, reader: Reader, provider: CrookedProvider):
    browser = Browser(greek.app)
    browser.get("/sign-in")
    browser.post("/plan", {"campus": "pasadena", "title": "Ομιλία", "act": "plan"})
    button = browser.page.select_one("form[action*='/sign-in/with/'] button")
    browser.submit(" ".join(button.get_text(" ").split()))
    reader.look(browser, "on the way")
    address = browser.page.select_one("meta[http-equiv=refresh]")["content"].removeprefix("0; url=")
    browser.get(provider.comes(address, sub="1", email=ADDRESS, email_verified=True, groups=["α"]))
    reader.look(browser, "typed before")
    assert reader.found == {}
    assert pseudo.disguised("Show what I had typed") in browser.page.get_text()
