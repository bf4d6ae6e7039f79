"""The frame: signing in and out, refusals as pages, the catalogue of feeds, and what the strict policy demands."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import segno

from eventsvc import create_app
from eventsvc.core.db import db
from eventsvc.core.errors import Refusal
from eventsvc.domain.booking.conflicts import ClashKind
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.models import EventKind, Status, Visibility
from eventsvc.domain.invitations.models import InvitationState
from eventsvc.interfaces.web import clash_words, problem_pages, words
from eventsvc.interfaces.web.sign_in import own_path
from tests import databases
from tests.databases import ADMIN_TOKEN
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.pages import PASADENA


def test_a_planners_page_asks_for_the_token_once_and_leads_on(world, visitor):
    visitor.get(f"/plan?campus={PASADENA}")
    assert words_of(visitor.page.find("h1")) == "Sign in to plan"
    page = visitor.submit("Sign in", values={"token": ADMIN_TOKEN})
    assert visitor.path.startswith(f"/plan?campus={PASADENA}&submission=")
    assert page.select_one("#f-title") is not None
    visitor.get("/plan")
    assert words_of(visitor.page.find("h1")) == "Plan an event"


@pytest.mark.parametrize("path", ["/", "/search?q=port", "/sign-in", "/outbox", "/no-such-page"])
def test_no_cache_on_the_way_keeps_a_page_and_going_back_still_can(world, planner, path):
    planner.get(path)
    assert planner.response.headers["Cache-Control"] == "private, no-cache"


def test_a_wrong_token_is_refused_in_words(world, visitor):
    visitor.get("/sign-in")
    page = visitor.submit("Sign in", values={"token": "guess"})
    assert visitor.status == 401
    named = page.select_one("#f-token")["aria-describedby"].split()
    assert words_of(page.find(id=named[-1])).startswith("This is not the administrator’s token.")
    assert visitor.text.count("This is not the administrator’s token.") == 1
    assert page.select_one("#f-token").get("value") is None
    visitor.get("/plan")
    assert visitor.path.startswith("/sign-in")


def test_signing_out_ends_it(world, planner):
    planner.get("/")
    planner.submit("Sign out")
    assert "You are signed out." in planner.text
    planner.get("/plan")
    assert planner.path.startswith("/sign-in")


def test_a_cookie_opens_no_door_of_the_api(world, planner, bare_app):
    """The API's routes carry no form token: somebody else's page could ride a cookie there."""
    planner.get("/")
    assert "Plan the first event" in planner.text
    planner.get("/api/v1/offices")
    assert planner.status == 401


def test_changing_the_administrators_token_ends_every_cookie(world, planner, bare_app):
    services = bare_app.extensions["eventsvc"]
    bare_app.extensions["eventsvc"] = replace(services, admin_token="a new one")
    planner.get("/plan")
    assert planner.path.startswith("/sign-in")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "http:evil.example",
        "//[evil",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(world, visitor, wanted):
    visitor.get("/sign-in")
    visitor.submit("Sign in", values={"token": ADMIN_TOKEN, "next": wanted})
    assert visitor.path == "/"


def test_signing_in_leads_to_our_own_paths(bare_app):
    with bare_app.test_request_context():
        for path in ("/plan?campus=x&copy=", "/events/1#x", "/month/2027-02?topic=a%2Fb"):
            assert own_path(path) == path


def test_without_a_token_of_the_server_nobody_can_sign_in(database_url, still):
    app = create_app(databases.settings(database_url, EVENTSVC_ADMIN_TOKEN=""))
    browser = Browser(app)
    page = browser.get("/sign-in")
    assert "EVENTSVC_ADMIN_TOKEN" in browser.text
    assert page.select("main button") == []
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("path", ["/plan", "/sign-out", "/events/x/cancel", "/events/x/move"])
def test_a_forged_post_is_refused(world, bare_app, path):
    client = bare_app.test_client()
    forged = client.post(path, base_url="https://events.example", headers={"Accept": "text/html"})
    assert forged.status_code == 400
    assert "This form cannot be accepted" in forged.get_data(as_text=True)


def test_a_button_pressed_after_signing_out_elsewhere_leads_back_to_the_event(world, planner):
    event_id = world.plan(published=False)
    planner.get("/")
    planner.submit("Sign out")
    planner.get("/sign-in")
    planner.post(f"/events/{event_id}/publish", {})
    assert planner.path == f"/sign-in?next=/events/{event_id}"
    planner.submit("Sign in", values={"token": ADMIN_TOKEN})
    assert "Not published" in planner.text


def test_a_page_that_does_not_exist_says_so_in_the_frame(world, visitor):
    page = visitor.get("/nowhere")
    assert visitor.status == 404
    assert page.select_one("header .brand") is not None
    assert page.select_one("main a[href='/']") is not None
    assert visitor.response.headers["X-Request-Id"] in visitor.text


def test_percent_signs_and_markup_in_a_refusal_are_only_words(world, visitor):
    visitor.get("/?campus=%25s%25(x)s<script>")
    assert visitor.status == 404
    assert "%s%(x)s<script>" in visitor.text
    assert visitor.page.select("script:not([src])") == []


def kinds_of_refusal(kind: type[Refusal] = Refusal) -> set[str]:
    """Every kind that can be met on the web; the command line has some of its own."""
    children = [child for child in kind.__subclasses__() if child.__module__ == Refusal.__module__]
    return {kind.slug}.union(*(kinds_of_refusal(child) for child in children))


def test_every_kind_of_refusal_has_its_page(bare_app, visitor):
    assert kinds_of_refusal() - set(problem_pages.KINDS) == set()
    for slug in problem_pages.KINDS:
        visitor.get(f"/problems/{slug}")
        assert visitor.status == 200
    visitor.get("/problems/unheard-of")
    assert visitor.status == 404


def test_robots_may_read_feeds_and_not_answers(bare_app, visitor):
    visitor.get("/robots.txt")
    lines = visitor.response.get_data(as_text=True).splitlines()
    assert "Allow: /feeds/" in lines
    assert "Disallow: /answer/" in lines
    assert "Disallow: /" not in lines


def test_each_calendar_of_the_catalogue_has_a_page_with_its_one_address(world, visitor):
    pages = [link["href"] for link in visitor.get("/calendars").select(".feeds a")]
    assert {page.split("/")[2] for page in pages} >= {"all", "campus", "kind", "language"}
    for page in pages:
        addresses = [field["value"] for field in visitor.get(page).select("input[type=url][readonly]")]
        assert addresses == [f"https://events.example{page.replace('/calendars/', '/feeds/')}.ics"]
        visitor.get(urlsplit(addresses[0]).path)
        assert visitor.status == 200


def test_a_calendar_offers_a_way_in_for_each_program_and_says_how_soon_it_sees_a_change(world, visitor):
    page = visitor.get(f"/calendars/campus/{PASADENA}")
    ways = {words_of(entry.find("h3")): entry for entry in page.select(".clients > li")}
    links = {name: entry.find("a")["href"] for name, entry in ways.items() if entry.find("a")}
    feed = f"events.example/feeds/campus/{PASADENA}.ics"
    assert links["Apple Calendar"] == f"webcal://{feed}"
    assert parse_qs(urlsplit(links["Google Calendar"]).query) == {"cid": [f"webcal://{feed}"]}
    assert parse_qs(urlsplit(links["Outlook.com"]).query)["url"] == [f"https://{feed}"]
    assert all("Looks again" in words_of(entry) for entry in ways.values())
    assert len(ways) == 8


@pytest.mark.parametrize(
    ("chosen", "page"),
    [
        (f"campus={PASADENA}&kind=", f"/calendars/campus/{PASADENA}"),
        ("campus=&kind=workshop", "/calendars/kind/workshop"),
    ],
)
def test_choosing_a_campus_or_a_kind_leads_to_its_calendar(world, visitor, chosen, page):
    visitor.get(f"/calendars?{chosen}")
    assert (visitor.status, visitor.path) == (200, page)


@pytest.mark.parametrize("page", ["/calendars/campus/nowhere", "/calendars/kind/party"])
def test_a_calendar_of_nothing_is_not_found(world, visitor, page):
    visitor.get(page)
    assert visitor.status == 404


def test_the_qr_code_of_a_calendar_is_that_of_its_page(world, visitor):
    drawn = visitor.get("/calendars/all").select_one(".qr svg")
    expected = segno.make("https://events.example/calendars/all", error="m", micro=False)
    inline = expected.svg_inline(scale=5, border=3, light="#fff", omitsize=True)
    assert [path["d"] for path in drawn.select("path")] == re.findall(r' d="([^"]+)"', inline)


PAGES = [
    "/",
    "/week/2027-02-10",
    "/month/2027-02",
    "/calendars",
    "/calendars/all",
    "/sign-in",
    "/nowhere",
    "/problems/stale",
    "EVENT",
    "ANSWER",
]
PLANNERS_PAGES = ["/plan", f"/plan?campus={PASADENA}", "EVENT", "EVENT/move", "EVENT/edit"]


def test_every_page_obeys_the_strict_policy_and_has_its_landmarks(world, visitor, planner):
    event_id = world.plan(rooms=("harbor-hall",), experts=("expert-one",))
    answer = world.answer_path(event_id)
    for browser, paths in ((visitor, PAGES), (planner, PLANNERS_PAGES)):
        for path in paths:
            page = browser.get(path.replace("EVENT", f"/events/{event_id}").replace("ANSWER", answer))
            obeys(page, path)


def test_a_refused_form_obeys_it_too(world, planner):
    world.plan(rooms=("harbor-hall",), experts=("expert-one",))
    planner.get(f"/plan?campus={PASADENA}")
    empty = planner.submit("Plan", values={"rooms": "nowhere", "experts": "x", "expected_heads": "y", "title": ""})
    assert planner.status == 422
    obeys(empty, "empty fields")
    planner.get(f"/plan?campus={PASADENA}")
    when = {"date": "2027-02-10", "time": "14:00", "expected_heads": "500", "title": "Late"}
    taken = planner.submit("Plan", values={**when, "rooms": "harbor-hall", "experts": "expert-one"})
    assert planner.status == 409
    obeys(taken, "clashes")


def obeys(page, path):
    """Nothing written into the page or loaded from elsewhere; landmarks, one main heading, labels, ids once."""
    assert page.select("script:not([src]), style, iframe") == [], path
    assert page.select("[style], [onclick], [onsubmit], [onchange]") == [], path
    assert page.html["lang"] == "en", path
    assert len(page.find_all("h1")) == 1, path
    assert page.select_one("a.skip")["href"] == "#content"
    assert page.select_one("main#content") is not None
    loaded = [tag.get("src") or tag["href"] for tag in page.select("link[href], img[src], script[src]")]
    assert all(address.startswith("/static/") for address in loaded), path
    unlabelled(page, path)
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids)), path


def unlabelled(page, path):
    """Every field a person fills has a label, and every description it names exists."""
    for field in page.select("input:not([type=hidden]), select, textarea"):
        labelled = field.find_parent("label") or page.select_one(f"label[for='{field.get('id')}']")
        assert labelled is not None, (path, field)
    for field in page.select("[aria-describedby], [aria-labelledby]"):
        names = field.get("aria-describedby", "").split() + field.get("aria-labelledby", "").split()
        assert all(page.find(id=name) is not None for name in names), (path, field)


def test_the_static_files_of_the_frame_are_there(bare_app, visitor):
    for path in ("/static/style.css", "/static/mark.svg"):
        visitor.get(path)
        assert visitor.status == 200


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (words.KINDS, EventKind),
        (words.KINDS_PLURAL, EventKind),
        (words.STATUSES, Status),
        (words.VISIBILITIES, Visibility),
        (words.ANSWERS, InvitationState),
        (words.MOVES, set(Move) - {Move.COMPLETE}),
        (clash_words.SAYINGS, ClashKind),
    ],
)
def test_everything_that_can_be_shown_has_its_words(said, known):
    assert set(said) == set(known)


def test_the_head_of_pages_for_guests_stands_in_one_template(bare_app):
    heads = {name for name in bare_app.jinja_env.list_templates() if "top guest" in _source(bare_app, name)}
    assert heads == {"_by_link.html"}
    by_link = {name for name in bare_app.jinja_env.list_templates() if '"_by_link.html"' in _source(bare_app, name)}
    assert by_link >= {"_guest.html", "season.html", "season_letters.html", "season_calendars.html", "unsubscribe.html"}


def _source(app, name):
    return app.jinja_env.loader.get_source(app.jinja_env, name)[0]
