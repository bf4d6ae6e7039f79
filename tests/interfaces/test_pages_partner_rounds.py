"""Rounds on their pages: opened, looked at with the reasons of the ranking, granted, and read afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import Role
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.rounds import Round
from eventsvc.workflows.ask_partner import ask_partner
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.partner import somebody
from tests.wishes import World, a_wish, a_world, days

pytestmark = pytest.mark.usefixtures("still")
ROUNDS = "/offices/outreach/rounds"


@pytest.fixture
def port(still, bare_app: Flask) -> World:
    with bare_app.app_context(), transaction():
        world = a_world()
        world.campus.students = 500
        return world


@pytest.fixture
def partner(port, bare_app) -> Browser:
    browser = somebody(bare_app, Role.PARTNER, "outreach")
    browser.get(ROUNDS)
    return browser


def opened(browser: Browser, title: str = "Spring 2027", closes_on: str = "2027-01-20") -> str:
    """Open a round; the id in the address of its page."""
    browser.get(ROUNDS)
    browser.submit("Open the round", values={"title": title, "closes_on": closes_on})
    return browser.path.rpartition("/")[2]


def asked(app: Flask, world: World, round_id: str, title: str, **more: object) -> None:
    with app.app_context(), transaction():
        ask_partner(a_wish(world, title=title, round=round_id, **more), actor=world.of_college, now=NOW)


def rows(browser: Browser) -> list[str]:
    return [words_of(row) for row in browser.page.select(".waiting > li, .sessions > li")]


def test_an_empty_list_says_what_a_round_is_for(partner):
    assert "You have not opened a round yet." in partner.text
    assert "so that the fastest click does not win a term" in partner.text


def test_a_round_is_opened_until_a_day_and_listed(partner):
    opened(partner)
    assert "It takes requests until the end of Wednesday, January 20, 2027." in partner.text
    assert "No request stands in this round. Colleges choose it in the form by which they ask you." in partner.text
    partner.get(ROUNDS)
    assert rows(partner) == ["Spring 2027 Takes requests last day: Wednesday, January 20, 2027 0 requests"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": "", "closes_on": "2027-01-20"}, "title"),
        ({"title": "Spring", "closes_on": ""}, "closes_on"),
        ({"title": "Spring", "closes_on": "2027-01-10"}, "closes_on"),
    ],
)
def test_what_cannot_be_opened_is_said_beside_its_field(partner, typed, field):
    partner.submit("Open the round", values=typed)
    assert partner.status == 422
    assert [link["href"] for link in partner.page.select("#refusal a")] == [f"#f-{field}"]
    assert partner.page.select_one("#f-title")["value"] == typed["title"]


def test_the_ranking_says_why_and_what_each_would_get_and_is_granted_after_its_day(port, partner, bare_app, still):
    round_id = opened(partner)
    for title, day in (("First", 0), ("Second", 0), ("Third", 1)):
        asked(bare_app, port, round_id, title, windows=(days(day, day, (9, 10)),), topics=("ships",))
    page = f"{ROUNDS}/{round_id}"
    partner.get(page)
    assert not [button for button in partner.page.select("main button") if "Grant" in button.get_text()]
    first, second, third = rows(partner)
    assert first.startswith("1. First A College · Harbor No session of yours within a year · Asked on Monday, January")
    assert "Expert One , from Monday, February 1, 2027, 9:00 AM Knows Ships" in first
    assert "1 session of yours within a year · 2 for each 1,000 students" in second
    assert "Gets nothing: nobody of yours who fits is free in any of its wishes." in second
    assert "1 session of yours within a year · 2 for each 1,000 students" in third
    assert "Expert One , from Tuesday, February 2, 2027, 9:00 AM Knows Ships" in third
    facts = words_of(partner.page.select_one(".facts"))
    assert facts == "Requests 3 Would be planned 2 Would stay open 1"
    still.shift(timedelta(days=10))
    partner = somebody(bare_app, Role.PARTNER, "outreach")
    partner.get(page)
    assert "It has taken requests until Wednesday, January 20, 2027, and waits for you to grant it." in partner.text
    partner.submit("Grant this round")
    assert "Granted: 2 events are planned. Every college is told." in partner.text
    assert "Requests 3 Planned 2 Still waiting 1" in partner.text
    assert rows(partner)[0].startswith("First A College Planned Monday, February 1")
    partner.get(ROUNDS)
    assert "Granted last day: Wednesday, January 20, 2027 3 requests · 2 planned" in rows(partner)[0]


def test_what_could_not_be_had_stays_open(port, partner, bare_app, still):
    round_id = opened(partner)
    for number in range(3):
        asked(bare_app, port, round_id, f"Wish {number}", windows=(days(0, 0, (9, 10)),), topics=("cranes",))
    still.shift(timedelta(days=10))
    partner = somebody(bare_app, Role.PARTNER, "outreach")
    partner.get(f"{ROUNDS}/{round_id}")
    partner.submit("Grant this round")
    assert "Requests 3 Planned 2 Still waiting 1" in partner.text
    assert "Waits for the partner’s answer" in rows(partner)[2]


def test_granting_an_older_version_or_twice_is_refused_by_name(port, partner, bare_app, still):
    round_id = opened(partner)
    asked(bare_app, port, round_id, "Wish")
    partner.get(f"{ROUNDS}/{round_id}")
    sent = {"act": "grant", "version": "1"}
    partner.post(f"{ROUNDS}/{round_id}", sent)
    assert partner.status == 409
    assert "This round takes requests until the end of 2027-01-20." in partner.text
    still.shift(timedelta(days=10))
    partner = somebody(bare_app, Role.PARTNER, "outreach")
    partner.get(ROUNDS)
    partner.post(f"{ROUNDS}/{round_id}", {**sent, "version": "7"})
    assert partner.status == 412
    partner.post(f"{ROUNDS}/{round_id}", sent)
    partner.post(f"{ROUNDS}/{round_id}", sent)
    assert partner.status == 412
    with bare_app.app_context():
        assert [str(state) for state in db.session.scalars(select(Request.state))] == ["planned"]


def test_a_round_of_another_office_is_not_there(port, partner, bare_app, visitor):
    round_id = opened(partner)
    visitor.get(f"{ROUNDS}/{round_id}")
    assert visitor.path.startswith("/sign-in")
    college = somebody(bare_app, Role.COORDINATOR, "careers")
    college.get(f"{ROUNDS}/{round_id}")
    assert college.status == 403
    college.get(f"/offices/careers/rounds/{round_id}")
    assert college.status == 404


def test_pages_cost_the_same_queries_with_1_and_with_100_rows(port, partner, bare_app, still):
    round_id = opened(partner)
    page = f"{ROUNDS}/{round_id}"

    def cost(path: str) -> int:
        with counted(bare_app) as statements:
            partner.get(path)
        return len(statements)

    def more(last: int) -> tuple[int, int]:
        with bare_app.app_context(), transaction():
            first = db.session.scalars(select(Round).order_by(Round.id)).first()
            for number in range(1, last):
                db.session.add(
                    Round(office=first.office, title=f"R {number}", closes_on=first.closes_on, opened_at=NOW)
                )
                wish = a_wish(port, title=f"Wish {number}", round=round_id)
                ask_partner(wish, actor=port.of_college, now=NOW)
        return cost(ROUNDS), cost(page)

    asked(bare_app, port, round_id, "Wish")
    with_one = cost(ROUNDS), cost(page)
    assert more(100) == with_one
    still.shift(timedelta(days=10))
    partner = somebody(bare_app, Role.PARTNER, "outreach")
    partner.get(page)
    partner.submit("Grant this round")
    assert len(rows(partner)) == 100
    assert cost(page) < 30
