"""Each role signs in, finds a home page that fits, and every link that its pages show opens."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, sessions
from eventsvc.domain.accounts.authors import people_behind
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.accounts.roles import BY_LINK
from eventsvc.domain.approvals import takers
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.audit import AuditEntry, reading
from eventsvc.domain.audit.reading import Wanted
from eventsvc.domain.directory.models import Expert, Office, Room
from eventsvc.domain.events.models import Event
from eventsvc.interfaces.signed_in import COOKIE
from eventsvc.workflows import keep_accounts
from tests import builders, poured
from tests.conftest import NOW
from tests.interfaces import pages
from tests.interfaces.browser import Browser, words_of

WHO = {"actor": ADMINISTRATOR, "now": NOW}
ROLES = [role for role in Role if role not in BY_LINK]


@pytest.fixture
def house(bare_app: Flask, still) -> pages.World:
    """The small world; one room is granted by an office of its own, and an expert signs in."""
    with bare_app.app_context():
        poured.told("one event waits, one is of another", partial(two_waiting, bare_app))
    return pages.World(bare_app)


def two_waiting(app: Flask) -> None:
    made = pages.make(app)
    with app.app_context(), transaction():
        room = db.session.scalars(select(Room).where(Room.slug == "harbor-hall")).one()
        room.office, room.needs_approval = builders.an_office("facilities"), True
        expert = db.session.scalars(select(Expert).where(Expert.slug == "expert-one")).one()
        expert.email = "Expert-One@Port.example"
    made.plan(rooms=("harbor-hall",), experts=("expert-one",), title="Waits", published=False)
    made.plan(builders.at("2027-02-11T14:00"), experts=("expert-two",), title="Of another", published=False)


def at_home(house: pages.World, role: Role) -> Browser:
    """A browser of somebody with that role, where it fits."""
    email = "expert-one@port.example" if role is Role.EXPERT else f"{role}@example.edu"
    with house.app.app_context(), transaction():
        college = db.session.scalars(select(Office).where(Office.slug != "facilities").order_by(Office.id)).first()
        place = {
            Role.EXPERT: {"office": "port-outreach"},
            Role.PARTNER: {"office": "port-outreach"},
            Role.ROOM_OFFICE: {"office": "facilities"},
            Role.ADMINISTRATOR: {},
            Role.DISTRICT: {"organization": college.organization.slug},
        }.get(role, {"office": college.slug})
        account = keep_accounts.let_in(email, "Somebody", role=role, **place, **WHO).account
        secret = sessions.begin(account, device="", now=NOW)
    browser = Browser(house.app)
    browser.set_cookie(COOKIE, secret)
    browser.get("/home")
    assert browser.status == 200
    return browser


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_the_home_page_and_of_the_pages_behind_it_opens(house, role):
    browser = at_home(house, role)
    seen, ahead = {"/home"}, _links(browser)
    assert "/account" in ahead
    for step in range(2):
        here = sorted(ahead - seen)
        ahead = set()
        for path in here:
            browser.get(path)
            assert browser.status == 200, f"{role}: {path} answers {browser.status}"
            seen.add(path)
            if step == 0:
                ahead |= _links(browser)
    assert len(seen) > 5


def _links(browser: Browser) -> set[str]:
    found = {link["href"] for link in browser.page.select("a[href^='/']")}
    return {path for path in found if not urlsplit(path).path.startswith(("/static", "/feeds"))} - {""}


def test_the_rooms_office_finds_what_waits_for_its_yes_and_grants_it_signed_in(house):
    browser = at_home(house, Role.ROOM_OFFICE)
    assert "Harbor Hall : Waits" in browser.text
    browser.get(browser.page.select_one("#to-grant ~ ul a")["href"])
    browser.submit("Yes, grant the room", values={"reference": "R-1"})
    assert "you have granted Harbor Hall" in browser.text
    browser.get("/home")
    assert "No room waits for your yes." in browser.text
    with house.app.app_context():
        assert db.session.scalars(select(RoomApproval.reference)).one() == "R-1"
        account = db.session.scalars(select(Account).where(Account.email == "room_office@example.edu")).one()
        approval_id = db.session.scalars(select(RoomApproval.id)).one()
        assert takers.of_approvals([approval_id]) == {approval_id: account}
        assert authors_of("room approval") == {"grant": f"account {account.public_id}"}
        granted = reading.newest(Wanted(actor=f"account {account.public_id}", verb="grant"), 9)[0]
        assert len(granted) == 1


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.COUNSELOR, Role.EXPERT, Role.REPORTS])
def test_nobody_else_finds_another_offices_rooms_to_grant(house, role):
    assert "to-grant" not in at_home(house, role).response.get_data(as_text=True)


def test_an_expert_finds_own_engagements_week_and_calendar_and_nothing_else(house):
    browser = at_home(house, Role.EXPERT)
    assert ("Waits" in browser.text, "Of another" in browser.text) == (True, False)
    answer = browser.page.select_one("#engaged ~ ul a")["href"]
    browser.get("/experts/expert-one/week?day=2027-02-10")
    assert (browser.status, "Waits" in browser.text) == (200, True)
    browser.get("/experts/expert-two/week?day=2027-02-11")
    assert browser.status == 404
    browser.get("/outside-calendars")
    assert [one["value"] for one in browser.page.select("#f-whose option")] == ["", "experts:expert-one"]
    browser.get("/requests")
    assert browser.status == 403
    browser.get(answer)
    browser.submit("Yes, I come")
    browser.get("/home")
    assert "You come." in browser.text
    with house.app.app_context():
        account = db.session.scalars(select(Account).where(Account.email == "expert-one@port.example")).one()
        assert authors_of("invitation") == {"accept": f"account {account.public_id}"}


def authors_of(kind: str) -> dict[str, str]:
    """Who answered, as the audit log has it, by what they said."""
    rows = select(AuditEntry.verb, AuditEntry.actor).where(AuditEntry.subject_kind == kind)
    return dict(db.session.execute(rows).all())


@pytest.mark.parametrize("is_signed_in", [True, False])
@pytest.mark.parametrize(
    ("button", "kind", "by"),
    [
        ("Yes, I come", "invitation", "invited person"),
        ("No, it cannot be had", "room approval", "room's office"),
    ],
)
def test_who_is_signed_in_and_has_somebodys_link_is_named_beside_them(house, is_signed_in, button, kind, by):
    browser = at_home(house, Role.COORDINATOR) if is_signed_in else Browser(house.app)
    with house.app.app_context():
        event_id = str(db.session.scalars(select(Event.public_id).where(Event.title == "Waits")).one())
    path = house.answer_path(event_id) if kind == "invitation" else house.room_answer_path(event_id)
    browser.get(path)
    browser.submit(button)
    with house.app.app_context():
        account = db.session.scalars(
            select(Account.public_id).where(Account.email == "coordinator@example.edu")
        ).first()
        (actor,) = authors_of(kind).values()
        assert actor == (f"account {account}, for the {by}" if is_signed_in else by)
        assert (list(people_behind([actor]).values()) == ["Somebody"]) is is_signed_in
        if is_signed_in:
            assert len(reading.newest(Wanted(actor=f"account {account}", subject_kind=kind), 9)[0]) == 1


def test_an_address_alone_makes_nobody_an_expert(house):
    with house.app.app_context(), transaction():
        account = keep_accounts.let_in(
            "expert-one@port.example", "Somebody", role=Role.EXPERT, office="facilities", **WHO
        ).account
        secret = sessions.begin(account, device="", now=NOW)
    browser = Browser(house.app)
    browser.set_cookie(COOKIE, secret)
    browser.get("/home")
    assert (browser.status, "engagements" in browser.text) == (200, False)


def test_a_district_reads_who_comes_and_follows_no_link_that_refuses(house):
    with house.app.app_context():
        event = db.session.scalars(select(Event).where(Event.title == "Waits")).one().public_id
    district, coordinator = at_home(house, Role.DISTRICT), at_home(house, Role.COORDINATOR)
    for browser, leads_to_the_week in ((district, False), (coordinator, True)):
        page = browser.get(f"/events/{event}")
        assert "Expert One" in words_of(page.select_one("#planner"))
        links = [link["href"] for link in page.select("#planner a") if "/experts/" in link["href"]]
        assert bool(links) is leads_to_the_week
        for link in links:
            browser.get(link)
            assert browser.status == 200


@pytest.mark.parametrize("role", [Role.ROOM_OFFICE, Role.DISTRICT, Role.REPORTS, Role.EXPERT])
def test_whoever_is_signed_in_finds_a_form_of_an_older_page_again_and_is_not_called_signed_out(house, role):
    browser = at_home(house, role)
    browser.get("/absences")
    sent = {
        "from": "2027-03-01",
        "until": "2027-03-02",
        "cover": "cover@example.edu",
        "csrf_token": "of another session",
    }
    answer = browser._client.post("/absences", data=sent, **browser._as_browser())
    page = browser._show("/absences", answer)
    assert browser.status == 400
    assert "Nothing has been done yet. This is what you had typed" in browser.text
    assert page.select_one("#f-cover")["value"] == "cover@example.edu"
    browser.get("/sign-in")
    assert "You are signed in." in browser.text
