"""Breaking a soft rule on the pages: offered where it stands in the way, never for an overlap, and shown afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.booking.blocks import Block, BlockKind, Override
from eventsvc.domain.directory.models import Campus
from eventsvc.domain.events.models import Event
from tests import builders
from tests.interfaces.pages import PASADENA

WISH = {"title": "Careers", "date": "2027-02-10", "time": "14:00", "duration_minutes": "90", "rooms": "harbor-hall"}
REQUEST = "Request: reserve and ask everybody"
WHY = "The dean has agreed."


@pytest.fixture(autouse=True)
def _finals(world, bare_app):
    with bare_app.app_context(), transaction():
        campus = db.session.scalars(select(Campus).where(Campus.slug == PASADENA)).one()
        when = {"starts_at": datetime(2027, 2, 8, 8, tzinfo=UTC), "ends_at": datetime(2027, 2, 13, 8, tzinfo=UTC)}
        db.session.add(Block(kind=BlockKind.FINALS, campus_id=campus.id, title="Finals week", **when))


@pytest.fixture
def form(planner):
    """The form, begun at Pasadena."""
    planner.get("/plan")
    planner.submit("Go on", values={"campus": PASADENA})
    return planner


def offered(page) -> list[str]:
    return [box["value"] for box in page.select("#f-override input[type=checkbox]")]


def test_a_closed_day_can_be_had_all_the_same_with_a_reason(form, bare_app):
    assert offered(form.page) == []
    page = form.submit("Plan", values=WISH)
    assert (form.status, offered(page)) == (409, ["closed"])
    page = form.submit("Plan", values={"override": "closed"})
    assert form.status == 422
    assert "Say why the rule does not count this time." in form.text
    assert [box["value"] for box in page.select("#f-override input[checked]")] == ["closed"]
    form.submit("Check only", values={"override": "closed", "override_reason": WHY})
    assert "Everything is free" in form.text
    form.submit("Plan", values={"override": "closed", "override_reason": WHY})
    assert form.path.startswith("/events/")
    assert "Overridden for this time" in form.text
    assert WHY in form.text
    with bare_app.app_context():
        assert db.session.scalars(select(Override.kind)).all() == ["closed"]


def test_an_overlap_is_not_offered_and_what_was_ticked_stays(form, world):
    world.plan(builders.at("2027-02-17T14:00", 90), rooms=("harbor-hall",))
    page = form.submit("Plan", values=WISH | {"date": "2027-02-17"})
    assert (form.status, offered(page)) == (409, [])
    page = form.submit("Plan", values={"date": "2027-02-10"})
    ticked = {"override": "closed", "override_reason": WHY}
    page = form.submit("Plan", values={"date": "2027-02-17", **ticked})
    assert (form.status, offered(page)) == (409, ["closed"])
    assert page.select_one("#f-override_reason").text.strip() == WHY


def test_a_draft_ignores_what_was_ticked(form, bare_app):
    form.submit("Plan", values=WISH)
    form.submit("Keep as a draft", values={"override": "closed", "override_reason": WHY})
    assert form.path.startswith("/events/")
    page = form.submit(REQUEST)
    assert (form.status, offered(page)) == (409, ["closed"])
    form.submit(REQUEST, values={"override": "closed", "override_reason": WHY})
    with bare_app.app_context():
        assert db.session.scalars(select(Event.status)).all() == ["requested"]


def test_a_move_into_finals_week_asks_for_a_reason(planner, world, visitor):
    event = world.plan(builders.at("2027-02-17T14:00", 90), rooms=("harbor-hall",))
    planner.get(f"/events/{event}/move")
    page = planner.submit("Move", values={"date": "2027-02-10"})
    assert (planner.status, offered(page)) == (409, ["closed"])
    planner.submit("Move", values={"override": "closed", "override_reason": WHY})
    assert planner.path == f"/events/{event}"
    assert WHY in planner.text
    visitor.get(f"/events/{event}")
    assert WHY not in visitor.text
