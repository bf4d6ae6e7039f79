"""A partner answers a whole week on one page, in ten clicks."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from tests.e2e.wording import LANGUAGES
from tests.e2e.world import ROSE_ROOM, today

TITLE = "A busy week"


@pytest.fixture
def a_week(world):
    """Eight sessions in one week ahead, each of somebody who has not answered; called off afterwards."""
    begin = today() + timedelta(days=400)
    monday = begin + timedelta(days=(7 - begin.weekday()) % 7)
    experts = [one["slug"] for one in json.loads(world.call("/api/v1/experts?limit=50"))["items"]]
    made: list[str] = []
    for day in range(4):
        for hour in (9, 15):
            expert = experts[(2 * day + hour % 2) % len(experts)]
            starts = f"{monday + timedelta(days=day)}T{hour:02}:00"
            wish = {"title": TITLE, "starts_local": starts, "rooms": [ROSE_ROOM], "experts": [expert]}
            made.append(world.plan(**wish))
    yield monday, made
    for event_id in made:
        world.call_off(event_id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_week_is_answered_in_ten_clicks(language, new_person, world, a_week):
    monday, made = a_week
    partner = new_person(language, role="planner", width=390)
    clicks = 0

    def click(what) -> None:
        nonlocal clicks
        clicks += 1
        what()

    partner.go(f"/asked/{_sunday_before(monday)}")
    boxes = partner.page.locator("input[name=invitation]")
    assert boxes.count() == len(made) == 8
    click(lambda: partner.follow("Tick all"))
    boxes = partner.page.locator("input[name=invitation]")
    click(boxes.nth(3).uncheck)  # somebody who cannot
    click(lambda: partner.press("They come"))
    assert partner.page.locator("input[name=invitation]").count() == 1
    click(partner.page.locator("input[name=invitation]").first.check)
    click(lambda: partner.press("They cannot come"))
    states = sorted(_state(world, event_id) for event_id in made)
    assert states == ["accepted"] * 7 + ["declined"]
    assert clicks <= 10


def _sunday_before(monday: date) -> date:
    return monday - timedelta(days=1)


def _state(world, event_id: str) -> str:
    (answer,) = json.loads(world.call(f"/api/v1/events/{event_id}"))["answers"]
    assert answer["on_behalf"] or answer["state"] == "needs_action"
    return answer["state"]
