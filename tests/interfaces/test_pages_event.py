"""An event's page: what everybody reads, and what planners do there."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from eventsvc.core.db import transaction
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Room
from eventsvc.domain.events.models import Visibility
from eventsvc.domain.events.schedule import When
from eventsvc.workflows.call_off_event import cancel_event, withdraw_event
from eventsvc.workflows.confirm_event import confirm_as_host
from eventsvc.workflows.edit_event import edit_event
from eventsvc.workflows.move_event import Destination, move_event
from tests import builders
from tests.databases import ADMIN_TOKEN
from tests.interfaces.browser import words_of
from tests.interfaces.pages import PASADENA


@pytest.fixture
def event_id(world):
    return world.plan(
        rooms=("creveling-lounge",),
        experts=("expert-one", "expert-two"),
        topics=("zero-emission",),
        co_hosts=("port-of-los-angeles",),
        audience=("students", "alumni"),
        description="Come and **ask**.",
    )


def facts(page) -> dict[str, str]:
    return {words_of(row.find("dt")): words_of(row.find("dd")) for row in page.select("dl.facts > div")}


def buttons(page) -> set[str]:
    return {words_of(tag) for tag in page.select(".panel button, .panel a.button")}


def test_everybody_reads_what_when_where_and_who(event_id, visitor):
    page = visitor.get(f"/events/{event_id}")
    assert words_of(page.find("h1")) == "Careers at the port"
    assert words_of(page.select_one("p.when")) == (
        "Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)"
    )
    told = facts(page)
    assert told["Who comes"] == "Port Of Los Angeles"
    assert told["For whom"] == "students, alumni"
    assert told["Topics"] == "Zero Emission"
    assert told["Together with"] == "Port Of Los Angeles"
    assert told["Where"].startswith("Creveling Lounge Pasadena City College 1570 East Colorado Boulevard")
    assert page.select_one(".prose strong").get_text() == "ask"
    assert "not confirmed yet" in visitor.text


def test_the_public_reads_no_names_addresses_or_parking_of_people(event_id, visitor):
    visitor.get(f"/events/{event_id}")
    for private in ("Expert One", "expert-one", "port.example", "kiosk", "For planners"):
        assert private not in visitor.response.get_data(as_text=True)


def test_the_zone_is_said_right_on_both_sides_of_the_clock_change(world, visitor):
    summer = world.plan(builders.at("2027-03-15T14:00"))
    visitor.get(f"/events/{summer}")
    assert "2:00 PM – 3:00 PM (Pacific Daylight Time)" in visitor.text


def test_add_to_calendar_knows_four_ways(event_id, visitor):
    links = {words_of(link): link["href"] for link in visitor.get(f"/events/{event_id}").select("#e-add ~ ul a")}
    google = parse_qs(urlsplit(links["Google Calendar"]).query)
    assert google["dates"] == ["20270210T220000Z/20270210T233000Z"]
    assert google["text"] == ["Careers at the port"]
    outlook = parse_qs(urlsplit(links["Outlook, work or school"]).query)
    assert (outlook["startdt"], outlook["enddt"]) == (["2027-02-10T22:00:00Z"], ["2027-02-10T23:30:00Z"])
    assert links["Apple Calendar"] == f"webcal://events.example/events/{event_id}.ics"
    assert links["Calendar file (.ics)"] == f"https://events.example/events/{event_id}.ics"


def test_a_whole_day_goes_into_calendars_as_days(world, visitor):
    fair = world.plan(When(all_day=True, starts_on=date(2027, 5, 4), days=3))
    links = {words_of(link): link["href"] for link in visitor.get(f"/events/{fair}").select("#e-add ~ ul a")}
    assert parse_qs(urlsplit(links["Google Calendar"]).query)["dates"] == ["20270504/20270507"]
    assert "Tuesday, May 4, 2027 – Thursday, May 6, 2027" in visitor.text


def test_unpublished_and_private_events_are_not_found_by_the_public(world, visitor):
    for hidden in (world.plan(published=False), world.plan(visibility=Visibility.PRIVATE)):
        visitor.get(f"/events/{hidden}")
        assert visitor.status == 404


@pytest.mark.parametrize("name", ["x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_event_is_not_found(world, visitor, name):
    visitor.get(f"/events/{name}")
    assert visitor.status == 404
    assert "There is no such event." in visitor.text


def test_the_panel_says_what_is_missing_and_what_is_possible(event_id, planner):
    page = planner.get(f"/events/{event_id}")
    missing = [words_of(item) for item in page.select(".panel ul")[0].find_all("li")]
    assert missing == [
        "The host’s own yes is missing.",
        "Expert One has not answered yet.",
        "Expert Two has not answered yet.",
    ]
    assert buttons(page) == {
        "Record the host’s yes",
        "Move: time, place, people",
        "Edit the words",
        "Copy as a new event",
        "Make a link for a helper",
        "Put at the end of the line-up",
        *(f"{words} ({seat})" for seat in (1, 2) for words in ("Ask somebody else", "Take this seat away")),
        "Add the seat",
        "Decline this request",
        "Withdraw this request",
        "See who will be told",
        *(f"{word} (Expert {one})" for one in ("One", "Two") for word in ("Comes", "Perhaps", "Cannot come")),
    }


def test_a_life_through_the_panel(world, planner):
    event_id = world.plan(published=False)
    planner.get(f"/events/{event_id}")
    planner.submit("Publish")
    assert "Published." in planner.text
    planner.submit("Record the host’s yes")
    assert "Every yes is in." in planner.text
    page = planner.submit("Cancel this event", values={"reason": "No bus"})
    assert "This event does not take place." in planner.text
    assert page.select_one("#e-add") is None
    planner.submit("Bring this event back")
    assert "The event is back" in planner.text
    planner.submit("Postpone this event")
    assert "Please do not come at the time above" in planner.text


def test_a_refused_move_of_life_is_said_on_the_page(world, planner):
    """Somebody takes the room while the event is cancelled; bringing it back names the clash."""
    event_id = world.plan(rooms=("harbor-hall",))
    world.run(confirm_as_host, event_id)
    world.run(cancel_event, event_id)
    world.plan(rooms=("harbor-hall",), title="The other")
    planner.get(f"/events/{event_id}")
    page = planner.submit("Bring this event back")
    assert planner.status == 409
    assert words_of(page.select_one(".clash h3")) == "Harbor Hall is taken at that time"
    assert "Held for “The other”" in words_of(page.select_one(".clash"))
    assert page.select_one(".refusal .button") is None  # what is cancelled has to be brought back before it is moved


def test_a_draft_that_cannot_be_requested_leads_to_where_it_can_be_moved(world, planner):
    planner.get(f"/plan?campus={PASADENA}")
    when = {"date": "2027-02-10", "time": "14:00", "title": "A draft"}
    planner.submit("Keep as a draft", values={**when, "rooms": "harbor-hall"})
    path = planner.path
    world.plan(rooms=("harbor-hall",), title="First come")
    page = planner.submit("Request: reserve and ask everybody")
    assert planner.status == 409
    assert page.select_one(".refusal a.button")["href"] == f"{path}/move"


def test_a_button_of_an_old_page_is_answered_in_words_and_keeps_the_reason(world, planner):
    event_id = world.plan()
    planner.get(f"/events/{event_id}")
    world.run(withdraw_event, event_id)
    planner.submit("Decline this request", values={"reason": "Too late"})
    assert planner.status == 409
    assert "cannot be declined" in planner.text


def test_moving_keeps_the_event_and_says_when_it_was(event_id, planner):
    page = planner.get(f"/events/{event_id}/move")
    assert page.select_one("#f-date")["value"] == "2027-02-10"
    assert {box["value"] for box in page.select("input[type=checkbox][checked]")} == {
        "creveling-lounge",
        "expert-one",
        "expert-two",
    }
    planner.submit("Move", values={"date": "2027-02-11", "time": "09:00"})
    assert planner.path == f"/events/{event_id}"
    assert "Thursday, February 11, 2027, 9:00 AM – 10:30 AM" in planner.text


def test_an_all_day_event_gets_hours_and_back_again(world, planner):
    fair = world.plan(When(all_day=True, starts_on=date(2027, 5, 4), days=3))
    planner.get(f"/events/{fair}/move")
    planner.submit("Move", values={"lasts": "hours", "time": "10:00", "duration_minutes": "120"})
    assert "Tuesday, May 4, 2027, 10:00 AM – 12:00 PM" in planner.text
    planner.get(f"/events/{fair}/move")
    planner.submit("Move", values={"lasts": "days", "days": "2"})
    assert "Tuesday, May 4, 2027 – Wednesday, May 5, 2027" in planner.text


def test_a_move_without_a_length_is_refused_and_keeps_no_old_one(event_id, planner):
    planner.get(f"/events/{event_id}/move")
    planner.submit("Move", values={"duration_minutes": "", "time": ""})
    assert planner.status == 422
    said = [words_of(link) for link in planner.page.select(".refusal .errors a")]
    assert said == ["Say on which day and at what time it starts.", "Say how many minutes it lasts."]


def test_a_refused_move_keeps_the_form(event_id, world, planner):
    world.plan(builders.at("2027-02-12T09:00"), rooms=("creveling-lounge",), title="The other")
    planner.get(f"/events/{event_id}/move")
    page = planner.submit("Move", values={"date": "2027-02-12", "time": "09:00"})
    assert planner.status == 409
    assert page.select_one("#f-date")["value"] == "2027-02-12"
    assert words_of(page.select_one(".clash h3")) == "Creveling Lounge is taken at that time"
    visible = planner.get(f"/events/{event_id}")
    assert "February 10" in words_of(visible.select_one("p.when"))


def test_words_are_edited_and_an_old_form_overwrites_nobody(event_id, world, planner):
    planner.get(f"/events/{event_id}/edit")
    planner.submit("Save the words", values={"title": "New words", "audience": "everybody"})
    assert words_of(planner.page.find("h1")) == "New words"
    assert facts(planner.page)["For whom"] == "everybody"
    planner.get(f"/events/{event_id}/edit")
    world.run(edit_event, event_id, edits={"title": "Newer words"})
    page = planner.submit("Save the words", values={"title": "Old page"})
    assert planner.status == 412
    assert page.select_one("#f-title")["value"] == "Old page"
    planner.get(f"/events/{event_id}")
    assert words_of(planner.page.find("h1")) == "Newer words"


def test_a_copy_has_the_words_and_people_and_no_day(event_id, planner):
    page = planner.get(f"/plan?copy={event_id}")
    assert page.select_one("#f-title")["value"] == "Careers at the port"
    assert page.select_one("#f-date")["value"] == ""
    assert page.select_one("#f-time")["value"] == "14:00"
    assert page.select_one("#f-campus option[selected]")["value"] == PASADENA
    planner.submit("Plan", values={"date": "2027-02-17"})
    assert "Wednesday, February 17, 2027, 2:00 PM" in planner.text


@pytest.mark.parametrize("path", ["move", "edit"])
def test_the_public_is_led_to_the_sign_in(event_id, visitor, path):
    visitor.get(f"/events/{event_id}/{path}")
    assert visitor.path.startswith("/sign-in?next=")


@pytest.mark.parametrize("published", [False, None])
def test_who_is_not_signed_in_is_offered_to_sign_in_and_not_told_whether_there_is_such_an_event(
    world, visitor, published
):
    event = world.plan(published=False) if published is False else "00000000-0000-4000-8000-000000000000"
    page = visitor.get(f"/events/{event}")
    assert visitor.status == 404
    assert "There is no such event." in visitor.text
    assert "Careers at the port" not in page.get_text()
    visitor.get(page.find("a", string="Planners: sign in to see events that are not published")["href"])
    visitor.submit("Sign in", values={"token": ADMIN_TOKEN})
    assert visitor.path == f"/events/{event}"
    assert visitor.status == (404 if published is None else 200)
    assert "Planners: sign in" not in visitor.text


def test_nobody_is_led_to_join_what_is_off(world, visitor):
    event = world.plan(online_url="https://meet.example/port")
    assert visitor.get(f"/events/{event}").find("a", href="https://meet.example/port") is not None
    world.run(confirm_as_host, event)
    world.run(cancel_event, event)
    assert visitor.get(f"/events/{event}").find("a", href="https://meet.example/port") is None


@pytest.mark.parametrize(
    ("moved_to", "due_on"), [("2027-02-01", "Monday, January 25"), ("2027-03-10", "Wednesday, March 3")]
)
def test_the_last_day_to_ask_for_accommodations_moves_with_the_event(world, visitor, moved_to, due_on):
    event = world.plan(builders.at("2027-02-10T14:00"), accommodations_due_on=date(2027, 2, 3))
    world.run(move_event, event, to=Destination(time={"starts_local": builders.at(f"{moved_to}T14:00").starts_local}))
    visitor.get(f"/events/{event}")
    assert f"Please tell the host by {due_on}, 2027." in visitor.text


def test_people_read_what_to_bring_and_until_when_to_ask_for_accommodations(world, planner, visitor):
    event_id = world.plan(rooms=("harbor-hall",))
    edited = {
        "bring": "A résumé\nSturdy shoes",
        "accommodations": "Captions on the screen",
        "accommodations_due_on": "2027-02-03",
    }
    planner.get(f"/events/{event_id}/edit")
    planner.submit("Save the words", values=edited)
    assert planner.status == 200
    told = facts(visitor.get(f"/events/{event_id}"))
    assert told["What to bring"] == "A résumé Sturdy shoes"
    assert told["Accommodations"] == (
        "Captions on the screen Do you need an interpreter, captions, large print or anything else to take part? "
        "Please tell the host by Wednesday, February 3, 2027."
    )
    form = planner.get(f"/events/{event_id}/edit")
    assert form.select_one("#f-accommodations_due_on")["value"] == "2027-02-03"


def test_the_last_day_to_ask_lies_before_the_event(world, planner):
    event_id = world.plan()
    planner.get(f"/events/{event_id}/edit")
    page = planner.submit("Save the words", values={"accommodations_due_on": "2027-02-11"})
    assert planner.status == 422
    assert words_of(page.select_one("#e-accommodations_due_on")) == (
        "The last day to ask for accommodations lies after the event."
    )
    assert page.select_one("#f-accommodations_due_on")["value"] == "2027-02-11"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"harbor-hall": True}, "The room can be reached without steps."),
        ({"harbor-hall": False}, "There are steps on the way to the room."),
        ({"harbor-hall": True, "creveling-lounge": None}, ""),
        ({"harbor-hall": True, "creveling-lounge": False}, "There are steps on the way to the room."),
    ],
)
def test_the_page_says_whether_there_are_steps_where_that_is_known(world, visitor, known, said):
    with world.app.app_context(), transaction():
        for slug, step_free in known.items():
            lookup.get(Room, slug).step_free = step_free
    page = visitor.get(f"/events/{world.plan(rooms=tuple(known))}")
    assert facts(page)["Accommodations"].startswith(said or "Do you need")


def test_the_panel_is_a_jump_away_and_says_what_each_step_means(event_id, planner, visitor):
    page = planner.get(f"/events/{event_id}")
    target = page.select_one("header .to-panel a, .event .to-panel a")["href"]
    assert words_of(page.select_one(target).find("h2")) == "For planners"
    said = [words_of(part.select_one(".hint")) for part in page.select(".panel details:has(textarea)")]
    assert all("Rooms and people are free again." in words for words in said)
    assert len(said) == 2
    assert visitor.get(f"/events/{event_id}").select_one(".to-panel") is None
