"""The planning form, and above all its no."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.directory.models import Campus, Expert, Room, Topic
from eventsvc.domain.events.models import Event, Status, Visibility
from tests import builders
from tests.interfaces.browser import words_of
from tests.interfaces.pages import HARBOR, PASADENA


@pytest.fixture
def form(world, planner):
    """The form, begun at Pasadena."""
    planner.get("/plan")
    planner.submit("Go on", values={"campus": PASADENA})
    return planner


def wish(**more):
    values = {"title": "Zero-emission careers", "date": "2027-02-10", "time": "14:00", "duration_minutes": "90"}
    return {**values, **more}


def count(app, table) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def clashes(page) -> list[tuple[str, str]]:
    return [(words_of(clash.find("h3")), words_of(clash)) for clash in page.select(".clash")]


def errors(page) -> dict[str, str]:
    """Every error of the summary: the id that its link leads to, and its words."""
    return {link["href"]: words_of(link) for link in page.select(".refusal .errors a")}


def test_the_campus_is_chosen_first_and_brings_its_rooms(form):
    rooms = {box["value"] for box in form.page.select("input[name=rooms]")}
    assert rooms == {"creveling-lounge", "harbor-hall"}
    assert "60 seats" in form.text
    assert "30 min set-up, 15 min take-down" in form.text


def test_another_campus_brings_other_rooms_and_loses_nothing(form):
    page = form.submit("Show this campus’s rooms", values=wish(campus=HARBOR, experts="expert-two"))
    assert form.status == 200
    assert {box["value"] for box in page.select("input[name=rooms]")} == {"seahawk-center"}
    assert page.select_one("#f-title")["value"] == "Zero-emission careers"
    assert page.select_one("#f-date")["value"] == "2027-02-10"
    assert [box["value"] for box in page.select("input[name=experts][checked]")] == ["expert-two"]


def test_a_plan_becomes_an_event_with_everything_that_was_typed(form, bare_app):
    form.submit(
        "Plan",
        values=wish(
            kind="workshop",
            rooms=["creveling-lounge"],
            experts=["expert-one", "expert-two"],
            topics=["stewardship"],
            co_hosts=["port-of-los-angeles"],
            expected_heads="30",
            audience="students, , alumni",
            description="Two\r\nlines",
            visibility="organizations",
            online_url="https://meet.example/1",
        ),
    )
    assert form.path.startswith("/events/")
    assert "Planned. 1 room is held. 2 experts are held and asked by mail." in form.text
    with bare_app.app_context():
        event = db.session.scalars(select(Event)).one()
        assert (event.status, event.kind, event.title) == (Status.REQUESTED, "workshop", "Zero-emission careers")
        assert [room.slug for room in event.rooms] == ["creveling-lounge"]
        assert [expert.slug for expert in event.experts] == ["expert-one", "expert-two"]
        assert [topic.slug for topic in event.topics] == ["stewardship"]
        assert [organization.slug for organization in event.co_hosts] == ["port-of-los-angeles"]
        assert (event.expected_heads, event.audience) == (30, ["students", "alumni"])
        assert (event.description, event.visibility) == ("Two\nlines", Visibility.ORGANIZATIONS)
        assert event.online_url == "https://meet.example/1"


def test_the_check_says_that_all_is_free_and_writes_nothing(form, bare_app):
    page = form.submit("Check only", values=wish(rooms="harbor-hall", experts="expert-one"))
    assert form.status == 200
    assert words_of(page.select_one("#free h2")) == "Everything is free"
    assert page.select_one("#f-title")["value"] == "Zero-emission careers"
    assert (count(bare_app, Event), count(bare_app, AuditEntry)) == (0, 0)
    form.submit("Plan")
    assert form.path.startswith("/events/")


def test_a_draft_reserves_nothing_until_it_is_requested(form, world):
    form.submit("Keep as a draft", values=wish(rooms="harbor-hall"))
    assert "Draft" in form.text
    world.plan(builders.at("2027-02-10T14:00"), rooms=("harbor-hall",), title="First come")
    form.submit("Request: reserve and ask everybody")
    assert form.status == 409
    assert clashes(form.page)[0][0] == "Harbor Hall is taken at that time"


def test_the_no_names_every_clash_in_words_and_what_to_change(form, world, bare_app):
    world.plan(builders.at("2027-02-10T13:00"), title="Taken first", rooms=("creveling-lounge",))
    world.plan(builders.at("2027-02-10T12:00"), campus=HARBOR, title="Far away", experts=("expert-one",))
    world.plan(builders.at("2027-02-10T08:00"), campus=HARBOR, title="The daily one", experts=("expert-three",))
    before = count(bare_app, Event)
    values = wish(rooms=["creveling-lounge", "harbor-hall"], experts=["expert-one", "expert-three"])
    page = form.submit("Plan", values={**values, "expected_heads": "100"})
    assert form.status == 409
    said = clashes(page)
    assert [headline for headline, _ in said] == [
        "Creveling Lounge is taken at that time",
        "Creveling Lounge is too small",
        "Harbor Hall is too small",
        "Expert One cannot get there in time",
        "Expert Three is booked as often as agreed",
    ]
    room, _, small, way, often = (words for _, words in said)
    assert "Busy 12:30 PM – 2:15 PM." in room
    assert "You need it 1:30 PM – 3:45 PM, set-up and take-down included." in room
    assert "Held for “Taken first” (" in room
    assert "What to change: Choose another room, or a start whose set-up begins at 2:15 PM or later." in room
    assert "It seats 20, and 100 people are expected." in small
    assert "Booked at Los Angeles Harbor College" in way
    assert "The way takes 1 hour 10 minutes, and 45 minutes are left." in way
    assert "Start at least 25 minutes later, or choose another expert." in way
    assert "At most 1 event a day; 1 is booked already." in often
    assert "Choose another day, or another expert." in often
    assert count(bare_app, Event) == before


def test_the_no_in_spanish_ends_no_sentence_in_two_dots(form, world):
    world.plan(builders.at("2027-02-10T13:00"), title="Taken first", rooms=("creveling-lounge",))
    world.plan(builders.at("2027-02-10T12:00"), campus=HARBOR, title="Far away", experts=("expert-one",))
    form.get(f"/plan?campus={PASADENA}&lang=es")
    page = form.submit("Planificar", values=wish(rooms="creveling-lounge", experts="expert-one"))
    room, way = (words for _, words in clashes(page))
    assert "12:30 p.m. – 2:15 p.m.: no está libre." in room
    assert "tiene compromiso en Los Angeles Harbor College. El traslado toma 1 hora 10 minutos" in way
    assert ".." not in room + way


def test_the_no_says_the_day_and_the_zone_where_the_hours_alone_would_mislead(form, world):
    """What is in the way began on the day before."""
    world.plan(builders.at("2027-02-09T22:00", 17 * 60), title="All night", rooms=("harbor-hall",))
    page = form.submit("Plan", values=wish(rooms="harbor-hall"))
    (_, words) = clashes(page)[0]
    assert "Busy Tuesday, February 9, 2027, 10:00 PM – Wednesday, February 10, 2027, 3:00 PM (Pacific Stan" in words
    assert "3:00 PM (Pacific Standard Time) or later" in words


def test_the_travel_clash_with_what_comes_after_asks_for_an_earlier_end(form, world):
    world.plan(builders.at("2027-02-10T16:00"), campus=HARBOR, experts=("expert-one",))
    page = form.submit("Plan", values=wish(experts="expert-one"))
    (_, words) = clashes(page)[0]
    # The event ends 3:30 PM, the next arrival is 3:45 PM, the way takes 70 minutes.
    assert "End at least 55 minutes earlier, or choose another expert." in words


def test_what_helps_according_to_the_no_really_helps(form, world):
    world.plan(builders.at("2027-02-10T12:00"), campus=HARBOR, title="Far away", experts=("expert-one",))
    form.submit("Plan", values=wish(experts="expert-one"))
    assert "Start at least 25 minutes later" in form.text
    form.submit("Plan", values={"time": "14:24"})
    assert form.status == 409
    form.submit("Plan", values={"time": "14:25"})
    assert form.path.startswith("/events/")


def test_after_a_no_the_form_is_filled_and_the_clash_stands_beside_its_choice(form, world):
    world.plan(rooms=("harbor-hall",))
    page = form.submit("Plan", values=wish(rooms="harbor-hall", experts="expert-two", description="Come <all>"))
    assert page.select_one("#f-title")["value"] == "Zero-emission careers"
    assert page.select_one("#f-time")["value"] == "14:00"
    assert page.select_one("#f-description").get_text() == "\nCome <all>"
    box = page.select_one("#room-harbor-hall")
    assert box.has_attr("checked")
    beside = page.find(id=box["aria-describedby"])
    assert words_of(beside) == "Harbor Hall is taken at that time"
    assert not page.select_one("#expert-expert-two").has_attr("aria-describedby")


def test_a_second_form_for_the_same_is_answered_by_the_clash_page(form):
    form.submit("Plan", values=wish(rooms="harbor-hall"))
    form.get(f"/plan?campus={PASADENA}")
    form.submit("Plan", values=wish(rooms="harbor-hall"))
    assert form.status == 409
    assert "Held for “Zero-emission careers”" in form.text


def test_every_empty_field_is_named_at_once_with_a_link_to_it(form):
    page = form.submit("Plan", values=wish(title="", date="", duration_minutes="half an hour", expected_heads="2.5"))
    assert form.status == 422
    assert errors(page) == {
        "#f-title": "The title is missing.",
        "#f-date": "Say on which day and at what time it starts.",
        "#f-duration_minutes": "The length must be a whole number of minutes, for instance 90.",
        "#f-expected_heads": "The expected number of people must be a whole number, for instance 40.",
    }
    for target, words in errors(page).items():
        field = page.select_one(target)
        assert field["aria-invalid"] == "true"
        described = [words_of(page.find(id=name)) for name in field["aria-describedby"].split()]
        assert words in described


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"date": "2027-01-04"}, "#f-date", "The day and start lie in the past."),
        (
            {"duration_minutes": "0"},
            "#f-duration_minutes",
            "The length must be between 1 minute and 14 days",
        ),
        ({"title": "x" * 201}, "#f-title", "Title: this is 201 characters long, and 200 fit."),
        ({"title": "bell\x07"}, "#f-title", "Title: it holds characters that cannot be seen"),
        (
            {"online_url": "javascript:alert(1)"},
            "#f-online_url",
            "The online link must be an address that starts with",
        ),
        (
            {"date": "2027-03-14", "time": "02:30"},
            "#f-date",
            "That time does not exist: the clock is put forward",
        ),
        ({"campus": "nowhere"}, "#f-campus", "Choose one of the campuses"),
        ({"rooms": "seahawk-center"}, "#f-rooms", "Rooms: “seahawk-center” is not a room of this campus."),
        ({"experts": "nobody"}, "#f-experts", "Experts: “nobody” does not exist."),
        ({"kind": "party"}, "#f-kind", "Choose one of the kinds."),
        ({"campus": ""}, "#f-owner", "Without a campus, choose the office in charge."),
        ({"lasts": "days", "date": "", "time": ""}, "#f-date", "Say on which day it begins."),
        ({"lasts": "days", "days": "0"}, "#f-days", "The number of days must be between 1 and 60."),
    ],
)
def test_a_field_that_cannot_be_accepted_is_named_beside_it(form, bare_app, values, field, words):
    page = form.submit("Plan", values=wish(**values))
    assert form.status == 422
    assert words in errors(page)[field]
    assert page.select_one(field)["aria-invalid"] == "true" or field in ("#f-rooms", "#f-experts")
    assert count(bare_app, Event) == 0


def test_the_hour_that_comes_twice_asks_which_one_only_then(form, bare_app):
    assert form.page.select("input[name=starts_side]") == []
    page = form.submit("Plan", values=wish(date="2027-11-07", time="01:30"))
    assert form.status == 422
    assert "That time comes twice" in errors(page)["#f-date"]
    choices = [words_of(box.parent) for box in page.select("input[name=starts_side]")]
    assert choices == [
        "The first: 1:30 AM (Pacific Daylight Time)",
        "The second: 1:30 AM (Pacific Standard Time)",
    ]
    form.submit("Plan", values={"starts_side": "later"})
    with bare_app.app_context():
        assert db.session.scalars(select(Event)).one().starts_at.hour == 9


def test_an_all_day_event_ignores_the_hours_left_in_the_form(form, bare_app):
    form.submit("Plan", values=wish(lasts="days", days="3"))
    with bare_app.app_context():
        event = db.session.scalars(select(Event)).one()
        assert (event.all_day, event.days, event.starts_local) == (True, 3, None)


def test_an_online_event_names_its_office(form, bare_app):
    form.submit("Plan", values=wish(campus="", owner="port-outreach", online_url="https://meet.example"))
    assert "Online" in form.text
    with bare_app.app_context():
        assert db.session.scalars(select(Event)).one().campus_id is None


def test_markup_in_every_field_is_shown_and_not_run(form, world, bare_app):
    script = "<script>alert('&')</script>"
    world.plan(title=script, rooms=("harbor-hall",), audience=(script,), description=script)
    page = form.submit("Plan", values=wish(title=script, rooms="harbor-hall", audience=script, description=script))
    assert form.status == 409
    assert page.find("script", src=False) is None
    assert page.select_one("#f-title")["value"] == script
    assert page.select_one("#f-description").get_text() == f"\n{script}"
    assert f"Held for “{script}”" in words_of(page.select_one(".clash"))
    for path in ("/", "/month/2027-02"):
        assert form.get(path).find("script", src=False) is None
        assert script in form.text
    event_path = form.get("/").select_one(".card a")["href"]
    for path in (event_path, f"{event_path}/edit", f"{event_path}/move"):
        assert form.get(path).find("script", src=False) is None
        assert script in form.text


def test_names_with_markup_are_shown_and_not_run(world, visitor, planner, bare_app):
    script = "<script>alert(1)</script>"
    with bare_app.app_context(), transaction():
        for kind in (Campus, Room, Expert, Topic):
            for entry in db.session.scalars(select(kind)):
                entry.name = script
    event_id = world.plan(rooms=("harbor-hall",), experts=("expert-one",), topics=("stewardship",))
    paths = ["/", "/month/2027-02", f"/events/{event_id}", "/calendars", world.answer_path(event_id)]
    for path in paths:
        assert visitor.get(path).find("script", src=False) is None
        assert script in visitor.page.get_text()
    for path in (f"/plan?copy={event_id}", f"/events/{event_id}/move"):
        assert planner.get(path).find("script", src=False) is None
    page = planner.submit("Move", values={"date": "2027-02-09", "time": "14:00", "rooms": [], "expected_heads": "1"})
    assert page.find("script", src=False) is None


@pytest.mark.parametrize("strange", ["nowhere", "%00", "\x1f", "x" * 3000, "%F0%9F%8E%93", "' OR 1=1 --"])
def test_strange_words_in_the_address_hurt_nobody(world, planner, strange):
    planner.get(
        f"/plan?campus={strange}&owner={strange}&rooms={strange}&starts_side={strange}&date={strange}&time=25:99"
    )
    assert planner.status == 200
    for path in (
        f"/plan?copy={strange}",
        f"/?campus={strange}",
        f"/?kind={strange}",
        f"/month/2027-02?topic={strange}",
    ):
        planner.get(path)
        # What is nothing but unseen characters is no filter at all in the lists.
        assert planner.status == (404 if strange.strip() or "copy" in path else 200), path


def test_strange_words_in_every_field_are_refused_and_nothing_breaks(form, bare_app):
    strange = "\x00\x1f"
    names = ["kind", "title", "campus", "owner", "rooms", "experts", "topics", "co_hosts", "visibility", "audience"]
    names += ["description", "online_url", "expected_heads", "date", "time", "duration_minutes", "days", "lasts"]
    form.submit("Plan", values=dict.fromkeys(names, strange))
    assert form.status == 422
    assert count(bare_app, Event) == 0
    for name in set(names) - {"lasts", "days"}:  # an event at a time of day has no number of days
        form.get(f"/plan?campus={PASADENA}")
        form.submit("Plan", values=wish(**{name: strange}))
        assert form.status == 422, name
