"""In which language somebody is answered: address, cookie, invited person, browser; and that the choice lasts."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eventsvc.core.db import transaction
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert
from tests.databases import PUBLIC_URL
from tests.interfaces.pages import PASADENA

HTML = {"Accept": "text/html"}


@pytest.fixture
def without_cookies(bare_app) -> FlaskClient:
    return bare_app.test_client(use_cookies=False)


def opened(client: FlaskClient, path: str, **headers: str) -> tuple[TestResponse, BeautifulSoup]:
    response = client.get(path, base_url=PUBLIC_URL, headers={**HTML, **headers})
    return response, BeautifulSoup(response.get_data(as_text=True), "html.parser")


def own_links(page: BeautifulSoup) -> list[str]:
    """Addresses of pages of ours, without those that switch the language and those that are for programs."""
    links = [link["href"] for link in page.select("a[href]") if not link.has_attr("hreflang")]
    return [link for link in links if link.startswith("/") and not link.startswith(("/feeds/", "/static/", "/api/"))]


@pytest.mark.parametrize(
    ("path", "cookie", "accepted", "language"),
    [
        ("/", "", "", "en"),
        ("/", "", "fr, de;q=0.8", "en"),
        ("/", "", "es-MX, en;q=0.8", "es"),
        ("/", "", "en;q=0.8, es", "es"),
        ("/", "en", "es", "en"),
        ("/", "es", "en", "es"),
        ("/", "xx", "es", "es"),
        ("/?lang=es", "", "en", "es"),
        ("/?lang=es", "en", "en", "es"),
        ("/?lang=en", "es", "es", "en"),
        ("/?lang=xx", "es", "en", "es"),
        ("/?lang=", "", "es", "es"),
        ("/nowhere?lang=es", "", "", "es"),
        ("/problems/stale", "", "es", "es"),
    ],
)
def test_the_address_wins_then_the_cookie_then_the_browser(world, public, path, cookie, accepted, language):
    if cookie:
        public.set_cookie("language", cookie, domain="events.example")
    response, page = opened(public, path, **{"Accept-Language": accepted})
    assert page.html["lang"] == language
    assert response.headers["Content-Language"] == language
    assert {"Cookie", "Accept-Language"} <= set(response.vary.as_set(preserve_casing=True))


def test_a_choice_is_remembered_in_a_cookie_that_says_nothing_else(world, public):
    response, _ = opened(public, "/?lang=es")
    words = response.headers["Set-Cookie"].split("; ")
    assert words[0] == "language=es"
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=31536000"} <= set(words)
    again, page = opened(public, "/")
    assert page.html["lang"] == "es"
    assert "Set-Cookie" not in again.headers
    assert "Set-Cookie" not in opened(public, "/?lang=es")[0].headers


def test_without_cookies_every_address_carries_the_choice(world, without_cookies):
    world.plan()
    seen, waiting = set(), ["/?lang=es"]
    while waiting:
        path = waiting.pop()
        _, page = opened(without_cookies, path)
        assert page.html["lang"] == "es", path
        for form in page.select("form"):
            carried = parse_qs(urlsplit(form.get("action") or path).query).get("lang")
            assert carried == ["es"] if form["method"] == "post" else form.select_one("[name=lang][value=es]"), path
        for link in own_links(page):
            assert parse_qs(urlsplit(link).query).get("lang") == ["es"], (path, link)
        new = {link for link in own_links(page) if not link.startswith(("/month/", "/week/"))} - seen
        seen |= new
        waiting += new
    assert len(seen) > 2


def test_addresses_are_clean_as_soon_as_the_cookie_has_come_back(world, public):
    opened(public, "/?lang=es")
    _, page = opened(public, "/?lang=es")
    assert [link for link in own_links(page) if "lang=" in link] == []
    assert page.select("[name=lang]") == []


def test_a_choice_survives_a_redirect_without_cookies(bare_app, without_cookies):
    response, _ = opened(without_cookies, "/plan?lang=es")
    assert response.status_code == 303
    assert parse_qs(urlsplit(response.headers["Location"]).query)["lang"] == ["es"]
    assert response.headers["Set-Cookie"].startswith("language=es;")


def test_the_switch_keeps_address_and_filters(world, public):
    _, page = opened(public, f"/?campus={PASADENA}&kind=info_session&lang=es")
    english, spanish = page.select("nav.languages a")
    assert (english["lang"], spanish["lang"]) == ("en", "es")
    assert (english.get_text(), spanish.get_text()) == ("English", "Español")
    assert (english.get("aria-current"), spanish.get("aria-current")) == (None, "true")
    assert english["href"] == f"/?campus={PASADENA}&kind=info_session&lang=en"


def test_the_switch_after_a_refused_form_leads_to_the_page_of_the_form(world, planner):
    event_id = world.plan(published=False)
    planner.get("/plan?campus=" + PASADENA)
    planner.submit("Plan", values={"title": ""})
    assert planner.status == 422
    assert [link["href"] for link in planner.page.select("nav.languages a")] == ["/plan?lang=en", "/plan?lang=es"]
    planner.post(f"/events/{event_id}/restore", {})
    assert planner.status == 409
    assert planner.page.select("nav.languages a")[1]["href"] == f"/events/{event_id}?lang=es"


@pytest.mark.parametrize("path", ["//evil.example/", "/%2F%2Fevil.example", "/a%22b<c>?q=%22"])
def test_the_switch_leads_to_no_other_host_whatever_the_address(bare_app, public, path):
    response = public.get("/", base_url=PUBLIC_URL, headers=HTML, environ_overrides={"PATH_INFO": path})
    page = BeautifulSoup(response.get_data(as_text=True), "html.parser")
    for link in page.select("nav.languages a"):
        assert not link["href"].startswith("//")
        assert urlsplit(link["href"]).netloc == ""


def test_an_invited_person_is_asked_in_their_own_language_unless_they_say_another(world, bare_app, public):
    path = world.answer_path(world.plan(experts=("expert-one",)))
    with bare_app.app_context(), transaction():
        lookup.get(Expert, "expert-one").language = "es-MX"
    assert opened(public, path, **{"Accept-Language": "en"})[1].html["lang"] == "es"
    assert opened(public, f"{path}?lang=en")[1].html["lang"] == "en"
    assert opened(public, path)[1].html["lang"] == "en"


def test_an_invited_person_of_a_language_we_do_not_have_gets_what_the_browser_asks_for(world, bare_app, public):
    path = world.answer_path(world.plan(experts=("expert-one",)))
    with bare_app.app_context(), transaction():
        lookup.get(Expert, "expert-one").language = "vi"
    assert opened(public, path, **{"Accept-Language": "es"})[1].html["lang"] == "es"
    assert opened(public, path)[1].html["lang"] == "en"


def test_the_switch_of_a_refused_answer_leads_back_to_the_answer(world, public):
    path = world.answer_path(world.plan(experts=("expert-one",)))
    response = public.post(path, data={"answer": "perhaps"}, base_url=PUBLIC_URL, headers=HTML)
    assert response.status_code == 422
    page = BeautifulSoup(response.get_data(as_text=True), "html.parser")
    assert page.select("nav.languages a")[1]["href"] == f"{path}?lang=es"


def test_the_json_door_answers_in_the_language_that_the_program_accepts(world, public):
    public.set_cookie("language", "es", domain="events.example")
    english = public.get("/api/v1/rooms/nowhere", base_url=PUBLIC_URL)
    spanish = public.get("/api/v1/rooms/nowhere", base_url=PUBLIC_URL, headers={"Accept-Language": "es-US"})
    assert (english.headers["Content-Language"], spanish.headers["Content-Language"]) == ("en", "es")
    assert english.get_json()["detail"] == "There is no room 'nowhere'."
    assert spanish.get_json()["detail"] == "No hay ningún salón 'nowhere'."
    assert spanish.get_json()["title"] == "No se encontró"
    assert english.get_json()["type"] == spanish.get_json()["type"] == "/problems/not-found"
    assert "Accept-Language" in spanish.headers["Vary"]


def test_reasons_of_fields_are_translated_and_their_names_are_not(world, admin):
    body = {"title": "", "kind": "party", "starts_local": "x", "duration_minutes": "90", "campus": PASADENA}
    refused = admin.post("/api/v1/events", json=body, base_url=PUBLIC_URL, headers={"Accept-Language": "es"})
    assert refused.status_code == 422
    reasons = {error["field"]: error["reason"] for error in refused.get_json()["errors"]}
    assert reasons["starts_local"] == "'x' no es una hora local como 2027-02-10T14:00"
    assert reasons["duration_minutes"] == "No es un número entero válido."
    assert reasons["kind"].startswith("Debe ser uno de los siguientes: info_session, ")


def test_clashes_are_translated(world, admin):
    world.plan(rooms=("harbor-hall",))
    body = {
        "title": "Late",
        "kind": "info_session",
        "starts_local": "2027-02-10T14:00",
        "duration_minutes": 60,
        "campus": PASADENA,
        "rooms": ["harbor-hall"],
    }
    english = admin.post("/api/v1/events", json=body, base_url=PUBLIC_URL).get_json()
    spanish = admin.post("/api/v1/events", json=body, base_url=PUBLIC_URL, headers={"Accept-Language": "es"}).get_json()
    assert english["clashes"][0]["detail"] == "Harbor Hall is taken Wed Feb 10, 2027, 14:00–15:30."
    assert spanish["clashes"][0]["detail"] == "Harbor Hall está ocupado mié 10 feb 2027, 14:00–15:30."
    assert (english["detail"], spanish["detail"]) == ("1 clash", "1 choque")
