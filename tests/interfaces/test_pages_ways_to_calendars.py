"""From the pages of a person, of rooms and of an office to their private calendars, for those who may have one."""

from __future__ import annotations

import pytest
from flask import Flask

from eventsvc.core.db import transaction
from eventsvc.domain.accounts import Role
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Organization, Room
from tests import builders
from tests.interfaces.pages import PASADENA, World
from tests.interfaces.partner import somebody

ROOM = "/rooms/creveling-lounge/calendars"
DAY, WEEK = f"/board?campus={PASADENA}&day=2027-02-10", f"/board?campus={PASADENA}&week=2027-02-10"
EXPERT, EXPERTS_WEEK = "/experts/expert-one/calendars", "/experts/expert-one/week"
DESK = "/offices/desk"


@pytest.fixture
def desk(world: World, bare_app: Flask) -> World:
    """The college of the campus has an office, and the lounge is its own."""
    with bare_app.app_context(), transaction():
        college = lookup.get(Organization, lookup.get(Campus, PASADENA).organization.slug)
        lookup.get(Room, "creveling-lounge").office = builders.an_office("desk", of=college)
        builders.an_office("elsewhere", of=builders.an_organization("elsewhere"))
    return world


@pytest.mark.parametrize(
    ("page", "way", "there", "not_there"),
    [
        (DAY, ROOM, "desk", "elsewhere"),
        (WEEK, ROOM, "desk", "elsewhere"),
        (EXPERTS_WEEK, EXPERT, None, "desk"),
        (f"{DESK}/imports", f"{DESK}/calendars", "desk", None),
        (f"{DESK}/requests", f"{DESK}/calendars", "desk", None),
    ],
)
def test_who_may_have_a_private_calendar_is_led_to_it(desk, planner, bare_app, page, way, there, not_there):
    for browser in (planner, somebody(bare_app, Role.COORDINATOR, there) if there else planner):
        browser.get(page)
        assert browser.page.select_one(f'main a[href="{way}"]') is not None
        browser.get(way)
        assert browser.status == 200
    if not_there:
        other = somebody(bare_app, Role.COORDINATOR, not_there)
        other.get(page)
        assert (other.status, other.page.select_one('main a[href$="/calendars"]')) == (200, None)


def test_the_public_sees_a_board_without_them(desk, visitor):
    for page in (DAY, WEEK):
        visitor.get(page)
        assert (visitor.status, visitor.page.select_one('main a[href$="/calendars"]')) == (200, None)
