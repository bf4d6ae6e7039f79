"""What people and programs do to pages by mistake or on purpose: nothing breaks, is lost or is executed."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.e2e.places import place
from tests.e2e.world import EXPERTS_ADDRESS, PASADENA, World

MARKUP = (
    "<script>window.executed='script'</script>\"><img src=x onerror=\"window.executed='image'\">"
    "<svg onload=window.executed='svg'> {{7*7}} ${7*7} javascript:window.executed=1"
)
HOSTILE = {
    "a very long word": "W" * 200,
    "right to left": " ".join(["معرض الوظائف في الميناء"] * 8),
    "emoji": " ".join(["👩🏽‍🚀🏳️‍🌈👨‍👩‍👧‍👦"] * 8),
    "markup": MARKUP,
}
_TEXT = "input[type=text], input[type=search], input[type=url], textarea"
PHONE = 320


def titled(world: World, title: str) -> int:
    """How many events have that title."""
    found, address = 0, "/api/v1/events?limit=100"
    while address:
        page = json.loads(world.call(address.removeprefix(world.origin)))
        found += sum(event["title"] == title for event in page["items"])
        address = page["next"]
    return found


def open_plan(planner: Person, world: World, title: str) -> None:
    """The planning form, filled with something that is free."""
    planner.go(
        f"/plan?campus={PASADENA}&title={quote(title)}&lasts=hours&date={world.a_day()}&time=10:00"
        "&duration_minutes=60&kind=workshop"
    )


# --- once more ----------------------------------------------------------------------------------------------------


def test_going_back_and_planning_again_makes_no_second_event(new_person, world):
    planner = new_person(role="planner")
    open_plan(planner, world, "Planned once, sent twice")
    planner.press("Plan")
    first = planner.page.url
    planner.page.go_back()
    planner.press("Plan")
    assert (planner.page.url, titled(world, "Planned once, sent twice")) == (first, 1)


def test_a_double_click_makes_one_event(new_person, world):
    planner = new_person(role="planner")
    open_plan(planner, world, "Pressed twice in a row")
    planner.button("Plan").dblclick()
    expect(planner.page.get_by_role("heading", level=1)).to_have_text("Pressed twice in a row")
    planner.look()
    assert titled(world, "Pressed twice in a row") == 1


def test_an_answer_that_is_pressed_twice_is_one_answer(new_person, world):
    world.plan(title="Answered with a double click")
    expert = new_person()
    expert.go(world.answer_path("Answered with a double click"))
    expert.button("Yes, I come").dblclick()
    expect(expert.page.get_by_role("heading", level=1)).to_contain_text("you are coming")


# --- two tabs -----------------------------------------------------------------------------------------------------


def test_a_form_sent_after_signing_out_elsewhere_comes_back_filled(new_person, world):
    planner = new_person(role="planner")
    open_plan(planner, world, "Typed before signing out")
    planner.field("Description").fill("An hour of typing")
    other = planner.another_window()
    other.go("/")
    other.press("Sign out")
    planner.press("Plan")
    assert titled(world, "Typed before signing out") == 0
    planner.field("Token").fill(world.token)
    planner.press("Sign in")
    assert planner.field("Title").input_value() == "Typed before signing out"
    assert planner.field("Description").input_value() == "An hour of typing"
    planner.press("Plan")
    assert titled(world, "Typed before signing out") == 1


def test_choosing_another_campus_after_signing_out_elsewhere_takes_nothing_away(new_person, world):
    planner = new_person(role="planner")
    open_plan(planner, world, "Typed before choosing")
    other = planner.another_window()
    other.go("/")
    other.press("Sign out")
    planner.act(lambda: planner.field("Campus").select_option("los-angeles-harbor-college"))
    planner.field("Token").fill(world.token)
    planner.press("Sign in")
    assert planner.field("Title").input_value() == "Typed before choosing"
    assert planner.field("Campus").input_value() == "los-angeles-harbor-college"
    assert planner.field("Start").input_value() == "10:00"


def test_a_part_that_does_not_come_takes_nothing_away(new_person, world):
    planner = new_person(role="planner")
    open_plan(planner, world, "Typed while the server was busy")
    planner.page.route(
        "**/plan", lambda route: route.fulfill(status=429, content_type="text/html", body="<p>Wait.</p>")
    )
    planner.act(lambda: planner.field("Campus").select_option("los-angeles-harbor-college"))
    assert planner.field("Start").input_value() == "10:00"
    assert planner.field("Title").input_value() == "Typed while the server was busy"


def test_of_two_edits_the_second_is_told_of_the_first_and_keeps_its_words(new_person, world):
    event = world.plan(title="Edited in two tabs")
    first = new_person(role="planner")
    second = first.another_window()
    for window in (first, second):
        window.go(f"/events/{event}/edit")
    first.field("Title").fill("Edited by the first")
    first.press("Save the words")
    second.field("Title").fill("Edited by the second")
    second.press("Save the words")
    expect(second.page.get_by_role("alert")).to_be_visible()
    assert second.field("Title").input_value() == "Edited by the second"
    second.go(f"/events/{event}")
    assert second.heading() == "Edited by the first"


# --- no cookies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["list", "month", "event, confirmed", "calendars", "answer, accepted", "sign-in"])
def test_a_page_needs_no_cookies(name, cookieless, world):
    place(name).way(cookieless, world)
    assert cookieless.context.cookies() == []


def test_an_answer_needs_no_cookies(cookieless, world):
    world.plan(title="Answered without cookies")
    cookieless.go(world.answer_path("Answered without cookies"))
    cookieless.press("Yes, I come")
    assert "you are coming" in cookieless.heading()


def test_signing_in_without_cookies_says_why_it_cannot_be(cookieless, world):
    cookieless.go("/sign-in")
    cookieless.field("Token").fill(world.token)
    cookieless.press("Sign in")
    assert "your browser keeps no cookies" in cookieless.text()


# --- 400 % zoom ---------------------------------------------------------------------------------------------------

_HELD_FAST = """() => [...document.querySelectorAll('body *')]
    .filter(one => ['fixed', 'sticky'].includes(getComputedStyle(one).position))
    .map(one => one.getBoundingClientRect()).filter(box => box.bottom > 0 && box.top < innerHeight)
    .reduce((sum, box) => sum + box.height, 0) / innerHeight"""


@pytest.mark.parametrize("name", ["list", "month", "event, confirmed", "calendars", "plan, refused", "answer, open"])
def test_a_page_can_be_read_at_400_percent(name, new_person, world):
    shown = place(name)
    # A window of 1280 by 1024 at 400 % has 320 by 256 CSS pixels, four dots each.
    person = new_person(role=shown.role, width=320, height=256, device_scale_factor=4)
    shown.way(person, world)
    assert person.page.evaluate(_HELD_FAST) < 0.34, "what stays on screen leaves too little room for the page"


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_a_refused_form_gives_back_what_was_typed_into_every_field(words, new_person, world):
    planner = new_person(role="planner", width=PHONE)
    open_plan(planner, world, "")
    fields = fill_every_field(planner, words)
    planner.press("Plan")
    expect(planner.page.get_by_role("alert")).to_be_visible()
    main = planner.page.get_by_role("main")
    kept = {name: main.locator(f"[name={name}]").input_value() for name in fields}
    assert kept == dict.fromkeys(fields, words)
    assert len(fields) >= 4


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_words_stay_words_wherever_they_are_shown(words, new_person, world):
    title = words.strip()[:200]
    day = world.a_day()
    event = world.plan(
        title=title,
        starts_local=f"{day}T10:00",
        description=words + "\n\n[link](javascript:window.executed=1) ![picture](https://elsewhere.example/x.png)",
        audience=[title[:60], "students"],
    )
    planner = new_person(role="planner", width=PHONE)
    planner.go(f"/events/{event}")
    assert planner.heading() == " ".join(title.split())
    for path in (f"/events/{event}/edit", f"/events/{event}/move", f"/plan?copy={event}", "/requests"):
        planner.go(path)
    student = new_person(width=PHONE)
    for path in (f"/events/{event}", f"/month/{day:%Y-%m}", f"/?campus={PASADENA}", "/outbox"):
        student.go(path)
    expert = new_person(width=PHONE)
    expert.go(world.newest_letter(EXPERTS_ADDRESS))
    expert.act(expert.page.get_by_role("main").get_by_role("link", name="/answer/").first.click)
    expert.field("If you cannot: why?").fill(words)
    expert.press("No, I cannot come")
    planner.go(f"/events/{event}")
    planner.go(world.newest_letter())


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("path", ["/", "/month/2090-01", "/outbox", "/calendars"])
def test_words_in_the_address_stay_words(path, words, new_person):
    person = new_person(width=PHONE)
    for name in ("q", "to", "campus", "kind", "topic", "lang", "next", "page", "before", "after"):
        person.go(f"{path}?{name}={quote(words)}")


@pytest.mark.parametrize(
    "address", ["javascript:window.executed=1", "JaVaScRiPt://%0awindow.executed=1", "data:text/html,x"]
)
def test_an_online_link_that_is_no_link_is_refused_and_kept(address, new_person, world):
    planner = new_person(role="planner", width=PHONE)
    open_plan(planner, world, "With a strange link")
    planner.field("Online link").fill(address)
    planner.press("Plan")
    expect(planner.page.get_by_role("alert")).to_be_visible()
    assert planner.field("Online link").input_value() == address


def fill_every_field(person: Person, words: str) -> list[str]:
    """Write the words into everything that takes words in the page's main form; the fields' names."""
    names = []
    for field in person.page.get_by_role("main").locator("form[method=post]").last.locator(_TEXT).all():
        field.evaluate("(one, words) => { one.value = words; }", words)
        names.append(field.get_attribute("name"))
    return names
