"""The desk: what needs attention, requests that wait and the days ahead, at each of its doors."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from click.testing import CliRunner
from sqlalchemy import select

from eventsvc.core import clock
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.attendance.models import Attendance, Standing
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Office, OrganizationKind
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord
from eventsvc.domain.invitations.proposals import ProposedTime
from eventsvc.domain.requests import employers
from eventsvc.interfaces.cli import cli
from eventsvc.workflows import admit_employers, ask_partner, confirm_event, keep_accounts, replies
from eventsvc.workflows.ask_partner import AskedFor
from tests import builders, databases, wishes
from tests.conftest import NOW
from tests.counting import counted
from tests.interfaces.browser import Browser, words_of
from tests.interfaces.pages import PASADENA
from tests.stories.test_sign_in import ask, newest_letter


def needs_of(client, query: str = "") -> list[tuple[str, str]]:
    answer = client.get(f"/api/v1/desk{query}")
    assert answer.status_code == 200, answer.text
    return [(one["kind"], one["event"]["title"]) for one in answer.json["needs"]]


def answered(world, event_id: str, word: AnswerWord, expert: str = "expert-one") -> None:
    with world.app.app_context(), transaction():
        mine = next(one for one in asking.of_event(get_event(event_id).id) if one.expert.slug == expert)
        confirm_event.answer_invitation(str(mine.public_id), word, turn=mine.turn, actor=ADMINISTRATOR, now=clock.now())


def test_strangers_are_asked_who_they_are_and_others_are_refused(bare_app, world, public, admin):
    assert public.get("/api/v1/desk").status_code == 401
    assert admin.get("/api/v1/desk?office=nowhere").status_code == 404
    assert admin.get("/api/v1/desk?office=port-outreach").status_code == 200


def test_an_empty_desk_says_what_to_do_next(world, planner):
    page = planner.get("/home")
    assert [words_of(one) for one in page.select("main h2")][:3] == [
        "Needs attention",
        "My requests",
        "The next seven days",
    ]
    assert "Nothing needs your attention" in planner.text
    assert all(one.select_one("a") for one in page.select("#attention ~ .empty, #my-requests ~ .empty"))


def test_silence_is_shown_from_the_third_working_day_on(world, admin, still):
    world.plan(title="Silent", experts=("expert-one",))
    still.shift(timedelta(days=2))
    assert needs_of(admin) == []
    still.shift(timedelta(days=1))
    assert needs_of(admin) == [("no_answer", "Silent")]


def test_a_seat_whose_person_has_declined_is_open_at_once(world, admin, planner):
    event_id = world.plan(title="Declined", experts=("expert-one",))
    answered(world, event_id, AnswerWord.DECLINE)
    assert needs_of(admin) == [("seat_open", "Declined")]
    page = planner.get("/home")
    assert page.select_one(f'a[href="/events/{event_id}"]') is not None
    assert "Expert One does not come: name somebody else." in planner.text


def test_a_proposed_time_waits_for_a_decision(world, admin):
    event_id = world.plan(title="Another day", experts=("expert-one",))
    with world.app.app_context(), transaction():
        mine = asking.of_event(get_event(event_id).id)[0]
        times = [ProposedTime(datetime(2027, 2, day, 14, 0)) for day in (11, 12)]
        replies.propose_times(str(mine.public_id), times, turn=mine.turn, note="", actor=ADMINISTRATOR, now=clock.now())
    assert needs_of(admin) == [("time_proposed", "Another day")]


def test_a_number_nobody_has_said_is_missing_and_leads_to_the_form(world, admin, planner):
    event_id = world.plan(title="Uncounted")
    with world.app.app_context(), transaction():
        event = get_event(event_id)
        db.session.add(Attendance(event=event, standing=Standing.MISSING, times_asked=2))
    (need,) = admin.get("/api/v1/desk").json["needs"]
    assert (need["kind"], need["url"]) == ("count_missing", f"https://events.example/events/{event_id}/count")
    assert planner.get("/home").select_one(f'a[href="/events/{event_id}/count"]') is not None


def test_requests_show_age_and_the_day_by_which_they_are_answered(bare_app, still, admin, planner):
    with bare_app.app_context(), transaction():
        wishes.a_request(wishes.a_world())
    still.shift(timedelta(days=9))
    (shown,) = admin.get("/api/v1/desk").json["requests"]
    assert (shown["age_working_days"], shown["answer_by"], shown["is_late"]) == (7, "2027-01-18", True)
    planner.get("/home")
    assert "7 working days old, answer by Monday, January 18, 2027 This day is over" in planner.text
    assert admin.get("/api/v1/desk?office=outreach").json["requests"] == []


def test_an_employer_that_waits_stands_there_until_it_is_decided_on(bare_app, database_url, world, admin, planner):
    with bare_app.app_context(), transaction():
        builders.an_organization("shipyard", kind=OrganizationKind.EMPLOYER)
        college = directory.get(Campus, PASADENA).organization.slug
        admit_employers.ask_to_be_admitted(college, "shipyard", actor=ADMINISTRATOR, now=clock.now())
    (waits,) = admin.get("/api/v1/desk").json["employers"]
    assert (waits["college"], waits["employer"]) == (college, "shipyard")
    planner.get("/home")
    assert "Employers that wait for your approval Shipyard" in planner.text
    assert "Nothing needs your attention" not in planner.text
    planner.get(planner.page.select_one("#attention ~ ul a")["href"])
    assert "Shipyard" in planner.text
    said = CliRunner().invoke(cli, ["desk"], env=databases.environment(database_url))
    assert f"Needs attention: 1\n  employer waits: Shipyard (at {college}, since " in said.output
    with bare_app.app_context(), transaction():
        approved = employers.EmployerState.APPROVED
        admit_employers.decide_on_employer(college, "shipyard", approved, actor=ADMINISTRATOR, now=clock.now())
    assert admin.get("/api/v1/desk").json["employers"] == []


def test_the_days_ahead_are_seven(world, admin):
    world.plan(builders.at("2027-01-11T14:00"), title="Today")
    world.plan(builders.at("2027-01-17T14:00"), title="On Sunday")
    world.plan(builders.at("2027-01-18T14:00"), title="Next Monday")
    assert [one["title"] for one in admin.get("/api/v1/desk").json["events"]] == ["Today", "On Sunday"]


def test_a_coordinator_sees_the_desk_of_the_own_office_alone(bare_app, world, still):
    event_id = world.plan(title="Of Pasadena", experts=("expert-one",))
    answered(world, event_id, AnswerWord.DECLINE)
    who = {"actor": ADMINISTRATOR, "now": NOW}
    pages = {}
    with bare_app.app_context(), transaction():
        own = get_event(event_id).owner.slug
        other = builders.an_office("other-office", of=builders.an_organization("other")).slug
        for slug in (own, other):
            keep_accounts.add_account(f"{slug}@pcc.example", "Lee", **who)
            keep_accounts.give_role(f"{slug}@pcc.example", Role.COORDINATOR, office=slug, **who)
    for slug in (own, other):
        browser = Browser(bare_app)
        ask(browser, f"{slug}@pcc.example")
        browser.submit("Sign in", values={"code": newest_letter(bare_app)[0]})
        browser.get("/home")
        pages[slug] = "Of Pasadena" in browser.text
    assert pages == {own: True, other: False}


def test_the_desk_costs_the_same_queries_with_1_and_with_30_rows(bare_app, world, admin, planner, still):
    counts = []
    with bare_app.app_context(), transaction():
        asker = directory.get(Campus, PASADENA).organization_id
        asker = db.session.scalars(select(Office.slug).where(Office.organization_id == asker)).first()
    for number in range(30):
        when = builders.at(f"2027-02-{number % 28 + 1:02}T{8 + number // 28 * 6:02}:00")
        event_id = world.plan(when, experts=("expert-two",))
        answered(world, event_id, AnswerWord.DECLINE, "expert-two")
        world.plan(builders.at(f"2027-01-12T{8 + number // 3:02}:{number % 3 * 20:02}", 15), title="Soon")
        with bare_app.app_context(), transaction():
            asked = {"title": "Come", "windows": (wishes.days(0, 4),), "campus": PASADENA, "asker": asker}
            ask_partner.ask_partner(AskedFor(partner="port-of-los-angeles", **asked), actor=ADMINISTRATOR, now=NOW)
        if number in (0, 29):
            both = []
            for read in (lambda: admin.get("/api/v1/desk"), lambda: planner.get("/home")):
                read()
                with counted(bare_app) as statements:
                    read()
                both.append(len(statements))
            counts.append(both)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 26


def test_the_command_says_the_same(bare_app, database_url, world):
    event_id = world.plan(title="Declined", experts=("expert-one",))
    answered(world, event_id, AnswerWord.DECLINE)
    environment = databases.environment(database_url)
    said = CliRunner().invoke(cli, ["desk"], env=environment)
    assert said.exit_code == 0, said.output
    assert "seat_open: Declined (2027-02-10 14:00 America/Los_Angeles, requested)" in said.output
    assert [
        one["kind"] for one in json.loads(CliRunner().invoke(cli, ["desk", "--json"], env=environment).output)["needs"]
    ] == ["seat_open"]
