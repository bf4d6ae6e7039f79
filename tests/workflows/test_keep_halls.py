"""Divisible halls: what may be a part of what, and when that may change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, SlotTaken
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.workflows.call_off_event import withdraw_event
from eventsvc.workflows.keep_directory import RoomRow, save_room
from eventsvc.workflows.plan_event import plan_event
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("story")

WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def campus():
    return builders.a_campus("harbor")


def room(slug: str, parent: str | None = None, **more):
    return save_room(RoomRow(name=slug, slug=slug, campus="harbor", parent=parent, **more), **WHO)


def refusal(slug: str, parent: str | None = None, now=NOW, **more) -> dict[str, str]:
    row = RoomRow(name=slug, slug=slug, campus="harbor", parent=parent, **more)
    with pytest.raises(InvalidInput) as refused, db.session.begin_nested():
        save_room(row, actor=ADMINISTRATOR, now=now)
    return {error["field"]: error["reason"] for error in refused.value.facts["errors"]}


def plan(campus, *rooms, **more):
    return plan_event(builders.a_plan(campus, rooms=rooms, **more), **WHO)


def test_a_hall_has_halves_and_these_have_quarters_and_saving_again_changes_nothing(campus):
    hall, half, quarter = room("hall"), room("half", "hall"), room("quarter", "half")
    assert (quarter.parent, half.parent, hall.parent) == (half, hall, None)
    version = quarter.version
    assert room("quarter", "half").version == version
    assert room("quarter").parent is half, "what a row does not know stays"


def test_a_parent_may_be_named_as_people_write_it(campus):
    room("hall", aliases=("The Great Hall",))
    assert room("half", "the  great hall").parent.slug == "hall"


def test_a_room_is_no_part_of_itself_not_even_through_others(campus):
    room("hall"), room("half", "hall"), room("quarter", "half")
    assert refusal("hall", "hall") == {"parent": "'hall' would be a part of itself"}
    assert refusal("hall", "quarter") == {"parent": "'hall' would be a part of itself"}
    assert refusal("half", "quarter") == {"parent": "'half' would be a part of itself"}


def test_three_levels_are_the_most(campus):
    room("hall"), room("half", "hall"), room("quarter", "half")
    assert refusal("corner", "quarter") == {"parent": "at most 3 levels are possible"}
    room("palace")
    assert refusal("hall", "palace") == {"parent": "at most 3 levels are possible"}


def test_a_parent_stands_on_the_same_campus_is_known_and_in_use(campus):
    builders.a_room("far-hall", on=builders.a_campus("far"))
    assert refusal("half", "far-hall") == {"parent": "'far-hall' is a room of another campus"}
    assert refusal("half", "nowhere") == {"parent": "there is no room 'nowhere'"}
    room("old-hall", retired_on=NOW.date())
    assert "out of use" in refusal("half", "old-hall")["parent"]


def test_a_room_that_is_reserved_becomes_no_hall_until_it_is_free(campus):
    hall = room("hall")
    event = plan(campus, hall)
    assert refusal("half", "hall") == {
        "parent": "'hall' is reserved until 2027-02-10 15:30: it can be changed from then on"
    }
    withdraw_event(str(event.public_id), **WHO)
    assert room("half", "hall").parent is hall


def test_a_hall_that_is_reserved_gets_no_further_part_and_none_leaves_it(campus):
    hall, _, other = room("hall"), room("half", "hall"), room("other-hall")
    event = plan(campus, hall)
    assert refusal("second-half", "hall").keys() == {"parent"}
    assert refusal("half", "other-hall").keys() == {"parent"}
    assert refusal("half", retired_on=NOW.date()).keys() == {"retired_on"}
    withdraw_event(str(event.public_id), **WHO)
    assert room("half", "other-hall").parent is other


def test_the_last_part_of_a_hall_goes_only_when_it_is_free(campus):
    """Else the hall would be a room of its own, and free at a time at which a part of it is not."""
    hall, half = room("hall"), room("half", "hall")
    plan(campus, half)
    assert refusal("half", retired_on=NOW.date()).keys() == {"retired_on"}
    with pytest.raises(SlotTaken):
        plan(campus, hall)
    later = NOW + timedelta(days=60)
    save_room(RoomRow(name="half", slug="half", campus="harbor", retired_on=NOW.date()), actor=ADMINISTRATOR, now=later)
    assert half.retired_on == NOW.date()


def test_a_room_with_bookings_of_its_own_may_become_a_part(campus):
    hall, half = room("hall"), room("half")
    room("other-half", "hall")
    plan(campus, half)
    room("half", "hall")
    with pytest.raises(SlotTaken) as refused:
        plan(campus, hall)
    assert [(clash.thing.slug, clash.part.slug) for clash in refused.value.clashes] == [("hall", "half")]
