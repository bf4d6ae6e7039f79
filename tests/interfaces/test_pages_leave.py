"""Leave of experts on pages: noted on the week of one and on the page of absences, with whom to ask instead."""

from __future__ import annotations

import pytest

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Expert, Office, Organization
from eventsvc.workflows import keep_accounts
from tests import builders
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser, words_of
from tests.stories.test_hand_over import ANA, house, letters_to, planned, program, signed_in

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}
DORA, PELICAN = "dora@port.example", "pelican@port.example"
DAYS = {"leave_from": "2027-03-01", "leave_until": "2027-03-05"}
WEEK = "/experts/pelican/week"


@pytest.fixture
def port(house):
    """The port's coordinator, two of its experts, the first of whom signs in, and an expert of somebody else."""
    with house.app_context(), transaction():
        outreach = lookup.get(Office, "outreach")
        lookup.get(Expert, "pelican").email = PELICAN
        builders.an_expert("heron", of=lookup.get(Organization, "port"), office=outreach)
        water = builders.an_organization("water")
        builders.an_expert("otter", of=water, office=builders.an_office("water-office", of=water))
        for email, role in ((DORA, Role.PARTNER), (PELICAN, Role.EXPERT)):
            keep_accounts.add_account(email, email.partition("@")[0].title(), **WHO)
            keep_accounts.give_role(email, role, office="outreach", **WHO)
    return house


def at_home(browser: Browser) -> str:
    return words_of(browser.page.select_one("section[aria-labelledby=leave]"))


def test_an_expert_notes_leave_on_the_own_week_and_takes_it_back(port):
    browser = signed_in(port, PELICAN)
    browser.get("/home")
    assert browser.page.select_one(f'main a[href="{WEEK}"]')
    browser.get(WEEK)
    assert "No leave is noted." in at_home(browser)
    options = [one["value"] for one in browser.page.select("#f-leave_cover option")]
    assert options == ["", "heron"]  # neither oneself nor other houses
    browser.submit("Note leave", values={**DAYS, "leave_cover": "heron"})
    assert browser.status == 200
    assert "Leave is noted." in browser.page.get_text()
    assert "Mar 1 – 5, 2027" in at_home(browser)
    assert "Ask Heron instead." in at_home(browser)
    browser.submit("Take back (Pelican, Mar 1 – 5, 2027)")
    assert browser.path.startswith(WEEK)
    assert "No leave is noted." in at_home(browser)


def test_the_partner_notes_it_for_the_own_experts_and_others_read_whom_to_ask(port):
    event = planned(program(port, ANA), day="2027-03-03", experts=["pelican"])
    dora = signed_in(port, DORA)
    dora.get("/absences")
    assert [one["value"] for one in dora.page.select("#f-expert option")] == ["", "heron", "pelican"]
    dora.submit("Note leave", values={**DAYS, "expert": "pelican", "leave_cover": "heron"})
    assert "1 booked event lies in it: its office is told." in dora.page.get_text()
    assert "Ask Heron instead." in at_home(dora)
    (letter,) = letters_to(port, "career@harbor.example", "blocked")
    assert "Heron" in letter
    ana = signed_in(port, ANA)  # plans elsewhere
    ana.get(f"/events/{event}")
    ana.get(WEEK)
    assert "Ask Heron instead." in at_home(ana)
    assert not ana.page.select_one("#f-leave_from")
    assert "Take back" not in ana.text
    ana.get("/absences")
    assert not ana.page.select_one("#f-leave_from")
    dora.get("/absences")
    dora.submit("Take back (Pelican, Mar 1 – 5, 2027)")
    assert dora.path.startswith("/absences")
    assert "No leave is noted." in at_home(dora)


REFUSED = {
    "away as well": ({"leave_cover": "heron"}, "leave_cover", "is away as well (2027-03-03 to 2027-03-10)"),
    "another house": ({"leave_cover": "otter"}, "leave_cover", "is of another organization"),
    "nobody": ({"leave_cover": "zebra"}, "leave_cover", ""),
    "oneself": ({"leave_cover": "pelican"}, "leave_cover", "is the same person"),
    "backwards": ({"leave_until": "2027-02-01"}, "leave_until", "is before it begins"),
    "no day": ({"leave_from": ""}, "leave_from", ""),
}


@pytest.mark.parametrize("case", list(REFUSED))
@pytest.mark.parametrize("path", [WEEK, "/absences"])
def test_what_cannot_be_stands_beside_its_field_with_what_was_typed(port, path, case):
    typed, field, reason = REFUSED[case]
    dora = signed_in(port, DORA)
    dora.get("/experts/heron/week")
    dora.submit("Note leave", values={"leave_from": "2027-03-03", "leave_until": "2027-03-10"})
    dora.get(path)
    dora.post(path, {"act": "leave", "expert": "pelican", **DAYS, "leave_cover": "", **typed})
    assert dora.status == 422
    assert reason in dora.page.select_one(f"#e-{field}").get_text()
    assert dora.page.select_one("#f-leave_until")["value"] == {**DAYS, **typed}["leave_until"]
    dora.get(WEEK)
    assert "No leave is noted." in at_home(dora)


def test_json_refuses_the_same_with_the_days(port):
    hers = program(port, DORA)
    wish = {"from": "2027-03-03", "until": "2027-03-10"}
    assert hers.post("/api/v1/experts/heron/leave", json=wish).status_code == 201
    refused = hers.post("/api/v1/experts/pelican/leave", json={**wish, "cover": "heron"})
    assert refused.status_code == 422
    assert refused.json["errors"] == [{"field": "cover", "reason": "is away as well (2027-03-03 to 2027-03-10)"}]
    added = hers.post(
        "/api/v1/experts/pelican/leave", json={"from": "2027-04-01", "until": "2027-04-02", "cover": "heron"}
    )
    assert added.json["cover"] == "heron"


def test_no_expert_of_others_has_leave_for_one(port):
    dora, pelican = signed_in(port, DORA), signed_in(port, PELICAN)
    dora.get("/experts/otter/week")
    assert dora.status == 200  # people are lent from house to house
    assert not dora.page.select_one("#f-leave_from")
    for browser, slug in ((dora, "otter"), (pelican, "heron"), (pelican, "otter"), (dora, "zebra")):
        browser.get("/absences")
        browser.post(f"/experts/{slug}/week", DAYS)
        assert browser.status == 404, slug
        browser.get("/absences")
        browser.post("/absences", {"act": "leave", "expert": slug, **DAYS})
        assert browser.status == 404, slug
        browser.get("/absences")
        browser.post(f"/experts/{slug}/leave/none/end", {})
        assert browser.status == 404, slug
    hers = program(port, DORA)
    assert hers.get("/api/v1/experts/otter/leave").status_code == 404
    assert (
        hers.post("/api/v1/experts/otter/leave", json={"from": "2027-03-01", "until": "2027-03-05"}).status_code == 404
    )


def test_a_stranger_signs_in_first_and_finds_what_was_typed(port):
    dora = signed_in(port, DORA)
    dora.get(WEEK)
    stranger = Browser(port)
    stranger.get("/sign-in")
    stranger.post(WEEK, {**DAYS, "leave_cover": "heron"})
    assert stranger.status == 401
    dora.get(WEEK)
    assert "No leave is noted." in at_home(dora)


def test_a_page_of_many_leaves_costs_no_more_queries(port):
    dora = signed_in(port, DORA)

    def asked(path: str) -> int:
        with counted(port) as statements:
            dora.get(path)
        return len(statements)

    hers = program(port, DORA)
    wish = {"from": "2027-03-01", "until": "2027-03-02", "cover": "heron"}
    assert hers.post("/api/v1/experts/pelican/leave", json=wish).status_code == 201
    before = [asked("/absences"), asked(WEEK)]
    with port.app_context(), transaction():
        for number in range(12):
            builders.an_expert(
                f"bird-{number}", of=lookup.get(Organization, "port"), office=lookup.get(Office, "outreach")
            )
    for number in range(12):
        wish = {"from": f"2027-04-{number + 1:02}", "until": f"2027-04-{number + 1:02}", "cover": f"bird-{number}"}
        assert hers.post("/api/v1/experts/pelican/leave", json=wish).status_code == 201
    assert [asked("/absences"), asked(WEEK)] == before
