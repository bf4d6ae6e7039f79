"""Search in the browser: as one types, by keyboard alone, and without scripts."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.keyboard import Keyboard
from tests.e2e.person import Person
from tests.e2e.world import World


def test_what_is_typed_is_found_without_a_button_and_stands_in_the_address(new_person, world: World):
    person: Person = new_person()
    person.go("/search")
    field = person.field("What are you looking for?")
    expect(field).to_be_focused()
    person.act(lambda: person.page.keyboard.type("port", delay=20))
    expect(person.page).to_have_url(f"{world.origin}/search?q=port")
    marks = person.page.locator("#results h3 mark")
    expect(marks.first).to_have_text("port", ignore_case=True)
    said = person.page.get_by_role("status").inner_text()
    assert int(said.split()[0]) >= marks.count()
    expect(field).to_be_focused()
    assert person.page.title().startswith(person.say("Search: %(question)s", question="port"))


def test_a_result_is_reached_by_keyboard_alone(new_person, world: World):
    person: Person = new_person()
    keyboard = Keyboard(person)
    person.go("/search?q=port")
    first = person.page.locator("#results h3 a").first
    title = first.inner_text()
    keyboard.follow(first)
    assert person.heading() == title
    person.page.go_back()
    expect(person.field("What are you looking for?")).to_have_value("port")


def test_it_works_without_scripts(new_person, world: World):
    person: Person = new_person(javascript=False)
    person.go("/search")
    person.field("What are you looking for?").fill("port")
    person.press("Search", within=person.page.get_by_role("main"))
    assert person.page.url.split("?")[1].endswith("q=port")
    assert person.page.locator("#results h3 a").count() > 0
