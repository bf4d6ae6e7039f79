"""Offices where nobody is left, without a mailbox, or with one that takes no letters: named, with what to do."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.directory.models import Expert, Office, Organization, OrganizationKind, Room
from eventsvc.domain.outbox import post
from eventsvc.domain.outbox.models import MessageState
from eventsvc.interfaces.cli import cli
from eventsvc.workflows import keep_accounts
from tests import builders, databases
from tests.conftest import NOW
from tests.stories.test_hand_over import ANA, BEN, ROOMS, house, planned, program

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("still")
WHO = {"actor": ADMINISTRATOR, "now": NOW}


def gaps(client) -> list[tuple[str, str]]:
    return [
        (one["kind"], (one["office"] or one["organization"])["slug"])
        for one in client.get("/api/v1/doctor/offices").json["items"]
    ]


def test_an_office_that_everybody_has_left_is_named_with_its_events_and_rooms(house: Flask, admin):
    event = planned(program(house, ANA))
    assert gaps(admin) == []
    with house.app_context(), transaction():
        for email in (ANA, BEN):
            keep_accounts.end_account(email, **WHO)
    (one,) = admin.get("/api/v1/doctor/offices").json["items"]
    assert (one["kind"], one["office"]["slug"], one["is_finding"]) == ("nobody_left", "career-center", True)
    assert [found["id"] for found in one["events"]] == [event]
    assert "Let a colleague in" in one["to_do"]
    with house.app_context(), transaction():
        keep_accounts.end_account(ROOMS, **WHO)
    assert gaps(admin) == [("nobody_left", "career-center"), ("nobody_left", "facilities")]
    rooms = admin.get("/api/v1/doctor").json["offices"][1]["rooms"]
    assert [room["slug"] for room in rooms] == ["hall"]


def test_who_only_reads_there_is_nobody_who_may_act(house, admin):
    planned(program(house, ANA))
    with house.app_context(), transaction():
        keep_accounts.give_role(ANA, Role.REPORTS, office="career-center", **WHO)
        for email in (ANA, BEN):
            keep_accounts.take_role(email, Role.COORDINATOR, office="career-center", **WHO)
    assert gaps(admin) == [("nobody_left", "career-center")]


def test_a_role_in_the_whole_organization_counts_at_each_of_its_offices(house, admin):
    with house.app_context(), transaction():
        organization = db.session.scalars(select(Office).where(Office.slug == "career-center")).one().organization
        keep_accounts.give_role(ROOMS, Role.COORDINATOR, organization=organization.slug, **WHO)
        for email in (ANA, BEN):
            keep_accounts.end_account(email, **WHO)
    assert gaps(admin) == []


def test_an_office_that_never_had_anybody_is_a_gap_and_no_finding(house, admin):
    with house.app_context(), transaction():
        campus = builders.a_campus("valley")
        builders.a_room("atrium", on=campus)
        office = db.session.scalars(select(Office).where(Office.organization_id == campus.organization_id)).one()
        office.slug = "valley-center"
    wish = {"campus": "valley", "owner": "valley-center", "rooms": ["atrium"]}
    assert gaps(admin) == []  # nothing lies still there
    planned(admin, **wish)
    assert gaps(admin) == [("nobody_yet", "valley-center")]
    assert admin.get("/api/v1/doctor").json["offices"][0]["is_finding"] is False


def test_no_mailbox_and_a_mailbox_that_takes_no_letters(house, admin):
    with house.app_context(), transaction():
        post.post("confirmed", key="a", to_address="outreach@college.example", facts={}, now=NOW)
        post.post("confirmed", key="b", to_address="outreach@college.example", facts={}, now=NOW)
        db.session.flush()
        first, second = post.newest(2)[::-1]
        first.state, second.state = MessageState.FAILED, MessageState.SENT
        db.session.scalars(select(Office).where(Office.slug == "facilities")).one().mailbox = ""
    assert gaps(admin) == [("no_mailbox", "facilities")]  # a later letter arrived
    with house.app_context(), transaction():
        first, second = post.newest(2)[::-1]
        first.state, second.state = MessageState.SENT, MessageState.FAILED
    assert gaps(admin) == [("no_mailbox", "facilities"), ("undeliverable", "outreach")]


def test_a_partner_without_an_office_whose_people_have_no_address(house, admin):
    with house.app_context(), transaction():
        union = builders.an_organization("union", kind=OrganizationKind.LABOR_COUNCIL)
        builders.an_expert("heron", of=union, email="")
        builders.an_expert("egret", of=union)
    planned(program(house, ANA), experts=["egret"])
    assert gaps(admin) == []
    planned(program(house, ANA), day="2027-03-10", experts=["heron"])
    assert gaps(admin) == [("no_office", "union")]
    with house.app_context(), transaction():
        db.session.scalars(select(Expert).where(Expert.slug == "heron")).one().retired_on = NOW.date()
        builders.an_office("union-office", of=db.session.scalars(select(Organization).filter_by(slug="union")).one())
    assert gaps(admin) == []


def test_a_district_sees_its_colleges_an_office_itself_and_nobody_those_of_others(house, admin, public):
    with house.app_context(), transaction():
        harbor = db.session.scalars(select(Office).where(Office.slug == "career-center")).one().organization
        harbor.parent_id = builders.an_organization("district", kind=OrganizationKind.COLLEGE_DISTRICT).id
        db.session.scalars(select(Room).where(Room.slug == "lounge")).one().needs_approval = False
        for slug in ("career-center", "outreach"):
            db.session.scalars(select(Office).where(Office.slug == slug)).one().mailbox = ""
        keep_accounts.add_account("dee@district.example", "Dee Example", **WHO)
        keep_accounts.give_role("dee@district.example", Role.DISTRICT, organization="district", **WHO)
    planned(program(house, ANA))
    assert public.get("/api/v1/doctor/offices").status_code == 401
    assert sorted(gaps(admin)) == [("no_mailbox", "career-center"), ("no_mailbox", "outreach")]
    assert gaps(program(house, "dee@district.example")) == [("no_mailbox", "career-center")]
    assert gaps(program(house, BEN)) == [("no_mailbox", "career-center")]
    assert gaps(program(house, ROOMS)) == []


def test_who_reads_reports_alone_learns_how_many_events_lie_still_and_not_which(house, admin):
    with house.app_context(), transaction():
        keep_accounts.let_in("rae@college.example", "Rae", role=Role.REPORTS, office="career-center", **WHO)
        db.session.scalars(select(Office).where(Office.slug == "career-center")).one().mailbox = ""
    draft = planned(program(house, ANA), title="Not yet public")
    shown = planned(program(house, ANA), title="Open to all", day="2027-03-10")
    assert program(house, ANA).post(f"/api/v1/events/{shown}/publish").status_code == 200
    reader = program(house, "rae@college.example")
    assert reader.get(f"/api/v1/events/{draft}").status_code == 404
    (gap,) = reader.get("/api/v1/doctor/offices").json["items"]
    assert ([one["id"] for one in gap["events"]], gap["events_in_all"]) == ([shown], 2)
    page = reader.get("/missing").text
    assert "2 events lie ahead" in page
    assert "Open to all" in page
    assert "Not yet public" not in page
    (whole,) = program(house, ANA).get("/api/v1/doctor/offices").json["items"]
    assert {one["id"] for one in whole["events"]} == {draft, shown}


def test_the_command_names_them_and_its_exit_code_says_so(house, database_url):
    with house.app_context(), transaction():
        for email in (ANA, BEN):
            keep_accounts.end_account(email, **WHO)
    run = CliRunner().invoke(cli, ["doctor"], env=databases.environment(database_url))
    assert run.exit_code == 1
    assert run.output.splitlines() == [
        "nobody_left: Career center (career-center)",
        "  Nobody who may act there can sign in any more. Let a colleague in, then hand over to them.",
        "1 thing found.",
    ]
