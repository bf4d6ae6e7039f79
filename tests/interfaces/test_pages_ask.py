"""The college's form of a request, and the list of its requests."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import (
    Campus,
    Expert,
    Level,
    Office,
    Organization,
    OrganizationKind,
    Topic,
)
from eventsvc.domain.requests import employers, lookup
from eventsvc.domain.requests.models import Format, Request
from eventsvc.workflows import ask_partner, grant_rounds
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.test_pages_wish import somebody
from tests.wishes import World, a_request, a_wish, a_world, days

pytestmark = pytest.mark.usefixtures("still")
WISH = {
    "partner": "outreach",
    "title": "Careers at the port",
    "topics": ["ships"],
    "audience": "students, alumni",
    "level": "college",
    "language": "es",
    "expected_heads": "40",
    "accommodations": "Captions",
    "campus": "harbor",
    "first_on_1": "2027-02-01",
    "last_on_1": "2027-02-12",
    "weekdays_1": ["tuesday", "thursday"],
    "first_on_3": "2027-03-01",
    "from_3": "13:00",
    "until_3": "00:00",
}


@pytest.fixture
def world(still, bare_app: Flask) -> Flask:
    with bare_app.app_context(), transaction():
        a_world()
    return bare_app


@pytest.fixture
def college(world: Flask) -> Browser:
    return somebody(world, Role.COORDINATOR, "careers")


def only_request(app: Flask) -> Request:
    with app.app_context():
        (found,) = db.session.scalars(select(Request).options(*lookup.WHOLE))
        return found


def test_what_was_typed_is_asked_with_its_ranked_wishes_and_nobody_named(world, college):
    college.get("/requests/new")
    college.submit("Ask", values=WISH)
    assert "Asked. Both offices are told; the partner should answer by Monday, January 18, 2027." in college.text
    asked = only_request(world)
    assert college.path.endswith(f"/requests/{asked.public_id}")
    assert (asked.asker.slug, asked.partner.slug, asked.campus.slug) == ("careers", "outreach", "harbor")
    assert (asked.level, asked.language, asked.format) == (Level.COLLEGE, "es", Format.IN_PERSON)
    assert (asked.audience, asked.expected_heads, asked.accommodations) == (["students", "alumni"], 40, "Captions")
    assert [topic.slug for topic in asked.topics] == ["ships"]
    first, second = asked.windows
    assert (first.first_on, first.last_on, first.weekdays) == (date(2027, 2, 1), date(2027, 2, 12), [1, 3])
    assert (first.from_minute, first.until_minute) == (9 * 60, 17 * 60)
    assert (second.rank, second.first_on, second.last_on) == (2, date(2027, 3, 1), date(2027, 3, 1))
    assert (second.from_minute, second.until_minute, second.weekdays) == (13 * 60, 24 * 60, [])


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"partner": ""}, "partner", "Choose whom you ask."),
        ({"partner": "nobody"}, "partner", "Choose whom you ask."),
        ({"partner": "Not A Slug"}, "partner", "Choose whom you ask."),
        ({"title": ""}, "title", "The title is missing."),
        ({"campus": ""}, "campus", "Choose a campus, or let people meet online."),
        ({"campus": "", "format": "online", "asker": ""}, "asker", "Without a campus, choose the office that asks."),
        ({"expected_heads": "many"}, "expected_heads", "must be a whole number"),
        ({"duration_minutes": "900"}, "duration_minutes", "12 hours (720 minutes)"),
        ({"last_on_3": "2027-02-01"}, "last_on_3", "Last day of wish 3: lies before the first day"),
        ({"first_on_1": ""}, "first_on_1", "First day of wish 1: it is missing."),
        ({"last_on_1": "soon"}, "last_on_1", "Last day of wish 1: this is not a day."),
        ({"until_1": "8:30"}, "until_1", "Over by, of wish 1: is an hour such as 09:00"),
        ({"until_1": "09:30"}, "until_1", "leaves too little time"),
        ({"first_on_1": "2020-01-01", "last_on_1": "2020-01-02"}, "last_on_1", "Last day of wish 1: is in the past"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_the_words_stay(world, college, more, field, says):
    college.get("/requests/new")
    page = college.submit("Ask", values={**WISH, **more})
    assert college.status == 422
    error = page.select_one(f"#e-{field}")
    assert error is not None, college.text
    assert says in words_of(error)
    assert page.select_one(f'#refusal a[href="#f-{field}"]') is not None
    assert page.select_one(f"#f-{field}") is not None
    assert page.select_one("#f-audience")["value"] == "students, alumni"
    assert page.select_one("#f-accommodations").get_text().strip() == "Captions"
    assert page.select_one('input[value="ships"]').has_attr("checked")
    assert page.select_one("#f-from_3")["value"] == "13:00"
    assert page.select_one("#f-from_3").find_parent("details").has_attr("open")
    with world.app_context():
        assert db.session.scalars(select(Request)).all() == []


def test_nothing_filled_in_names_every_field_that_is_needed(college):
    college.get("/requests/new")
    page = college.submit("Ask")
    assert college.status == 422
    assert {one["id"] for one in page.select(".error")} == {"e-partner", "e-title", "e-first_on_1"}


def test_the_form_sent_twice_asks_once(world, college):
    college.get("/requests/new")
    address = college.path
    college.submit("Ask", values=WISH)
    college.get(address)
    college.submit("Ask", values=WISH)
    assert "This was asked already" in college.text
    only_request(world)


def test_the_form_opens_for_a_round_and_the_request_stands_in_it(world, college):
    with world.app_context(), transaction():
        opened = grant_rounds.open_round("outreach", "Spring", date(2027, 1, 29), actor=ADMINISTRATOR, now=NOW)
        number = opened.public_id
    page = college.get(f"/requests/new?round={number}")
    assert page.select_one("#f-partner option[selected]")["value"] == "outreach"
    assert words_of(page.select_one("#f-round option[selected]")) == "Spring (Port, until Friday, January 29, 2027)"
    college.submit("Ask", values={name: value for name, value in WISH.items() if name != "partner"})
    asked = only_request(world)
    assert asked.round.public_id == number
    college.get("/requests/mine")
    assert "It is decided together with others after Friday, January 29, 2027." in college.text


def test_an_earlier_request_is_asked_again_without_its_days(world, college):
    with world.app_context(), transaction():
        before = a_request(builders_world(), windows=(days(0, 4, (10, 12)),), accommodations="Captions")
        number = before.public_id
    page = college.get(f"/requests/new?again={number}")
    assert page.select_one("#f-title")["value"] == "Careers at the port"
    assert page.select_one("#f-from_1")["value"] == "10:00"
    assert page.select_one("#f-first_on_1")["value"] == ""
    college.submit("Ask", values={"first_on_1": "2027-05-03"})
    assert "Asked. Both offices are told" in college.text


def builders_world() -> World:
    """The world that stands already, as its builder returns it."""
    kinds = (Organization, Office, Topic, Topic, Expert, Expert, Organization, Office, Campus)
    slugs = ("port", "outreach", "ships", "cranes", "expert-one", "expert-two", "a-college", "careers", "harbor")
    return World(*(directory.get(kind, slug) for kind, slug in zip(kinds, slugs, strict=True)))


def test_an_employer_that_is_new_goes_on_the_colleges_list_and_one_is_told(bare_app):
    with bare_app.app_context(), transaction():
        a_world(kind=OrganizationKind.EMPLOYER)
    college = somebody(bare_app, Role.COORDINATOR, "careers")
    college.get("/requests/new")
    college.submit("Ask", values=WISH)
    assert "This employer is new to you" in college.text
    with bare_app.app_context():
        (waiting,) = db.session.scalars(select(employers.EmployerApproval))
        assert waiting.state is employers.EmployerState.WAITING


def test_a_college_asks_others_for_its_own_offices_only(world, college):
    page = college.get("/requests/new")
    assert [one["value"] for one in page.select("#f-asker option")] == ["careers"]
    assert [one["value"] for one in page.select("#f-campus option")] == ["", "harbor"]
    assert page.select_one("#f-campus option[selected]")["value"] == "harbor"
    assert [one["value"] for one in page.select("#f-partner option")] == ["", "outreach"]
    college.submit("Ask", values={**WISH, "asker": "outreach", "campus": "", "format": "online"})
    assert college.status in (403, 422)
    with world.app_context():
        assert db.session.scalars(select(Request)).all() == []


def test_strangers_sign_in_first_and_partners_people_have_their_own_list(world):
    stranger = Browser(world)
    for path in ("/requests/new", "/requests/mine"):
        stranger.get(path)
        assert stranger.path.startswith("/sign-in")


def test_an_empty_list_says_what_to_do(college):
    page = college.get("/requests/mine")
    assert "None of your requests waits." in college.text
    assert page.select_one('main a[href="/requests/new"]') is not None
    page = college.get("/home")
    assert page.select_one('#my-requests ~ .empty a[href="/requests/new"]') is not None
    assert page.select_one('header nav a[href="/requests/new"]') is not None
    assert {"/requests/mine", "/offered-dates", "/employers"} <= {one["href"] for one in page.select("#ways ~ ul a")}


def test_who_plans_for_a_partner_is_not_led_to_the_form(world):
    page = somebody(world, Role.PARTNER, "outreach").get("/home")
    shown = {one["href"] for one in page.select("header nav a, #ways ~ ul a")}
    assert "/requests/new" not in shown
    assert "/employers" in shown


def test_the_list_says_where_each_request_stands_and_what_is_next(world, college):
    with world.app_context(), transaction():
        here = builders_world()
        asked = [a_request(here, title=title) for title in ("Waits", "Taken back")]
        ask_partner.withdraw_request(str(asked[1].public_id), actor=ADMINISTRATOR, now=NOW)
    page = college.get("/requests/mine")
    (line,) = page.select(".sessions li")
    assert words_of(line) == (
        "Waits Port · Harbor Waits for the partner’s answer 0 working days old, answer by Monday, January 18, 2027"
        " The partner answers. Nothing is reserved until then."
    )
    with world.app_context(), transaction():
        ask_partner.ask_partner(a_wish(builders_world()), actor=ADMINISTRATOR, now=NOW - timedelta(days=9))
    college.get("/requests/mine")
    assert "Late 6 working days old, answer by" in college.text
    assert "The day to answer is over: telephone the partner’s office." in college.text
    page = college.get("/requests/mine?show=answered")
    assert "Taken back" in college.text
    assert "You took it back. You can ask again." in college.text


def test_the_list_comes_in_pages_and_costs_the_same_at_a_hundred_rows_as_at_one(world, college):
    def costs() -> int:
        college.get("/requests/mine")
        with counted(world) as run:
            college.get("/requests/mine")
        assert college.status == 200
        return len(run)

    with world.app_context(), transaction():
        here = builders_world()
        ask_partner.ask_partner(a_wish(here, title="Number 0"), actor=here.of_college, now=NOW)
    with_one = costs()
    with world.app_context(), transaction():
        here = builders_world()
        for number in range(1, 100):
            wish = a_wish(here, title=f"Number {number}", topics=("ships", "cranes"))
            ask_partner.ask_partner(wish, actor=here.of_college, now=NOW)
    assert costs() == with_one
    titles, path = [], "/requests/mine"
    while path:
        page = college.get(path)
        titles += [words_of(one) for one in page.select(".sessions a")]
        link = next((one for one in page.select("main a.button") if words_of(one) == "More requests"), None)
        path = link["href"] if link else ""
    assert titles == [f"Number {number}" for number in range(100)]
    college.get("/requests/mine?cursor=nonsense")
    assert college.status == 400
