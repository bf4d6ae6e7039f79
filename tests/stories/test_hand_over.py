"""A coordinator leaves in mid-season: her keys are dead, her work is her colleague's, and the partners are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.accounts.models import Account, ApiToken
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.directory.models import Campus, Office, OrganizationKind
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.outbox import letters
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_absences, keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from eventsvc.workflows.take_steps import take_steps
from tests import builders
from tests.conftest import NOW
from tests.interfaces.browser import Browser
from tests.stories.test_sign_in import ask, newest_letter

pytestmark = pytest.mark.usefixtures("still")
ANA, BEN, ROOMS = "ana@harbor.example", "ben@harbor.example", "rooms@harbor.example"
WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def house(still, bare_app: Flask) -> Flask:
    """A college with two coordinators, a hall that another office of it grants, and a port that lends an expert."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus("harbor")
        career = db.session.scalars(select(Office)).one()
        career.slug, career.name, career.mailbox = "career-center", "Career center", "career@harbor.example"
        facilities = builders.an_office("facilities", of=campus.organization)
        hall = builders.a_room("hall", on=campus)
        hall.office_id, hall.needs_approval = facilities.id, True
        builders.a_room("lounge", on=campus)
        port = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
        outreach = builders.an_office("outreach", of=port)
        builders.an_expert("pelican", of=port, office=outreach)
        for email, name in ((ANA, "Ana Example"), (BEN, "Ben Example")):
            keep_accounts.add_account(email, name, **WHO)
            keep_accounts.give_role(email, Role.COORDINATOR, office="career-center", **WHO)
            keep_accounts.give_role(email, Role.ROOM_OFFICE, office="facilities", **WHO)
        keep_accounts.add_account(ROOMS, "Rooms Example", **WHO)
        keep_accounts.give_role(ROOMS, Role.ROOM_OFFICE, office="facilities", **WHO)
    return bare_app


def program(app: Flask, email: str, *scopes: Scope, name: str = "web site") -> FlaskClient:
    """A client that acts by a token of that person's."""
    with app.app_context(), transaction():
        _, secret = make_token(email, name, scopes or tuple(Scope), days=30, **WHO)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def signed_in(app: Flask, email: str) -> Browser:
    browser = Browser(app)
    ask(browser, email)
    browser.submit("Sign in", values={"code": newest_letter(app)[0]})
    return browser


def wish(day: str = "2027-02-10", **more: Any) -> dict[str, Any]:
    plan = {"kind": "info_session", "title": f"Careers {day}", "campus": "harbor", "owner": "career-center"}
    return {**plan, "rooms": ["hall"], "starts_local": f"{day}T14:00", "duration_minutes": 60, **more}


def planned(client: FlaskClient, **more: Any) -> str:
    answer = client.post("/api/v1/events", json=wish(**more))
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def letters_to(app: Flask, address: str, letter: str) -> list[str]:
    """The texts of those letters, subjects first."""
    with app.app_context():
        found = db.session.scalars(
            select(Message).where(Message.to_address == address, Message.letter == letter).order_by(Message.id)
        )
        return ["\n".join(letters.render_text(message, services().links)) for message in found]


def test_a_coordinator_leaves_in_mid_season(house, admin):
    her_program, his = program(house, ANA, name="Our web site"), program(house, BEN)
    at_home, on_phone = signed_in(house, ANA), signed_in(house, ANA)
    waiting = Browser(house)
    ask(waiting, ANA)
    code, link = newest_letter(house)
    coming = planned(her_program, experts=["pelican"])
    later = planned(her_program, day="2027-03-10", rooms=["lounge"])
    his_own = planned(his, day="2027-04-10")
    assert her_program.post(f"/api/v1/events/{coming}/rooms/hall/grant", json={}).status_code == 200
    before = admin.get(f"/api/v1/events/{coming}").json
    assert before["coordinator"]["name"] == "Ana Example"
    assert before["room_approvals"][0]["in_charge"]["name"] == "Ana Example"

    words = {"from": ANA, "to": BEN}
    preview = admin.post("/api/v1/hand-overs?dry_run=true", json=words)
    assert preview.status_code == 200, preview.json
    assert her_program.get(f"/api/v1/events/{coming}").json["coordinator"]["name"] == "Ana Example"  # nothing happened
    done = admin.post("/api/v1/hand-overs", json=words)
    assert done.status_code == 200
    assert done.json == preview.json
    assert done.json["moved"] == {
        "covers": 0,
        "chases": 1,
        "reply_addresses": 0,
        "events": 2,
        "approvals": 1,
        "requests": 0,
        "private_calendars": 0,
    }
    assert [one["id"] for one in done.json["events"]] == [coming, later]
    assert [one["name"] for one in done.json["programs"]] == ["Our web site"]
    assert done.json["sessions"] == 2
    assert [one["slug"] for one in done.json["told"]] == ["facilities", "outreach"]

    # Her sign-ins and tokens are dead.
    for browser in (at_home, on_phone):
        browser.get("/account")
        assert browser.path.startswith("/sign-in")
    waiting.submit("Sign in", values={"code": code})
    assert waiting.status == 410
    with house.app_context():
        asked = len(db.session.scalars(select(Message).where(Message.letter == "sign_in")).all())
    ask(waiting, ANA)
    with house.app_context():
        assert len(db.session.scalars(select(Message).where(Message.letter == "sign_in")).all()) == asked
    assert house.test_client().get(link).status_code == 410
    assert her_program.post("/api/v1/events", json=wish("2027-05-10")).status_code == 401
    assert her_program.get("/api/v1/hand-overs").status_code in (401, 405)

    # Her events and approvals are her colleague's.
    for event in (coming, later, his_own):
        assert his.get(f"/api/v1/events/{event}").json["coordinator"]["name"] == "Ben Example"
    after = his.get(f"/api/v1/events/{coming}").json
    assert after["room_approvals"][0]["in_charge"]["name"] == "Ben Example"
    assert after["version"] > before["version"]
    assert {name: after[name] for name in ("sequence", "revised_at", "starts_at")} == {
        name: before[name] for name in ("sequence", "revised_at", "starts_at")
    }

    # The partners are told, and both of them.
    (to_port,) = letters_to(house, "outreach@college.example", "new_contact")
    assert to_port.startswith("Your new contact: Ben Example")
    assert "Ana Example has handed over to Ben Example" in to_port
    assert "Careers 2027-02-10" in to_port
    assert "Careers 2027-03-10" not in to_port  # nobody of theirs comes to that one
    assert "career@harbor.example" in to_port
    (to_rooms,) = letters_to(house, "facilities@college.example", "new_contact")
    assert "Careers 2027-02-10" in to_rooms
    (to_him,) = letters_to(house, BEN, "handed_over")
    assert "Our web site: answer for rooms; plan and change events; keep people, places and accounts; read" in to_him
    assert all(title in to_him for title in ("Careers 2027-02-10", "Careers 2027-03-10"))
    (to_her,) = letters_to(house, ANA, "handed_on")
    assert "Your account has ended" in to_her
    assert letters_to(house, "career@harbor.example", "new_contact") == []

    # What happens from now on comes to him, and to the mailbox of the office.
    assert admin.post(f"/api/v1/events/{coming}/rooms/hall/decline", json={"reason": "Flood"}).status_code == 200
    assert letters_to(house, ANA, "room_answer") == []
    (to_him,) = letters_to(house, BEN, "room_answer")
    assert "You get this letter because you are in charge of this event." in to_him
    assert len(letters_to(house, "career@harbor.example", "room_answer")) == 1
    with house.app_context():
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.verb == "hand_over", AuditEntry.subject_kind == "account")
        ).one()
        accounts = {one.email: str(one.public_id) for one in db.session.scalars(select(Account))}
    assert (entry.subject, entry.changes["to"]) == (accounts[ANA], [None, accounts[BEN]])
    assert entry.changes["events"] == [None, 2]
    assert "Example" not in str(entry.changes)


def test_what_is_chased_goes_with_the_events_and_letters_that_wait_reach_the_colleague(house, admin):
    coming = planned(program(house, ANA), experts=["pelican"])
    with house.app_context():
        one = db.session.scalars(select(Invitation)).one()
        assert one.state is InvitationState.AWAITS_RELEASE
        invitation = str(one.public_id)
    refused = admin.post(f"/api/v1/invitations/{invitation}/refuse", json={"reason": "At sea"})
    assert refused.json["state"] == "declined"
    assert len(letters_to(house, ANA, "passed_on")) == 1
    done = admin.post("/api/v1/hand-overs", json={"from": ANA, "to": BEN})
    assert done.json["moved"]["chases"] == 0  # nobody is waited for: the seat is open
    assert letters_to(house, ANA, "passed_on") == []
    (to_him,) = letters_to(house, BEN, "passed_on")
    assert "Hello Ben Example," in to_him
    assert admin.get(f"/api/v1/events/{coming}").json["coordinator"]["name"] == "Ben Example"


def test_silence_about_what_was_handed_over_is_told_to_the_colleague_and_to_who_covers(house, admin):
    coming = planned(program(house, ANA), experts=["pelican"])
    done = admin.post("/api/v1/hand-overs", json={"from": ANA, "to": BEN})
    assert done.json["moved"]["chases"] == 1
    with house.app_context():
        with transaction():
            keep_accounts.add_account("kim@harbor.example", "Kim Example", **WHO)
            for role, office in ((Role.COORDINATOR, "career-center"), (Role.ROOM_OFFICE, "facilities")):
                keep_accounts.give_role("kim@harbor.example", role, office=office, **WHO)
            keep_absences.add_absence(BEN, "2027-01-18", "2027-01-29", cover="kim@harbor.example", **WHO)
        for day in range(14):
            take_steps(NOW + timedelta(days=day))
    assert letters_to(house, ANA, "release_silent") == letters_to(house, BEN, "release_silent") == []
    assert len(letters_to(house, "kim@harbor.example", "release_silent")) == 1
    assert len(letters_to(house, "career@harbor.example", "release_silent")) == 1
    assert admin.get(f"/api/v1/events/{coming}").json["coordinator"]["name"] == "Ben Example"


def test_handing_over_one_office_leaves_what_lies_elsewhere(house, admin):
    with house.app_context(), transaction():
        builders.a_campus("valley")
        valley = db.session.scalars(select(Campus).where(Campus.slug == "valley")).one()
        office = db.session.scalars(select(Office).where(Office.organization_id == valley.organization_id)).one()
        office.slug = "valley-center"
        builders.a_room("atrium", on=valley)
        keep_accounts.give_role(ANA, Role.COORDINATOR, office="valley-center", **WHO)
    hers = program(house, ANA)
    here, there = planned(hers), planned(hers, campus="valley", owner="valley-center", rooms=["atrium"])
    done = admin.post("/api/v1/hand-overs", json={"from": ANA, "to": BEN, "office": "career-center"})
    assert done.status_code == 200
    assert (done.json["moved"]["events"], done.json["is_leaving"]) == (1, False)
    names = [admin.get(f"/api/v1/events/{event}").json["coordinator"]["name"] for event in (here, there)]
    assert names == ["Ben Example", "Ana Example"]
    assert hers.get("/api/v1/hand-overs").status_code in (401, 405)
    again = program(house, ANA)  # she is still somebody, elsewhere
    assert again.post("/api/v1/events?dry_run=true", json=wish("2027-05-10")).status_code == 403
    elsewhere = wish("2027-05-10", campus="valley", owner="valley-center", rooms=["atrium"])
    assert again.post("/api/v1/events?dry_run=true", json=elsewhere).status_code == 200


def test_a_colleague_who_cannot_carry_it_is_refused_by_name_of_what_is_missing(house, admin):
    hers = program(house, ANA)
    coming = planned(hers)
    assert hers.post(f"/api/v1/events/{coming}/rooms/hall/grant", json={}).status_code == 200
    refused = admin.post("/api/v1/hand-overs", json={"from": ANA, "to": ROOMS})
    assert refused.status_code == 422
    assert refused.json["lacking"] == [{"permission": "plan", "at": "career-center"}]
    assert refused.json["errors"][0]["field"] == "to"
    assert "plan events" in refused.json["errors"][0]["reason"]
    assert hers.get(f"/api/v1/events/{coming}").json["coordinator"]["name"] == "Ana Example"
    with house.app_context(), transaction():
        keep_accounts.take_role(BEN, Role.ROOM_OFFICE, office="facilities", **WHO)
    refused = admin.post("/api/v1/hand-overs", json={"from": ANA, "to": BEN})
    assert refused.json["lacking"] == [{"permission": "grant_rooms", "at": "facilities"}]


@pytest.fixture
def stranger(house) -> FlaskClient:
    """A coordinator of another college."""
    with house.app_context(), transaction():
        builders.a_campus("valley")
        valley = db.session.scalars(select(Campus).where(Campus.slug == "valley")).one()
        office = db.session.scalars(select(Office).where(Office.organization_id == valley.organization_id)).one()
        keep_accounts.add_account("eve@valley.example", "Eve Example", **WHO)
        keep_accounts.give_role("eve@valley.example", Role.COORDINATOR, office=office.slug, **WHO)
    return program(house, "eve@valley.example")


def test_who_may_hand_over(house, stranger, public):
    words = {"from": ANA, "to": BEN}
    assert public.post("/api/v1/hand-overs", json=words).status_code == 401
    assert stranger.post("/api/v1/hand-overs", json=words).status_code == 404
    nobody = stranger.post("/api/v1/hand-overs", json={"from": "x@x.example", "to": BEN})
    assert (nobody.status_code, nobody.json["detail"]) == (404, "Nobody signs in with this address.")
    outside = program(house, BEN).post(
        "/api/v1/hand-overs?dry_run=true", json={"from": BEN, "to": "eve@valley.example"}
    )
    unknown = program(house, BEN).post("/api/v1/hand-overs?dry_run=true", json={"from": BEN, "to": "x@x.example"})
    assert outside.status_code == unknown.status_code == 422
    assert outside.json["errors"] == unknown.json["errors"]  # who signs in elsewhere is nobody's affair
    of_rooms = program(house, ROOMS)
    assert of_rooms.post("/api/v1/hand-overs?dry_run=true", json=words).status_code == 404
    # A colleague of the same desk keeps its accounts, but not those of facilities.
    assert program(house, BEN).post("/api/v1/hand-overs?dry_run=true", json=words).status_code == 403
    there = {**words, "office": "career-center"}
    assert program(house, BEN).post("/api/v1/hand-overs?dry_run=true", json=there).status_code == 200
    assert program(house, BEN, Scope.BOOK).post("/api/v1/hand-overs?dry_run=true", json=there).status_code in (403, 404)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"to": ANA}, "to"), ({"office": "nowhere"}, "office"), ({"office": "outreach"}, "office")],
)
def test_what_makes_no_sense_is_refused_with_its_field(house, admin, more, field):
    refused = admin.post("/api/v1/hand-overs", json={"from": ANA, "to": BEN, **more})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)


def test_one_who_was_let_go_first_can_still_be_handed_over(house, admin):
    coming = planned(program(house, ANA))
    with house.app_context(), transaction():
        keep_accounts.end_account(ANA, **WHO)
    assert admin.get(f"/api/v1/events/{coming}").json["coordinator"] is None
    assert admin.post("/api/v1/hand-overs", json={"from": ANA, "to": BEN}).status_code == 200
    assert admin.get(f"/api/v1/events/{coming}").json["coordinator"]["name"] == "Ben Example"


def test_handing_over_twice_moves_nothing_more(house, admin):
    planned(program(house, ANA))
    assert admin.post("/api/v1/hand-overs", json={"from": ANA, "to": BEN}).json["moved"]["events"] == 1
    again = admin.post("/api/v1/hand-overs", json={"from": ANA, "to": BEN})
    assert again.status_code == 200
    assert again.json["moved"] == {
        "covers": 0,
        "chases": 0,
        "reply_addresses": 0,
        "events": 0,
        "approvals": 0,
        "requests": 0,
        "private_calendars": 0,
    }
    with house.app_context():
        assert db.session.scalars(select(ApiToken).where(ApiToken.ended_at.is_(None))).all() == []
