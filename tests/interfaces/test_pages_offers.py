"""What could be had instead, after a no: whole offers, each one press away, and held while one looks."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.models import Hold
from eventsvc.domain.directory.models import Campus, Topic
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox.models import Message
from tests import builders
from tests.conftest import NOW
from tests.interfaces.browser import words_of
from tests.interfaces.pages import HARBOR, PASADENA

WISH = {"title": "Zero-emission careers", "date": "2027-02-10", "time": "14:00", "duration_minutes": "90"}


@pytest.fixture
def form(world, planner):
    planner.get(f"/plan?campus={PASADENA}")
    return planner


def offers(page) -> list[tuple[str, str, list[str]]]:
    """Each offer: its time, its rooms and people, its reasons."""
    return [
        (
            words_of(one.find("h4")),
            words_of(one.find("p")) if one.find("p", attrs={"dir": "auto"}) else "",
            [words_of(reason) for reason in one.select("ul li")],
        )
        for one in page.select(".offers > li")
    ]


def take(browser, number: int):
    """Press "Take this" of an offer: it stands outside of its form and belongs to it."""
    button = browser.page.select("button[name=offer]")[number]
    assert words_of(button) == "Take this"
    return send(browser, button["value"])


def send(browser, value: str):
    button = browser.page.select("button[name=offer]")[0]
    form = browser.page.find(id=button["form"])
    return browser.post(form["action"], {**browser._filled(form), "offer": value})


def ticked(page, name: str) -> list[str]:
    return [box["value"] for box in page.select(f"input[name={name}][checked]")]


def rows(app, *tables) -> list[int]:
    with app.app_context():
        return [db.session.scalar(select(func.count()).select_from(table)) for table in tables or (Event, Message)]


def test_an_offer_taken_fills_the_form_is_held_and_becomes_the_event(form, world, bare_app):
    world.plan(rooms=("creveling-lounge",), title="In the room")
    page = form.submit("Plan", values={**WISH, "rooms": "creveling-lounge", "experts": "expert-one"})
    assert form.status == 409
    when, names, reasons = offers(page)[0]
    assert when == "Wednesday, February 10, 2027, 2:00 PM – 3:30 PM (Pacific Standard Time)"
    assert names == "Harbor Hall · Expert One"
    assert reasons == [
        "At the time that was wished.",
        "Harbor Hall instead of Creveling Lounge.",
        "It seats 20.",
    ]
    page = take(form, 0)
    assert form.status == 200
    assert words_of(page.select_one("#held h2")) == "Set aside for you"
    assert "Held for you until 9:05 AM: nobody else can take it meanwhile." in form.text
    assert (ticked(page, "rooms"), page.select_one("#f-time")["value"]) == (["harbor-hall"], "14:00")
    # What is set aside for this very form is not in its way.
    assert words_of(page.select_one("#the-day [role=status]")) == "Everything that you chose can be had then."
    assert page.select_one("#f-title")["value"] == WISH["title"]
    assert rows(bare_app, Event, Hold) == [1, 1]
    form.submit("Check only")
    assert form.page.select_one("#free") is not None
    form.submit("Plan")
    assert form.path.startswith("/events/")
    with bare_app.app_context():
        assert db.session.scalars(select(Hold)).one().event_id is not None


def test_nobody_else_can_take_what_is_held(form, world, planner, bare_app):
    world.plan(rooms=("creveling-lounge",), title="In the room")
    form.submit("Plan", values={**WISH, "rooms": "creveling-lounge"})
    take(form, 0)
    held = form.page.select_one("input[name=hold]")["value"]
    form.get(f"/plan?campus={PASADENA}")
    page = form.submit("Plan", values={**WISH, "rooms": "harbor-hall"})
    assert form.status == 409
    at_once = [names for when, names, _ in offers(page) if "February 10, 2027, 2:00 PM" in when]
    assert at_once == []
    assert words_of(page.select_one(".clash h3")) == "Harbor Hall is taken at that time"
    form.submit("Plan", values={"hold": held})
    assert form.path.startswith("/events/")


def test_taking_another_offer_gives_the_first_one_back(form, world, bare_app):
    world.plan(rooms=("creveling-lounge",), title="In the room")
    form.submit("Plan", values={**WISH, "rooms": "creveling-lounge"})
    second = form.page.select("button[name=offer]")[1]["value"]
    shown = form.page
    take(form, 0)
    first = form.page.select_one("input[name=hold]")["value"]
    values = {**form._filled(form.page.find(id="planning")), "offer": second}
    form.post("/plan", values)
    assert form.page.select_one("input[name=hold]")["value"] != first
    assert shown is not form.page
    with bare_app.app_context():
        assert [hold.is_live(NOW) for hold in db.session.scalars(select(Hold).order_by(Hold.id))] == [False, True]


def test_an_ended_hold_says_so_and_plans_anyway_if_all_is_still_free(form, world, still):
    world.plan(rooms=("creveling-lounge",), title="In the room")
    form.submit("Plan", values={**WISH, "rooms": "creveling-lounge"})
    take(form, 0)
    still.move_to(NOW + timedelta(minutes=5))
    page = form.submit("Show this campus’s rooms")
    assert words_of(page.select_one("#held h2")) == "No longer set aside"
    assert "The hold ended at 9:05 AM. “Plan” takes what is still free." in form.text
    form.submit("Plan")
    assert form.path.startswith("/events/")


def test_an_ended_hold_whose_room_is_taken_by_now_gets_new_offers(form, world, still):
    world.plan(rooms=("creveling-lounge",), title="In the room")
    form.submit("Plan", values={**WISH, "rooms": "creveling-lounge"})
    take(form, 0)
    still.move_to(NOW + timedelta(minutes=6))
    world.plan(rooms=("harbor-hall",), title="Faster")
    page = form.submit("Plan")
    assert form.status == 409
    assert len(offers(page)) == 5


def test_an_offer_that_somebody_else_took_meanwhile_is_refused_with_new_ones(form, world):
    world.plan(rooms=("creveling-lounge",), title="In the room")
    form.submit("Plan", values={**WISH, "rooms": "creveling-lounge"})
    world.plan(rooms=("harbor-hall",), title="Faster")
    page = take(form, 0)
    assert form.status == 409
    assert words_of(page.select_one(".clash h3")) == "Harbor Hall is taken at that time"
    assert len(offers(page)) == 5


def test_travel_is_in_the_offers(form, world):
    world.plan(builders.at("2027-02-10T12:00"), campus=HARBOR, title="Far away", experts=("expert-three",))
    page = form.submit("Plan", values={**WISH, "experts": "expert-three", "date": "2027-02-10"})
    assert words_of(page.select_one(".clash h3")) == "Expert Three cannot get there in time"
    # Once a day is agreed: no later start on that day helps, somebody else or another day does.
    own = [when for when, names, _ in offers(page) if names == "Expert Three"]
    assert own
    assert not [when for when in own if "February 10" in when]


def test_other_rooms_are_offered_that_are_free_and_large_enough(form, world, bare_app):
    with bare_app.app_context(), transaction():
        campus = db.session.scalar(select(Campus).where(Campus.slug == PASADENA))
        for name, seats in (("small-room", 10), ("taken-room", 50), ("round-room", 45), ("great-hall", 500)):
            builders.a_room(name, on=campus, capacity=seats)
    world.plan(rooms=("creveling-lounge", "taken-room"))
    page = form.submit("Plan", values={**WISH, "rooms": "creveling-lounge", "expected_heads": "40"})
    at_once = [names for when, names, _ in offers(page) if "February 10, 2027, 2:00 PM" in when]
    assert at_once == ["Round Room", "Great Hall"]


def test_looking_at_offers_leaves_nothing_behind(form, world, bare_app):
    world.plan(rooms=("harbor-hall",))
    before = rows(bare_app, Event, Message, Hold)
    form.submit("Check only", values={**WISH, "rooms": "harbor-hall", "experts": "expert-one"})
    assert offers(form.page)
    assert rows(bare_app, Event, Message, Hold) == before


def test_a_move_is_offered_the_same_and_holds_nothing(form, world, planner, bare_app):
    world.plan(builders.at("2027-02-12T09:00"), rooms=("harbor-hall",), title="The other")
    event_id = world.plan(rooms=("harbor-hall",))
    planner.get(f"/events/{event_id}/move")
    planner.submit("Move", values={"date": "2027-02-12", "time": "09:30"})
    numbers = [n for n, (when, _, _) in enumerate(offers(planner.page)) if "February 12" in when and "10:00 AM" in when]
    take(planner, numbers[0])
    assert planner.page.select_one("#free") is not None
    assert rows(bare_app, Hold) == [0]
    planner.submit("Move")
    assert "Friday, February 12, 2027, 10:00 AM" in planner.text


STRANGE = ["x", "{}", "[]", "null", '{"starts_local": "25:99"}', '{"rooms": ["no-such-room"]}', "\x00", "[" * 5000]
STRANGE += [
    json.dumps({"campus": PASADENA, "starts_local": "2027-02-10T14:00", "duration_minutes": -1, "rooms": ["x"]})
]


@pytest.mark.parametrize("strange", STRANGE)
def test_an_offer_nobody_made_hurts_nobody(form, bare_app, strange):
    before = rows(bare_app, Event, Message, Hold)
    form.post("/plan", {**WISH, "kind": "workshop", "campus": PASADENA, "offer": strange})
    assert form.status in (200, 422)
    assert rows(bare_app, Event, Message, Hold) == before


def test_the_picture_says_its_hours_in_words(form, world):
    world.plan(builders.at("2027-02-10T12:00"), campus=HARBOR, title="Far away", experts=("expert-one",))
    page = form.submit("Plan", values={**WISH, "experts": "expert-one"})
    said = [(words_of(bar.find("dt")), words_of(bar.find("dd"))) for bar in page.select(".bars .bar")]
    assert said == [
        ("Taken", "11:45 AM to 1:00 PM"),
        ("On the way", "1:00 PM to 2:10 PM"),
        ("You want", "1:45 PM to 3:30 PM"),
    ]
    for drawn in page.select(".bars rect.part"):
        assert 0 <= float(drawn["x"]) <= float(drawn["x"]) + float(drawn["width"]) <= 100


def test_the_no_comes_first_and_takes_the_focus_without_scripts(form, world):
    world.plan(rooms=("harbor-hall",))
    page = form.submit("Plan", values={**WISH, "rooms": "harbor-hall"})
    first = next(tag for tag in page.find("main").find_all(True))
    assert first["id"] == "refusal"
    assert first.has_attr("autofocus")
    assert first["tabindex"] == "-1"


# --- long lists ---------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(world, bare_app):
    """150 more experts, three of whom know a topic."""
    with bare_app.app_context(), transaction():
        port = builders.an_organization("harbor-employer")
        stewardship = db.session.scalar(select(Topic).where(Topic.slug == "stewardship"))
        for number in range(150):
            topics = [stewardship] if number % 50 == 0 else []
            builders.an_expert(f"member-{number:03}", of=port, topics=topics)


def near_and_rest(page) -> tuple[list[str], int]:
    found = page.select_one("#found-experts")
    rest = found.select("details input[name=experts]")
    near = [box["value"] for box in found.select("input[name=experts]") if box not in rest]
    return near, len(rest)


def test_of_many_experts_the_chosen_and_those_for_the_topic_come_first(form, crowd):
    form.get(f"/plan?campus={PASADENA}")
    assert near_and_rest(form.page) == ([], 153)
    assert form.page.select_one("#found-experts details").has_attr("open")
    form.submit("Show this campus’s rooms", values={"topics": "stewardship", "experts": "expert-two"})
    assert near_and_rest(form.page) == (["expert-two", "member-000", "member-050", "member-100"], 149)
    page = form.submit("Find", values={"find_expert": "harbor MEMBER 149"})
    assert near_and_rest(page) == (["expert-two", "member-149"], 151)
    page = form.submit("Find", values={"find_expert": "nobody at all"})
    assert near_and_rest(page) == (["expert-two"], 152)


def test_a_refused_expert_of_many_is_seen_without_opening_anything(form, world, crowd):
    world.plan(experts=("expert-one",))
    page = form.submit("Plan", values={**WISH, "experts": "expert-one"})
    assert near_and_rest(page)[0] == ["expert-one"]
    assert page.select_one("#found-experts li.wrong input")["value"] == "expert-one"


def test_times_are_said_to_be_those_of_the_place(form):
    assert "All times are those of Pasadena City College: Pacific Time." in form.text
    form.submit("Show this campus’s rooms", values={"campus": ""})
    assert "All times are those of the office in charge." in form.text
    assert words_of(form.page.select_one("#f-owner option")) == "Choose the office in charge"
    form.submit("Show this campus’s rooms", values={"owner": "port-outreach"})
    assert "All times are those of the office in charge: Pacific Time." in form.text


def test_what_was_done_is_said_exactly(form, bare_app, world):
    with bare_app.app_context(), transaction():
        builders.an_expert("no-address", email="", office=builders.an_office("no-mailbox", mailbox=""))
    form.get(f"/plan?campus={PASADENA}")
    form.submit("Plan", values={**WISH, "experts": ["expert-one", "no-address"]})
    assert "Planned. 1 expert is held and asked by mail. No Address is held too, but has no address" in form.text
    form.get(f"/plan?campus={PASADENA}")
    form.submit("Plan", values=WISH)
    assert "Planned. It needs no room and nobody" in form.text


def test_an_audience_named_twice_is_named_once_and_a_host_is_no_co_host(form, bare_app):
    with bare_app.app_context():
        host = db.session.scalar(select(Campus).where(Campus.slug == PASADENA)).organization.slug
    audience = "Students, students ,  alumni,, Alumni"
    form.submit("Plan", values={**WISH, "audience": audience, "co_hosts": [host, "port-of-los-angeles"]})
    with bare_app.app_context():
        event = db.session.scalars(select(Event)).one()
        assert event.audience == ["Students", "alumni"]
        assert [organization.slug for organization in event.co_hosts] == ["port-of-los-angeles"]
