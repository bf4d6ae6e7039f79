"""What invited people said, on the pages of offices: their event's, and a partner's week."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, acting
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert
from eventsvc.domain.invitations.models import Invitation
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW
from tests.interfaces.browser import words_of
from tests.interfaces.pages import PASADENA

WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def event_id(world):
    return world.plan(rooms=("creveling-lounge",), experts=("expert-one", "expert-two"))


@pytest.fixture
def path(world, event_id):
    return world.answer_path(event_id)


def states(app) -> list[str]:
    with app.app_context():
        return [str(one.state) for one in db.session.scalars(select(Invitation).order_by(Invitation.id))]


def test_times_are_proposed_on_a_phone_and_taken_with_one_press(path, event_id, visitor, planner):
    visitor.get(path)
    page = visitor.submit("Propose these times", values={"date_1": "2027-02-11", "time_1": "10:00", "note": "I teach"})
    assert "Thursday, February 11, 2027, 10:00" in visitor.text
    assert words_of(page.find("h1")) == "Thank you, Expert One: you may come"
    planner.get(f"/events/{event_id}")
    planner.submit("Take this time (Thursday, February 11, 2027, 10:00 AM)")
    assert "Moved to that time." in planner.text
    visitor.get(path)
    assert "you are coming" in visitor.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "First other time"),
        ({"date_1": "2026-02-11", "time_1": "10:00"}, "in the past"),
        ({"date_1": "2027-02-11"}, "First other time"),
        ({"date_1": "2027-02-11", "time_1": "10:00", "date_2": "2027-02-11", "time_2": "10:00"}, "Second other time"),
    ],
)
def test_a_time_that_cannot_be_is_said_beside_it_and_kept(path, visitor, typed, said, bare_app):
    visitor.get(path)
    page = visitor.submit("Propose these times", values=typed)
    assert visitor.status == 422
    assert said in words_of(page.select_one(".refusal"))
    assert page.select_one("details.otherwise").has_attr("open")
    for name, value in typed.items():
        assert page.select_one(f"[name={name}]")["value"] == value
    assert states(bare_app) == ["needs_action"] * 2


def test_what_is_booked_at_a_proposed_time_is_named(world, path, visitor):
    world.plan(rooms=("creveling-lounge",), when=builders.at("2027-02-11T10:00"))
    visitor.get(path)
    page = visitor.submit("Propose these times", values={"date_1": "2027-02-11", "time_1": "10:00"})
    assert visitor.status == 409
    assert "Creveling Lounge" in words_of(page.select_one(".clashes"))


def test_the_host_says_no_to_what_was_proposed(path, event_id, visitor, planner):
    visitor.get(path)
    visitor.submit("Propose these times", values={"date_1": "2027-02-11", "time_1": "10:00"})
    planner.get(f"/events/{event_id}")
    planner.submit("None of these times is possible", values={"reason": "The hall is painted"})
    visitor.get(path)
    assert "The hall is painted" in visitor.text


def test_an_office_writes_an_answer_down_and_it_is_shown_as_such(path, event_id, visitor, planner):
    planner.get(f"/events/{event_id}")
    planner.submit("Comes (Expert One)")
    assert "written down by The administrator" in planner.text
    visitor.get(path)
    assert "The administrator has written this answer down for you." in visitor.text


def test_on_the_day_the_office_sees_who_is_there_and_who_is_late(path, event_id, visitor, planner, still):
    visitor.get(path)
    assert "I am here" not in visitor.text
    visitor.submit("Yes, I come")
    still.move_to(datetime.fromisoformat("2027-02-10T13:20-08:00"))
    visitor.get(path)
    visitor.submit("I will be late", values={"late_minutes": "500"})
    assert visitor.status == 422
    visitor.submit("I will be late", values={"late_minutes": "20"})
    assert "you will be 20 minutes late" in visitor.text
    planner.get(f"/events/{event_id}")
    assert "Will be 20 minutes late" in planner.text
    still.shift(timedelta(minutes=50))
    visitor.get(path)
    visitor.submit("I am here")
    planner.get(f"/events/{event_id}")
    assert "Here since 2:10" in planner.text


def test_close_to_it_the_page_shows_whom_to_call_and_takes_a_no(path, visitor, still):
    visitor.get(path)
    visitor.submit("Yes, I come")
    still.move_to(datetime.fromisoformat("2027-02-10T08:00-08:00"))
    page = visitor.get(path)
    assert page.select_one(".notice a[href^='tel:']") or page.select_one(".notice p")
    page = visitor.submit("No, I cannot come")
    assert "not coming" in words_of(page.find("h1"))
    assert [words_of(one) for one in page.select(".answers:not(.today) button")] == ["Send the reason"]


def test_a_colleague_is_named_from_a_list(path, visitor, bare_app):
    visitor.get(path)
    visitor.submit("Say no, and name them", values={"colleague": "expert-three"})
    assert states(bare_app)[0] == "declined"


def test_offices_write_to_one_another_on_the_page(event_id, planner, visitor):
    planner.get(f"/events/{event_id}")
    page = planner.submit("Write", values={"words": "Is there a lift?"})
    assert words_of(page.select_one(".remarks .lines")) == "Is there a lift?"
    planner.submit("Write", values={"words": " "})
    assert planner.status == 422
    visitor.get(f"/events/{event_id}")
    assert "Is there a lift?" not in visitor.text


def test_a_week_is_answered_on_one_page(world, event_id, planner, bare_app):
    world.plan(experts=("expert-three",), when=builders.at("2027-02-12T10:00"))
    planner.get("/asked/2027-02-10")
    assert len(planner.page.select("input[name=invitation]")) == 3
    ticked = planner.page.select("input[name=invitation]")
    planner.submit("They come", values={"invitation": [ticked[0]["value"], ticked[2]["value"]]})
    assert "2 answers are written down." in planner.text
    assert states(bare_app) == ["accepted", "needs_action", "accepted"]
    planner.submit("They cannot come", values={"invitation": []})
    assert planner.status == 422


def test_another_week_is_empty_and_a_day_that_is_none_is_not_there(planner):
    planner.get("/asked/2027-03-10")
    assert "Nothing is asked of your people in this week." in planner.text
    planner.get("/asked/2027-02-31")
    assert planner.status == 404


def test_a_week_is_released_with_one_press(bare_app, world, planner):
    """Planned by somebody of the college, whose naming releases nobody of the port."""
    with bare_app.app_context(), transaction():
        campus = lookup.get(Campus, PASADENA)
        pelican = lookup.get(Expert, "expert-one")
        builders.an_office("outreach", of=pelican.organization)
        keep_accounts.add_account("ana@example.edu", "Ana Example", **WHO)
        place = {"organization": campus.organization.slug}
        keep_accounts.give_role("ana@example.edu", Role.COORDINATOR, **place, **WHO)
        db.session.flush()
        ana = acting.actor_of(db.session.scalars(select(Account)).one())
        for day in (10, 11, 12):
            when = builders.at(f"2027-02-{day}T10:00")
            plan_event(builders.a_plan(campus, when=when, experts=[pelican]), actor=ana, now=NOW)
    assert states(bare_app) == ["awaits_release"] * 3
    planner.get("/asked/2027-02-10")
    planner.submit("Release all who are ticked")
    assert "3 people are released and asked now." in planner.text
    assert states(bare_app) == ["needs_action"] * 3
