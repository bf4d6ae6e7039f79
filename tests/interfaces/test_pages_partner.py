"""The partner's board: what waits for an answer, the oldest first, with who could go; one click to the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import Role
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Expert, OrganizationKind
from eventsvc.workflows.ask_partner import ask_partner
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.partner import somebody
from tests.wishes import World, a_wish, a_world, days

pytestmark = pytest.mark.usefixtures("still")
BOARD = "/offices/outreach/requests"


@pytest.fixture
def port(still, bare_app: Flask) -> World:
    with bare_app.app_context(), transaction():
        return a_world()


@pytest.fixture
def partner(port, bare_app) -> Browser:
    return somebody(bare_app, Role.PARTNER, "outreach")


def asked(app: Flask, world: World, title: str, *, days_ago: int = 0, **more: object) -> None:
    with app.app_context(), transaction():
        when = NOW - timedelta(days=days_ago)
        ask_partner(a_wish(world, title=title, **more), actor=world.of_college, now=when)


def rows(browser: Browser) -> list[str]:
    return [words_of(row) for row in browser.page.select(".waiting > li")]


def test_an_empty_board_says_what_else_one_can_do(partner):
    partner.get(BOARD)
    assert "No request waits for your answer." in partner.text
    assert "You can offer dates that any college may claim" in partner.text


def test_the_oldest_stands_first_with_its_age_the_day_to_answer_and_who_could_go(port, partner, bare_app):
    asked(bare_app, port, "Newer", topics=("cranes",), expected_heads=None)
    asked(bare_app, port, "Older", days_ago=12, windows=(days(0, 4), days(7, 11, weekdays=(1, 3))))
    partner.get(BOARD)
    older, newer = rows(partner)
    assert "Older A College · Harbor · On campus" in older
    assert "Overdue" in older
    assert "It has waited 8 working days." in older
    assert "The day to answer is over: it was Wednesday, January 6, 2027. That is 3 working days ago." in older
    assert "Wish 2: Feb 8 – 12, 2027, 9:00 AM – 5:00 PM, Tuesday, Thursday" in older
    assert "30 people · 1 hour · No session of yours within a year" in older
    assert "Expert One , from Monday, February 1, 2027, 9:00 AM Knows Ships" in older
    assert "Nobody knows how long the way is" in older
    assert older.index("Expert One") < older.index("Expert Two") < older.index("Knows none of the topics")
    assert "It has waited 0 working days. Answer by Monday, January 18, 2027." in newer
    assert "Overdue" not in newer


def test_one_click_leads_to_the_request_which_is_planned_there(port, partner, bare_app):
    asked(bare_app, port, "Careers")
    partner.get(BOARD)
    ways = {link["href"] for link in partner.page.select(".waiting h2 a, .waiting a.button")}
    assert len(ways) == 1
    partner.get(ways.pop())
    partner.submit("Make it an event", values={"expert": "expert-one"})
    assert "Planned. Both offices are told." in partner.text
    partner.get(BOARD)
    assert "No request waits for your answer." in partner.text


def test_an_employer_new_to_a_college_reads_that_it_waits(bare_app, still):
    with bare_app.app_context(), transaction():
        world = a_world(kind=OrganizationKind.EMPLOYER)
    partner = somebody(bare_app, Role.PARTNER, "outreach")
    asked(bare_app, world, "Careers")
    partner.get(BOARD)
    assert "You are new to this college. It has to approve you before anything is planned." in partner.text


def test_nobody_but_the_partners_office_reads_it(port, bare_app, visitor):
    visitor.get(BOARD)
    assert visitor.path == f"/sign-in?next={BOARD}"
    college = somebody(bare_app, Role.COORDINATOR, "careers")
    college.get(BOARD)
    assert college.status == 403
    college.get("/offices/none/requests")
    assert college.status == 404


def test_the_way_there_is_shown_to_those_who_answer(port, partner, planner, bare_app):
    def ways(browser: Browser) -> list[str]:
        return [link["href"] for link in browser.get("/home").select("section[aria-labelledby=ways] a")]

    assert "/requests/board" in ways(partner)
    college = somebody(bare_app, Role.COORDINATOR, "careers")
    assert "/requests/board" not in ways(college)
    partner.get("/requests/board")
    assert partner.path == BOARD
    college.get("/requests/board")
    assert "None of your offices lends people." in college.text
    with bare_app.app_context(), transaction():
        builders.an_office("second", of=directory.get(Expert, "expert-one").organization)
    asked(bare_app, port, "Careers")
    planner.get("/requests/board")
    assert [words_of(row) for row in planner.page.select(".sessions li")] == [
        "Port : Outreach 1 request waits",
        "Port : Second Nothing waits",
    ]


@pytest.mark.parametrize("many", [100])
def test_a_page_costs_the_same_queries_with_1_and_with_100_requests(port, partner, bare_app, many):
    def more(first: int, last: int) -> int:
        for number in range(first, last):
            asked(bare_app, port, f"Wish {number}", topics=("ships", "cranes"), windows=(days(number % 5, 20),))
        with counted(bare_app) as statements:
            partner.get(BOARD)
        return len(statements)

    with_one = more(0, 1)
    assert more(1, many) == with_one <= 30
    assert len(rows(partner)) == 10
    seen = [title.get_text() for title in partner.page.select(".waiting h2")]
    while more_of := partner.page.find("a", string="More requests"):
        partner.get(more_of["href"])
        seen += [title.get_text() for title in partner.page.select(".waiting h2")]
    assert seen == [f"Wish {number}" for number in range(many)]
