"""Handing over, being away and being in charge, on pages: looked at first, then done."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.directory.models import Office
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_absences, keep_accounts
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser
from tests.stories.test_hand_over import ANA, BEN, ROOMS, house, letters_to, planned, program, signed_in

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}


def test_she_hands_over_herself_after_a_look_at_what_happens(house, admin):
    event = planned(program(house, ANA, name="Our web site"), experts=["pelican"])
    browser = signed_in(house, ANA)
    browser.get("/account")
    browser.get("/hand-over")
    assert browser.page.select_one("#f-giver")["value"] == ANA
    browser.submit("Show what would happen", values={"taker": ROOMS})
    assert browser.status == 422
    assert "has no role at career-center by which to plan events" in browser.text
    browser.submit("Show what would happen", values={"taker": BEN})
    assert "Ana Example leaves, and Ben Example takes over." in browser.text
    assert (
        "1 event, 1 open question to somebody, 0 reply addresses, 0 answers for rooms, 0 requests, "
        "0 private calendars, 0 covers" in browser.text
    )
    assert "Token for a program: Our web site" in browser.text
    assert letters_to(house, BEN, "handed_over") == []  # only looked at
    browser.submit("Hand over now")
    # Nobody is signed in here any more: no page asks to sign in, and Back finds nothing of hers.
    assert browser.path == "/"
    assert browser.cookie(COOKIE) == ""
    assert "Handed over to Ben Example." in browser.text
    assert len(letters_to(house, BEN, "handed_over")) == 1
    browser.get("/account")
    assert browser.path.startswith("/sign-in")
    his = signed_in(house, BEN)
    his.get(f"/events/{event}")
    assert "In charge: Ben Example" in his.text


def test_the_page_of_a_colleague_leads_to_handing_over(house):
    browser = Browser(house)
    browser.sign_in()
    browser.get(f"/hand-over?of={ANA}")
    browser.submit("Show what would happen", values={"taker": BEN, "office": "career-center"})
    assert "Ben Example takes over what Ana Example does there." in browser.text


def test_an_absence_is_noted_shown_and_ended(house):
    event = planned(program(house, ANA))
    browser = signed_in(house, ANA)
    browser.get("/absences")
    assert "Nobody is away" in browser.text
    browser.submit("Note it", values={"from": "2027-01-11", "until": "2027-01-12", "cover": ANA})
    assert browser.status == 422
    browser.submit("Note it", values={"cover": BEN})
    assert "Ana Example is away until" in browser.text
    assert "Ben Example covers." in browser.text
    browser.get(f"/events/{event}")
    assert "In charge: Ana Example" in browser.text
    assert "away until" in browser.text
    assert "Ben Example covers." in browser.text
    colleague = signed_in(house, ROOMS)
    colleague.get("/absences")
    assert "Ana Example is away until" in colleague.text
    assert "There after all" not in colleague.text
    browser.get("/absences")
    browser.submit("There after all (Ana Example)")
    assert "Nobody is away" in browser.text


def test_a_colleague_takes_charge_of_an_event(house):
    event = planned(program(house, ANA))
    browser = signed_in(house, BEN)
    browser.get(f"/events/{event}")
    browser.submit("Be in charge of it myself")
    assert "In charge: Ben Example" in browser.text
    assert "Be in charge of it myself" not in browser.text


def test_the_page_of_gaps_says_what_to_do(house):
    event = planned(program(house, ANA))
    with house.app_context(), transaction():
        db.session.scalars(select(Office).where(Office.slug == "outreach")).one().mailbox = ""
        for email in (ANA, BEN):
            keep_accounts.end_account(email, **WHO)
    browser = Browser(house)
    browser.sign_in()
    browser.get("/doctor")
    assert "Somebody is missing at 2 offices" in browser.text
    browser.get("/missing")
    assert "Nobody is left" in browser.text
    assert browser.page.select_one(f'main a[href="/events/{event}"]')
    assert "Give it a shared mailbox" in browser.text


WHERE_COLLEAGUES_LOOK = ("/people", "/requests", "/board?campus=harbor", "/board?campus=harbor&week=2027-01-11")


def absent(house, who: str, cover: str, first: str = "2027-01-11", last: str = "2027-01-15") -> None:
    with house.app_context(), transaction():
        keep_absences.add_absence(who, first, last, cover=cover, **WHO)


@pytest.mark.parametrize("path", WHERE_COLLEAGUES_LOOK)
def test_who_is_away_stands_where_colleagues_look(house, path):
    absent(house, ANA, BEN)
    his, hers = signed_in(house, BEN), signed_in(house, ANA)
    his.get("/requests" if path == "/people" else path)
    assert "Ana Example is away until Friday, January 15, 2027. Ben Example covers." in his.text
    hers.get(path)
    assert "Ana Example is away" not in hers.text  # she knows
    anybody = Browser(house)
    anybody.get(path)
    assert "is away" not in anybody.text
    if path != "/people":  # of administrators
        return
    runs = Browser(house)
    runs.sign_in()
    runs.get(path)
    assert "Ana Example is away until Friday, January 15, 2027. Ben Example covers." in runs.text


def test_other_offices_do_not_read_who_is_away(house):
    absent(house, ANA, BEN)
    with house.app_context(), transaction():
        keep_accounts.add_account("dora@port.example", "Dora Example", **WHO)
        keep_accounts.give_role("dora@port.example", Role.PARTNER, office="outreach", **WHO)
    dora = signed_in(house, "dora@port.example")
    for path in ("/requests", "/board?campus=harbor", "/absences"):
        dora.get(path)
        assert dora.status == 200
        assert "Ana Example" not in dora.text


def test_those_who_come_later_are_not_away_yet_and_a_few_stand_for_many(house):
    people = [f"p{number}@harbor.example" for number in range(10)]
    with house.app_context(), transaction():
        for email in people:
            keep_accounts.add_account(email, email.partition("@")[0], **WHO)
            keep_accounts.give_role(email, Role.COORDINATOR, office="career-center", **WHO)
    browser = signed_in(house, ANA)
    absent(house, people[0], ANA, last="2027-01-12")
    absent(house, people[1], BEN, first="2027-02-11", last="2027-02-15")

    def asked() -> list[int]:
        counts = []
        for path in ("/requests", "/board?campus=harbor", "/absences"):
            with counted(house) as statements:
                browser.get(path)
            counts.append(len(statements))
        return counts

    before = asked()
    browser.get("/requests")
    assert "p0 is away until Tuesday, January 12, 2027. Ana Example covers." in browser.text
    assert "p1 is away" not in browser.text
    for email in people[2:]:
        absent(house, email, BEN)
    assert asked() == before
    browser.get("/requests")
    assert browser.text.count("is away until") == 3
    assert "6 more colleagues are away" in browser.text
