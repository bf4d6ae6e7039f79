"""The page of pairings: who keeps it, pairing and ending from both sides, and what it refuses."""

from __future__ import annotations

import pytest
from flask import Flask

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import Role
from eventsvc.domain.directory import pairings
from eventsvc.domain.directory.models import OrganizationKind
from tests import builders
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.partner import somebody

pytestmark = pytest.mark.usefixtures("still")
COLLEGE, SCHOOL = "/organizations/harbor-college/pairings", "/organizations/banning-high/pairings"


@pytest.fixture
def keeper(bare_app: Flask) -> Browser:
    """Who coordinates at a college; there are a school, another college, and an employer."""
    with bare_app.app_context(), transaction():
        builders.an_office("harbor-desk", of=builders.an_organization("harbor-college"))
        builders.an_office("port-desk", of=builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER))
        builders.an_organization("banning-high", kind=OrganizationKind.SCHOOL)
        builders.an_organization("city-college")
    return somebody(bare_app, Role.COORDINATOR, "harbor-desk")


def kept(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return list(pairings.all_of_them())


def send(browser: Browser, path: str, act: str, other: str) -> None:
    """The form as the page shows it, with that word in it."""
    browser.get(path)
    browser.post(path, {"act": act, "with": other})


@pytest.mark.parametrize(("path", "other"), [(COLLEGE, "banning-high"), (SCHOOL, "harbor-college")])
def test_they_are_paired_and_ended_from_either_side(keeper, planner, bare_app, path, other):
    planner.get(path)
    assert "No school yet" in planner.text or "No college yet" in planner.text
    planner.submit("Pair", within="main", values={"with": other})
    assert (planner.status, planner.path, kept(bare_app)) == (200, path, [("banning-high", "harbor-college")])
    assert planner.page.select_one('main a[href="/calendars/organization/banning-high"]') is not None
    assert "nobody is written to" in planner.text
    assert planner.page.select_one(f'select option[value="{other}"]') is None
    planner.submit(words_of(planner.page.select_one("main button[value=end]")), within="main")
    assert "are not paired any more" in planner.text
    assert kept(bare_app) == []


def test_who_keeps_one_of_the_two_finds_it_from_their_desk(keeper, bare_app):
    keeper.get("/home")
    keeper.get(keeper.page.select_one('a[href="/pairings"]')["href"])
    assert keeper.path == COLLEGE
    send(keeper, COLLEGE, "pair", "banning-high")
    assert kept(bare_app) == [("banning-high", "harbor-college")]
    for page, is_led in (("harbor-college", True), ("banning-high", False)):
        keeper.get(f"/calendars/organization/{page}")
        assert (keeper.page.select_one('a[href$="/pairings"]') is not None) is is_led
    keeper.get("/setup/harbor-college")
    assert keeper.page.select_one(f'a[href="{COLLEGE}"]') is not None


@pytest.mark.parametrize("path", [SCHOOL, "/organizations/city-college/pairings"])
def test_who_keeps_neither_side_of_it_may_not(keeper, bare_app, path):
    keeper.get(path)
    assert keeper.status == 403
    keeper.get(COLLEGE)
    keeper.post(path, {"act": "pair", "with": "harbor-college"})
    assert (keeper.status, kept(bare_app)) == (403, [])


def test_of_several_one_chooses_and_an_employer_is_none_of_them(keeper, planner, bare_app):
    planner.get("/pairings")
    there = [link["href"] for link in planner.page.select("main li a")]
    assert sorted(there) == ["/organizations/city-college/pairings", COLLEGE]
    partner = somebody(bare_app, Role.COORDINATOR, "port-desk")
    partner.get("/pairings")
    assert "no school or college whose places you keep" in partner.text
    partner.get("/organizations/port/pairings")
    assert partner.status == 404
    planner.get("/organizations/nobody/pairings")
    assert planner.status == 404


@pytest.mark.parametrize("path", ["/pairings", COLLEGE])
def test_strangers_sign_in_first(keeper, visitor, path):
    visitor.get(path)
    assert visitor.path.startswith("/sign-in")


@pytest.mark.parametrize("other", ["", "nobody", "port", "city-college", "harbor-college", "a\x00b", "x" * 3000])
@pytest.mark.parametrize("act", ["pair", "end"])
def test_what_cannot_be_paired_is_said_beside_the_field(keeper, bare_app, act, other):
    send(keeper, COLLEGE, act, other)
    assert (keeper.status, kept(bare_app)) == (422, [])
    assert "Choose one from the list." in words_of(keeper.page.select_one("#refusal"))
    assert keeper.page.select_one("#refusal a")["href"] == "#f-with"


def test_ending_twice_and_an_unknown_act_change_nothing(keeper, bare_app):
    send(keeper, COLLEGE, "end", "banning-high")
    assert "are not paired any more" in keeper.text
    send(keeper, COLLEGE, "burn", "banning-high")
    assert (keeper.status, kept(bare_app)) == (200, [])
