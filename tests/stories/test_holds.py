"""Holds: set aside for some minutes, taken over by an event, given back, or lapsed to the second."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, tokens
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.booking import resources
from eventsvc.domain.booking.models import Hold, Reservation, State
from eventsvc.domain.directory.models import Campus, Office, Organization, Room
from eventsvc.domain.directory.pools import Pool, PoolUnit
from eventsvc.domain.events.models import Event
from eventsvc.workflows import keep_accounts
from tests import builders
from tests.conftest import NOW

PASADENA = "pasadena-city-college"
WHO = {"actor": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def world(bare_app: Flask, still) -> None:
    """A hall in two halves, a lounge, two projectors and two people."""
    with bare_app.app_context(), transaction():
        campus = builders.a_campus(PASADENA)
        hall = builders.a_room("great-hall", on=campus, capacity=200)
        for half in ("east", "west"):
            builders.a_room(f"great-hall-{half}", on=campus, capacity=100).parent_id = hall.id
        builders.a_room("lounge", on=campus, setup=30, takedown=15, capacity=60)
        for name in ("first", "second"):
            builders.an_expert(f"{name}-expert")
        a_pool("projectors", campus, 2)


def a_pool(slug: str, campus: Campus, quantity: int, notice_days: int = 0) -> Pool:
    owner: Organization = campus.organization
    named = {"slug": slug, "name": slug.replace("-", " ").title(), "notice_days": notice_days}
    pool = Pool(**named, organization=owner, campus=campus, quantity=quantity)
    units = [PoolUnit(pool=pool, number=number + 1) for number in range(quantity)]
    db.session.add_all([pool, *units])
    db.session.flush()
    for unit in units:
        resources.register(unit_id=unit.id)
    return pool


def a_wish(**more: object) -> dict[str, object]:
    return {
        "campus": PASADENA,
        "starts_local": "2027-02-10T14:00",
        "duration_minutes": 90,
        "rooms": ["lounge"],
        "experts": ["first-expert"],
        **more,
    }


def held(admin: FlaskClient, **more: object) -> dict:
    answer = admin.post("/api/v1/holds", json=a_wish(**more))
    assert answer.status_code == 201, answer.json
    return answer.json


def plan(client: FlaskClient, **more: object):
    return client.post("/api/v1/events", json={"kind": "info_session", "title": "Careers", **a_wish(**more)})


def clashes(answer) -> list[tuple[str, str]]:
    assert answer.status_code == 409, answer.json
    return [(clash["kind"], clash["resource"]["slug"]) for clash in answer.json["clashes"]]


def counts(app: Flask) -> list[int]:
    with app.app_context():
        live = select(func.count()).select_from(Reservation).where(Reservation.state.in_([State.HELD, State.CONFIRMED]))
        tables = [db.session.scalar(select(func.count()).select_from(table)) for table in (Event, Hold, AuditEntry)]
        return [*tables, db.session.scalar(live)]


def test_a_hold_is_made_shown_and_given_back(world, admin):
    equipment = [{"slug": "projectors", "quantity": 2}]
    answer = admin.post("/api/v1/holds", json=a_wish(equipment=equipment, expected_heads=50, note="for the Port"))
    assert answer.status_code == 201
    hold = answer.json
    assert hold["hold_until"] == "2027-01-11T17:05:00Z"
    assert answer.headers["Location"].endswith(f"/api/v1/holds/{hold['id']}")
    shown = admin.get(f"/api/v1/holds/{hold['id']}").json
    assert shown == hold
    assert (shown["standing"], shown["starts_at"], shown["equipment"]) == ("held", "2027-02-10T22:00:00Z", equipment)
    assert (shown["rooms"], shown["starts_local"], shown["note"]) == (["lounge"], "2027-02-10T14:00", "for the Port")
    assert clashes(plan(admin)) == [("overlap", "lounge"), ("overlap", "first-expert")]
    read = {"If-Match": answer.headers["ETag"]}
    assert admin.delete(f"/api/v1/holds/{hold['id']}", headers=read).json["standing"] == "given_back"
    again = admin.delete(f"/api/v1/holds/{hold['id']}", headers=read)
    assert (again.status_code, again.json["standing"]) == (200, "given_back")
    assert plan(admin).status_code == 201


def test_an_event_takes_its_hold_over(world, admin, bare_app):
    hold = held(admin, rooms=["great-hall", "lounge"], equipment=[{"slug": "projectors"}])
    # The event wants less than was held, and somebody else: what it leaves is free again at once.
    answer = plan(admin, rooms=["great-hall"], experts=["second-expert"], hold=hold["id"])
    assert answer.status_code == 201, answer.json
    shown = admin.get(f"/api/v1/holds/{hold['id']}").json
    assert (shown["standing"], shown["event"]) == ("used", answer.json["id"])
    with bare_app.app_context():
        live = db.session.scalars(select(Reservation).where(Reservation.state == State.HELD)).all()
        assert {row.hold_id for row in live} == {None}
        assert len(live) == 3
    assert plan(admin, rooms=["lounge"], experts=["first-expert"]).status_code == 201


def test_a_refusal_leaves_the_hold_standing(world, admin, bare_app):
    hold = held(admin)
    assert plan(admin, rooms=[], experts=["second-expert"]).status_code == 201
    before = counts(bare_app)
    assert clashes(plan(admin, experts=["first-expert", "second-expert"], hold=hold["id"])) == [
        ("overlap", "second-expert")
    ]
    assert plan(admin, title="", hold=hold["id"]).status_code == 422
    assert counts(bare_app) == before
    assert admin.get(f"/api/v1/holds/{hold['id']}").json["standing"] == "held"
    assert plan(admin, hold=hold["id"]).status_code == 201


def test_a_hold_lapses_to_the_second_without_anything_running(world, admin, still):
    hold = held(admin, minutes=1)
    still.move_to(NOW + timedelta(seconds=59))
    assert clashes(plan(admin, experts=[])) == [("overlap", "lounge")]
    still.move_to(NOW + timedelta(seconds=60))
    assert admin.get(f"/api/v1/holds/{hold['id']}").json["standing"] == "lapsed"
    assert plan(admin, experts=[]).status_code == 201


@pytest.mark.parametrize("end", ["lapsed", "used", "given_back"])
def test_a_hold_that_has_ended_is_refused_by_name_and_writes_nothing(world, admin, bare_app, still, end):
    hold = held(admin)
    if end == "lapsed":
        still.move_to(NOW + timedelta(minutes=5))
    elif end == "used":
        assert plan(admin, hold=hold["id"]).status_code == 201
    else:
        admin.delete(f"/api/v1/holds/{hold['id']}", headers={"If-Match": "*"})
    before = counts(bare_app)
    answer = plan(admin, starts_local="2027-02-11T14:00", hold=hold["id"])
    assert answer.status_code == 410
    assert (answer.json["type"], answer.json["standing"]) == ("/problems/hold-ended", end)
    assert answer.json["hold"] == hold["id"]
    assert counts(bare_app) == before


def test_a_clash_with_a_hold_says_until_when_and_not_whose_it_is(world, admin):
    held(admin, experts=[], note="a secret wish")
    answer = plan(admin, experts=[])
    clash = answer.json["clashes"][0]
    assert clash["with"] is None
    assert clash["detail"] == "Lounge is on hold for somebody else Wed Feb 10, 2027, 13:30–15:45."
    assert clash["hold_until"] == "2027-01-11T17:05:00Z"
    assert "secret" not in answer.get_data(as_text=True)


def test_two_holds_cannot_hold_the_same(world, admin):
    held(admin, rooms=["great-hall-east"], experts=[])
    answer = admin.post("/api/v1/holds", json=a_wish(rooms=["great-hall"], experts=["second-expert"]))
    assert clashes(answer) == [("overlap", "great-hall")]
    assert answer.json["clashes"][0]["part"]["slug"] == "great-hall-east"
    held(admin, rooms=["great-hall-west"], experts=["second-expert"])


BAD = {
    "no time at all": ({"minutes": 0}, "minutes"),
    "too long": ({"minutes": 61}, "minutes"),
    "minutes in words": ({"minutes": "five"}, "minutes"),
    "nothing to hold": ({"rooms": [], "experts": []}, "rooms"),
    "in the past": ({"starts_local": "2027-01-11T08:00"}, "starts_local"),
    "nowhere": ({"campus": None, "rooms": []}, "campus"),
    "a room of nowhere": ({"rooms": ["no-such-room"]}, "rooms[0]"),
    "a hall and its half": ({"rooms": ["great-hall", "great-hall-east"]}, "rooms[1]"),
    "a pool of nothing": ({"equipment": [{"slug": "projectors", "quantity": 0}]}, "equipment[0].quantity"),
    "unknown things": ({"equipment": [{"slug": "unicorns"}]}, "equipment[0]"),
    "things named twice": ({"equipment": [{"slug": "projectors"}, {"slug": "projectors"}]}, "equipment[1]"),
    "a negative length": ({"duration_minutes": -5}, "duration_minutes"),
    "a field of an event": ({"title": "No"}, "title"),
    "a long note": ({"note": "x" * 201}, "note"),
}


@pytest.mark.parametrize(("wish", "field"), BAD.values(), ids=list(BAD))
def test_a_hold_that_cannot_be_is_refused_and_nothing_is_written(world, admin, bare_app, wish, field):
    before = counts(bare_app)
    answer = admin.post("/api/v1/holds", json=a_wish(**wish))
    assert answer.status_code == 422, answer.json
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert counts(bare_app) == before


def test_more_than_there_are_cannot_be_held(world, admin):
    held(admin, rooms=[], experts=[], equipment=[{"slug": "projectors"}])
    answer = admin.post("/api/v1/holds", json=a_wish(equipment=[{"slug": "projectors", "quantity": 2}]))
    assert clashes(answer) == [("overlap", "projectors")]


@pytest.mark.parametrize("hold", ["00000000-0000-4000-8000-000000000000", "not-an-id", 5])
def test_a_hold_that_never_was_is_a_wrong_field_and_an_unknown_address(world, admin, hold):
    answer = plan(admin, hold=hold)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "hold")
    for method in ("GET", "DELETE"):
        answer = admin.open(f"/api/v1/holds/{hold}", method=method, headers={"If-Match": "*"})
        assert answer.status_code == 404


def test_a_draft_takes_no_hold_over(world, admin):
    hold = held(admin)
    answer = plan(admin, draft=True, hold=hold["id"])
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "hold")


def test_a_rehearsal_holds_and_uses_nothing(world, admin, bare_app):
    before = counts(bare_app)
    answer = admin.post("/api/v1/holds?dry_run=true", json=a_wish())
    assert (answer.status_code, answer.json["standing"]) == (200, "held")
    assert counts(bare_app) == before
    hold = held(admin)
    wish = {"kind": "info_session", "title": "Careers", **a_wish(hold=hold["id"])}
    assert admin.post("/api/v1/events?dry_run=true", json=wish).status_code == 200
    assert admin.get(f"/api/v1/holds/{hold['id']}").json["standing"] == "held"


def test_a_room_out_of_use_cannot_be_held(world, admin, bare_app):
    with bare_app.app_context(), transaction():
        db.session.execute(update(Room).where(Room.slug == "lounge").values(retired_on=NOW.date()))
    answer = admin.post("/api/v1/holds", json=a_wish())
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "rooms[0]")


def a_coordinator(app: Flask, email: str, office: str) -> FlaskClient:
    """A program of somebody who plans for that office."""
    with app.app_context(), transaction():
        account = keep_accounts.let_in(email, "Somebody", role=Role.COORDINATOR, office=office, **WHO).account
        _, secret = tokens.make(account.id, "a program", list(Scope), NOW + timedelta(days=9), NOW)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_a_hold_of_somebody_else_is_no_hold_to_whoever_knows_its_id(world, admin, bare_app):
    with bare_app.app_context(), transaction():
        builders.a_room("barn", on=builders.a_campus("valley"))
        at = {
            slug: db.session.scalars(
                select(Office.slug)
                .join(Campus, Campus.organization_id == Office.organization_id)
                .where(Campus.slug == slug)
            ).one()
            for slug in (PASADENA, "valley")
        }
    ours = a_coordinator(bare_app, "ours@example.edu", at[PASADENA])
    theirs = a_coordinator(bare_app, "theirs@example.edu", at["valley"])
    hold = held(ours)["id"]
    at_home = {"campus": "valley", "rooms": ["barn"], "experts": []}
    unknown = plan(theirs, **at_home, hold="00000000-0000-4000-8000-000000000000")
    taken = plan(theirs, **at_home, hold=hold)
    assert (taken.status_code, taken.json["errors"]) == (422, [{"field": "hold", "reason": "there is no such hold"}])
    assert taken.json["errors"] == unknown.json["errors"]
    for method in ("GET", "DELETE"):
        assert theirs.open(f"/api/v1/holds/{hold}", method=method, headers={"If-Match": "*"}).status_code == 404
    assert ours.get(f"/api/v1/holds/{hold}").json["standing"] == "held"
    assert clashes(plan(theirs, **{**at_home, "rooms": ["barn"], "experts": ["first-expert"]})) == [
        ("overlap", "first-expert")
    ]
    assert plan(ours, hold=hold).status_code == 201
