"""Open requests: what waits for a yes, the longest first."""

from __future__ import annotations

from datetime import timedelta

from eventsvc.workflows.confirm_event import confirm_as_host
from tests import builders
from tests.counting import counted
from tests.interfaces.browser import words_of


def titles(page) -> list[str]:
    return [words_of(heading) for heading in page.select(".waiting h2")]


def test_nobody_but_planners_reads_them(world, visitor):
    visitor.get("/requests")
    assert visitor.path == "/sign-in?next=/requests"


def test_an_empty_list_says_so_and_what_to_do_next(world, planner):
    page = planner.get("/requests")
    assert "Nothing waits for a yes." in planner.text
    assert page.select_one(".empty a")["href"] == "/plan"


def test_what_has_waited_longest_comes_first_with_whose_yes_and_since_when(world, planner, still):
    world.plan(builders.at("2027-05-10T14:00"), title="Asked first", experts=("expert-one",))
    still.shift(timedelta(days=1))
    world.plan(builders.at("2027-02-10T14:00"), title="Asked last", experts=("expert-two",), published=False)
    page = planner.get("/requests")
    assert titles(page) == ["Asked first", "Asked last"]
    first = words_of(page.select_one(".waiting > li"))
    assert "the host’s own yes asked on Monday, January 11, 2027, 9:00" in first
    assert "Expert One: no answer yet asked on Monday, January 11, 2027, 9:00" in first


def test_a_yes_lost_after_the_confirmation_brings_the_event_back(world, planner, visitor):
    event_id = world.plan(title="Was settled", experts=("expert-one",))
    visitor.get(world.answer_path(event_id))
    visitor.submit("Yes, I come")
    world.run(confirm_as_host, event_id)
    assert titles(planner.get("/requests")) == []
    visitor.get(world.answer_path(event_id))
    visitor.submit("No, I cannot come")
    assert titles(planner.get("/requests")) == ["Was settled"]
    assert "Expert One: cannot come" in planner.text


def test_what_is_over_waits_for_nobody(world, planner, still):
    world.plan(builders.at("2027-01-12T14:00"), title="Never answered")
    still.shift(timedelta(days=3))
    assert titles(planner.get("/requests")) == []


def test_the_page_costs_the_same_queries_with_1_and_with_30_events(world, bare_app, planner):
    counts = []
    for number in range(30):
        # Each on a day of its own, so that nobody's limit is in the way.
        world.plan(builders.at(f"2027-02-{number % 28 + 1:02}T{8 + number // 28 * 6:02}:00"), experts=("expert-two",))
        if number in (0, 29):
            planner.get("/requests")
            with counted(bare_app) as statements:
                planner.get("/requests")
            counts.append(len(statements))
    assert counts[0] == counts[1]
