"""The story in the browser: a plan is refused, an offer taken, published, answered on a phone, subscribed to."""

from __future__ import annotations

import re
from urllib.request import urlopen

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator

from tests.e2e.keyboard import Keyboard
from tests.e2e.person import Person
from tests.e2e.wording import LANGUAGES
from tests.e2e.world import EXPERTS_ADDRESS

TITLE = "Electric machines of the harbor"
PHONE = {"width": 390, "height": 844, "is_mobile": True, "has_touch": True}


@pytest.fixture
def walked(world):
    """Tells the id of the event that came of the story; calls it off afterwards, so that the next can walk."""
    made = []

    def event_of(planner: Person) -> str:
        made.append(planner.page.url.rsplit("/", 1)[1])
        return made[-1]

    yield event_of
    for event_id in made:
        world.call_off(event_id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_a_refused_plan_to_a_subscribed_calendar(language, new_person, walked):
    planner = new_person(language)
    planner.go("/demo")
    planner.press("Open the filled form")
    planner.press("Plan")
    assert len(reasons(planner)) == 3
    planner.press("Take this", within=first_offer(planner))
    assert planner.say("Set aside for you") in planner.text()
    planner.press("Plan")
    assert planner.say("Planned.") in planner.text()
    planner.press("Publish")
    planner.press("Record the host’s yes")
    event_id = walked(planner)

    expert = new_person(language, **PHONE)
    open_answer_page(expert)
    expert.press("Yes, I come")
    assert expert.heading() == expert.say("Thank you, %(name)s: you are coming", name="Pelican Example")

    student = new_person(language)
    student.go("/calendars")
    assert status_in(address_of_pasadenas_calendar(student), event_id) == "CONFIRMED"


def test_the_story_by_keyboard_alone(new_person, walked):
    planner = new_person()
    keys = Keyboard(planner)
    planner.go("/demo")
    keys.press("Open the filled form")
    keys.press("Plan")
    assert len(reasons(planner)) == 3
    keys.press("Take this", within=first_offer(planner))
    assert "Set aside for you" in planner.text()
    keys.press("Plan")
    assert "Planned." in planner.text()
    keys.press("Publish")
    keys.press("Record the host’s yes")
    event_id = walked(planner)

    expert = new_person(**PHONE)
    hers = Keyboard(expert)
    expert.go(f"/outbox?to={EXPERTS_ADDRESS}")
    hers.follow(newest_letter(expert))
    hers.follow(answer_link(expert))
    hers.press("Yes, I come")
    assert "you are coming" in expert.heading()

    student = new_person()
    student.go("/")
    theirs = Keyboard(student)
    theirs.follow(student.page.get_by_role("navigation").first.get_by_role("link", name="Calendars", exact=True))
    assert status_in(address_of_pasadenas_calendar(student, theirs), event_id) == "CONFIRMED"


def reasons(planner: Person) -> list[str]:
    """What the page says stands against the plan, reason by reason; each says what to change."""
    no = planner.page.get_by_role("alert").filter(has=planner.page.get_by_role("heading", level=3))
    said = [item.inner_text() for item in no.locator("ol.clashes > li").all()]
    assert [one for one in said if planner.say("What to change:") not in one] == []
    return said


def first_offer(planner: Person) -> Locator:
    """The best of what could be had instead."""
    return planner.page.locator("ol.offers > li").first


def open_answer_page(expert: Person) -> None:
    """From the inbox through the newest letter to its link."""
    # The letter and its page speak the expert's language unless this browser has chosen another.
    expert.go(f"/outbox?to={EXPERTS_ADDRESS}&lang={expert.language}")
    expert.act(newest_letter(expert).click)
    expert.act(answer_link(expert).click)


def newest_letter(expert: Person):
    """The newest letter of the inbox that asks about this event."""
    return expert.page.get_by_role("main").get_by_role("link", name=re.compile(TITLE)).first


def answer_link(expert: Person):
    """The link of the letter that leads to the answer page."""
    return expert.page.get_by_role("main").get_by_role("link", name=re.compile("answer."))


def address_of_pasadenas_calendar(student: Person, keys: Keyboard | None = None) -> str:
    """What the calendars page says the address of Pasadena's calendar is."""
    link = student.page.get_by_role("main").get_by_role("link", name="Pasadena City College", exact=True)
    if keys:
        keys.follow(link)
        keys.to(student.field("Address of this calendar"))
    else:
        student.act(link.click)
    return student.field("Address of this calendar").input_value()


def status_in(address: str, event_id: str) -> str:
    """The status of an event in the calendar at that address, read as a calendar program does."""
    with urlopen(address, timeout=30) as answer:
        assert answer.headers.get_content_type() == "text/calendar"
        calendar = Calendar.from_ical(answer.read())
    return next(str(entry["STATUS"]) for entry in calendar.walk("VEVENT") if str(entry["UID"]) == event_id)
