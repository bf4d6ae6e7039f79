"""What would work instead, after a no: each offer is rehearsed, so that its button never leads to the same no."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.directory.models import Campus, Topic
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox.models import Message
from tests import builders
from tests.interfaces.browser import words_of
from tests.interfaces.pages import HARBOR, PASADENA

WISH = {"title": "Zero-emission careers", "date": "2027-02-10", "time": "14:00", "duration_minutes": "90"}


@pytest.fixture
def form(world, planner):
    planner.get(f"/plan?campus={PASADENA}")
    return planner


def offers(page) -> list[str]:
    return [words_of(button) for button in page.select("button[name=suggestion]")]


def follow(browser, label: str):
    """Press a button that stands outside of its form and belongs to it."""
    button = next(one for one in browser.page.select("button[name=suggestion]") if words_of(one) == label)
    form = browser.page.find(id=button["form"])
    browser.post(form["action"], {**browser._filled(form), "suggestion": button["value"]})
    return browser.page


def rows(app) -> list[int]:
    with app.app_context():
        return [db.session.scalar(select(func.count()).select_from(table)) for table in (Event, Message)]


def test_the_start_offered_is_the_earliest_that_satisfies_everything_at_once(form, world):
    world.plan(builders.at("2027-02-10T13:00"), title="In the room", rooms=("creveling-lounge",))
    world.plan(builders.at("2027-02-10T12:00"), campus=HARBOR, title="Far away", experts=("expert-one",))
    page = form.submit("Plan", values={**WISH, "rooms": "creveling-lounge", "experts": "expert-one"})
    # The room is free from 2:15 PM and needs 30 minutes of set-up; the expert could be there for 2:25 PM.
    assert offers(page)[0] == "Start at 2:45 PM"
    page = follow(form, "Start at 2:45 PM")
    assert words_of(page.select_one("#free h2")) == "Everything is free"
    assert page.select_one("#f-time")["value"] == "14:45"
    form.submit("Plan")
    assert form.path.startswith("/events/")


def test_what_stands_behind_the_first_obstacle_is_seen_too(form, world):
    world.plan(builders.at("2027-02-10T13:30"), title="First", rooms=("harbor-hall",))
    world.plan(builders.at("2027-02-10T15:00"), title="Second", rooms=("harbor-hall",))
    page = form.submit("Plan", values={**WISH, "rooms": "harbor-hall"})
    assert offers(page)[0] == "Start at 4:00 PM"


def test_no_start_is_offered_where_none_helps_on_that_day(form, world):
    world.plan(builders.at("2027-02-10T08:00"), campus=HARBOR, experts=("expert-three",))
    page = form.submit("Plan", values={**WISH, "experts": "expert-three"})
    assert words_of(page.select_one(".clash h3")) == "Expert Three is booked as often as agreed"
    assert offers(page) == []
    world.plan(builders.at("2027-02-10T13:00", 7 * 60 + 30), rooms=("harbor-hall",), title="All evening")
    page = form.submit("Plan", values={"experts": [], "rooms": "harbor-hall"})
    assert not [offer for offer in offers(page) if offer.startswith("Start")]


def test_other_rooms_are_offered_that_are_free_and_large_enough(form, world, bare_app):
    with bare_app.app_context(), transaction():
        campus = db.session.scalar(select(Campus).where(Campus.slug == PASADENA))
        for name, seats in (("small-room", 10), ("taken-room", 50), ("round-room", 45), ("great-hall", 500)):
            builders.a_room(name, on=campus, capacity=seats)
    world.plan(rooms=("creveling-lounge", "taken-room"))
    page = form.submit("Plan", values={**WISH, "rooms": "creveling-lounge", "expected_heads": "40"})
    assert [offer for offer in offers(page) if offer.startswith("Use")] == [
        "Use Round Room (45 seats)",
        "Use Great Hall (500 seats)",
    ]
    page = follow(form, "Use Round Room (45 seats)")
    assert page.select_one("#free") is not None
    assert [box["value"] for box in page.select("input[name=rooms][checked]")] == ["round-room"]


def test_an_offer_is_made_by_rehearsal_and_leaves_nothing_behind(form, world, bare_app):
    world.plan(rooms=("harbor-hall",))
    before = rows(bare_app)
    form.submit("Plan", values={**WISH, "rooms": "harbor-hall", "experts": "expert-one"})
    assert offers(form.page)
    assert rows(bare_app) == before
    follow(form, offers(form.page)[0])
    assert rows(bare_app) == before


def test_a_move_is_offered_the_same(world, planner):
    world.plan(builders.at("2027-02-12T09:00"), rooms=("harbor-hall",), title="The other")
    event_id = world.plan(rooms=("harbor-hall",))
    planner.get(f"/events/{event_id}/move")
    planner.submit("Move", values={"date": "2027-02-12", "time": "09:30"})
    assert offers(planner.page)[0] == "Start at 10:00 AM"
    follow(planner, "Start at 10:00 AM")
    planner.submit("Move")
    assert "Friday, February 12, 2027, 10:00 AM" in planner.text


@pytest.mark.parametrize("strange", ["start", "start 25:99 once", "room x", "room a b", "start 10:00 never", "\x00"])
def test_a_suggestion_nobody_made_hurts_nobody(form, bare_app, strange):
    before = rows(bare_app)
    form.post("/plan", {**WISH, "kind": "workshop", "campus": PASADENA, "suggestion": strange})
    assert form.status in (200, 422)
    assert rows(bare_app) == before


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
