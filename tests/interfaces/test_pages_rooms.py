"""The page behind the link in a letter to a room's office, and what planners see and record of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventsvc.core import clock
from eventsvc.core.db import transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Room
from eventsvc.workflows.ask_rooms import nudge
from eventsvc.workflows.call_off_event import withdraw_event
from eventsvc.workflows.move_event import Destination, move_event
from tests import builders
from tests.interfaces import pages
from tests.interfaces.browser import words_of

YES, NO = "Yes, grant the room", "No, it cannot be had"


@pytest.fixture(autouse=True)
def facilities(world, bare_app):
    """The rooms desk grants the lounge; the office in charge is another (the first of the college by its slug)."""
    with bare_app.app_context(), transaction():
        office = builders.an_office("rooms-desk", of=lookup.get(Campus, pages.PASADENA).organization)
        office.telephone = "626-555-0123"
        room = lookup.get(Room, "creveling-lounge")
        room.office, room.needs_approval, room.outside_reference = office, True, "25L-77"


@pytest.fixture
def event_id(world, facilities):
    return world.plan(
        rooms=("creveling-lounge",), experts=("expert-one",), expected_heads=40, accommodations="Captions"
    )


@pytest.fixture
def path(world, event_id):
    return world.room_answer_path(event_id)


def labels(page) -> list[str]:
    return [words_of(button) for button in page.select("main button")]


def test_the_page_says_what_is_asked_of_the_room_and_names_nobody(path, visitor):
    page = visitor.get(path)
    assert words_of(page.find("h1")) == "May we have Creveling Lounge?"
    for words in ("25L-77", "About 40 people", "Captions", "1:30 PM – 3:45 PM", "30 min set-up, 15 min take-down"):
        assert words in visitor.text, words
    assert labels(page) == [YES, NO]
    assert "Expert One" not in visitor.text
    assert "Set-Cookie" not in visitor.response.headers
    assert visitor.response.headers["Cache-Control"] == "no-store"


def test_both_languages(path, visitor):
    assert words_of(visitor.get(f"{path}?lang=es").find("h1")) == "¿Podemos usar Creveling Lounge?"


def test_yes_with_a_number_then_no_with_a_reason_then_yes_again(path, visitor):
    visitor.get(path)
    page = visitor.submit(YES, values={"reference": "R-42"})
    assert words_of(page.find("h1")) == "Thank you: you have granted Creveling Lounge"
    assert "Your reservation: R-42" in visitor.text
    assert labels(page) == ["Save the number", NO]
    page = visitor.submit(NO, values={"reason": "A pipe burst"})
    assert words_of(page.find("h1")) == "Thank you for telling us: Creveling Lounge cannot be had"
    assert "A pipe burst" in visitor.text
    assert labels(visitor.submit(YES)) == ["Save the number", NO]


def test_a_number_that_is_too_long_is_refused_and_kept(path, visitor):
    visitor.get(path)
    page = visitor.submit(YES, values={"reference": "x" * 121})
    assert visitor.status == 422
    assert page.select_one("#f-reference")["value"] == "x" * 121
    assert page.select_one("#e-reference") is not None


def test_a_page_left_open_over_a_move_is_no_yes(path, visitor, world, event_id):
    visitor.get(path)
    world.run(move_event, event_id, to=Destination(time={"starts_local": builders.at("2027-02-11T14:00").starts_local}))
    page = visitor.submit(YES)
    assert visitor.status == 409
    assert "The event has changed since you were asked" in words_of(page.select_one("#refusal"))
    assert words_of(page.find("h1")) == "May we have Creveling Lounge?"


def test_what_is_off_not_needed_or_over_leaves_nothing_to_do(path, visitor, world, event_id, still):
    world.run(move_event, event_id, to=Destination(rooms=()))
    page = visitor.get(path)
    assert (words_of(page.find("h1")), labels(page)) == ("Your room is not needed for this event any more", [])
    world.run(withdraw_event, event_id)
    assert words_of(visitor.get(path).find("h1")) == "This event does not take place"
    still.shift(timedelta(days=40))
    assert words_of(visitor.get(path).find("h1")) == "The time for this link is over"
    assert visitor.status == 410


def test_the_public_reads_room_requested_until_it_is_granted(path, visitor, event_id):
    for page in ("/", f"/events/{event_id}"):
        visitor.get(page)
        assert "Room requested" in visitor.text
        assert "Creveling Lounge" not in visitor.text
    visitor.get(path)
    visitor.submit(YES)
    visitor.get(f"/events/{event_id}")
    assert "Creveling Lounge" in visitor.text
    visitor.get(path)
    visitor.submit(NO)
    visitor.get("/")
    assert "Room to be announced" in visitor.text


def test_a_planner_sees_where_the_room_stands_and_records_what_the_office_said(planner, event_id):
    planner.get(f"/events/{event_id}")
    assert "Creveling Lounge: its office has not answered yet." in planner.text
    assert "626-555-0123" in planner.text
    planner.submit("The room is granted", values={"reference": "R-7"})
    assert "Recorded: the room is granted." in words_of(planner.page)
    assert "Reservation: R-7" in planner.text
    planner.submit("The room cannot be had", values={"reason": "A concert"})
    assert "Creveling Lounge: its office cannot give it. Choose another room." in planner.text
    assert "Reason: A concert" in planner.text


def test_a_record_that_is_too_long_is_refused_beside_its_field(planner, event_id):
    planner.get(f"/events/{event_id}")
    page = planner.submit("The room is granted", values={"reference": "x" * 121})
    assert planner.status == 422
    assert page.select_one("#f-reference")["value"] == "x" * 121
    assert page.select_one("details[open] #f-reference") is not None


def test_nobody_but_planners_records(visitor, planner, event_id):
    visitor.get("/sign-in")
    visitor.post(f"/events/{event_id}/grant_room", {"room": "creveling-lounge"})
    assert visitor.status == 401
    assert "its office has not answered yet" in words_of(planner.get(f"/events/{event_id}"))


def test_open_requests_name_the_room_its_office_and_a_nudge(planner, event_id):
    planner.get("/requests")
    assert "Creveling Lounge: its office has not answered yet." in planner.text
    assert "Rooms Desk , 626-555-0123" in planner.text
    planner.submit("Ask the office once more")
    assert "The office is asked once more by mail." in words_of(planner.page)
    planner.get("/requests")
    planner.submit("Ask the office once more")
    assert planner.status == 409
    assert "The office was written to today already; please telephone." in planner.text


def test_a_confirmed_event_that_lost_its_room_is_an_open_request_again(planner, visitor, world, event_id, path):
    visitor.get(world.answer_path(event_id))
    visitor.submit("Yes, I come")
    planner.get(f"/events/{event_id}")
    planner.submit("Record the host’s yes")
    visitor.get(path)
    visitor.submit(YES)
    planner.get("/requests")
    assert "Nothing waits for a yes." in planner.text
    visitor.submit(NO)
    planner.get("/requests")
    assert "its office cannot give it" in planner.text


def test_an_office_whose_mailbox_was_emptied_is_telephoned(bare_app, event_id):
    with bare_app.app_context(), transaction():
        lookup.get(Room, "creveling-lounge").office.mailbox = ""
    with bare_app.app_context(), transaction(), pytest.raises(Exception, match="please telephone"):
        nudge(event_id, "creveling-lounge", actor=ADMINISTRATOR, now=clock.now())
