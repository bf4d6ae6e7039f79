"""Rules that somebody takes on themselves to break: by name, with a reason, for that start alone; never an overlap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.booking.blocks import Block, BlockKind, Override
from eventsvc.domain.booking.models import IS_BOOKED, Reservation, Resource
from eventsvc.domain.directory.models import Campus, OrganizationKind
from tests import builders

pytestmark = pytest.mark.usefixtures("still")

FINALS = (datetime(2027, 2, 8, 8, 0, tzinfo=UTC), datetime(2027, 2, 13, 8, 0, tzinfo=UTC))
AT = "2027-02-10T14:00"
WHY = {"kinds": ["closed"], "reason": "The dean has agreed; finals are elsewhere."}


@pytest.fixture
def world(bare_app: Flask) -> Flask:
    """A college in finals week with two rooms; two employers, each with an expert; the first comes once a day."""
    with bare_app.app_context(), transaction():
        college = builders.a_campus("college")
        builders.a_room("hall", on=college)
        builders.a_room("annex", on=college)
        for name in ("port", "rail"):
            employer = builders.an_organization(name, kind=OrganizationKind.EMPLOYER)
            builders.an_expert(f"{name}-expert", of=employer, max_per_day=1 if name == "port" else None)
        db.session.add(
            Block(
                kind=BlockKind.FINALS, campus_id=college.id, starts_at=FINALS[0], ends_at=FINALS[1], title="Finals week"
            )
        )
    return bare_app


def a_wish(**more: Any) -> dict[str, Any]:
    wish = {"kind": "info_session", "title": "Careers", "campus": "college", "starts_local": AT, "rooms": ["hall"]}
    return {**wish, "duration_minutes": 60, **more}


def after_finals(**more: Any) -> dict[str, Any]:
    return a_wish(**{"starts_local": "2027-02-17T14:00", **more})


def post(client: FlaskClient, path: str = "", **body: Any) -> Any:
    return client.post(f"/api/v1/events{path}", json=body)


def kinds(answer: Any) -> list[str]:
    assert answer.status_code == 409, answer.json
    return sorted(clash["kind"] for clash in answer.json["clashes"])


def rows(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(Reservation.id).where(IS_BOOKED)).all())


def test_a_soft_rule_is_overridden_by_name_with_a_reason_and_audited(world, admin, public):
    assert kinds(post(admin, **a_wish())) == ["closed"]
    planned = post(admin, **a_wish(override=WHY))
    assert planned.status_code == 201
    assert planned.json["overrides"] == [
        {"kind": "closed", "reason": WHY["reason"], "by": "administrator", "at": "2027-01-11T17:00:00Z"}
    ]
    with world.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "override")).one()
        assert (entry.actor, entry.subject) == ("administrator", planned.json["id"])
        assert entry.changes["kinds"] == [None, ["closed"]]
        assert [value.after for value in entry.values] == [WHY["reason"]]
    path = f"/{planned.json['id']}"
    assert post(admin, f"{path}/publish").status_code == 200
    assert "overrides" not in public.get(f"/api/v1/events{path}").json


@pytest.mark.parametrize("kind", ["overlap", "travel", "leave", "busy_elsewhere", "capacity"])
def test_a_hard_rule_cannot_even_be_named(world, admin, kind):
    answer = post(admin, **a_wish(override={"kinds": ["closed", kind], "reason": "Please"}))
    assert answer.status_code == 422
    assert [(error["field"], kind in error["reason"]) for error in answer.json["errors"]] == [
        ("override.kinds[1]", True)
    ]
    assert rows(world) == 0


@pytest.mark.parametrize(
    "override",
    [
        {"kinds": ["closed"]},
        {"kinds": ["closed"], "reason": "  "},
        {"kinds": [], "reason": "x"},
        {"kinds": ["sun"], "reason": "x"},
        {"kinds": ["closed"], "reason": "x" * 501},
        {"kinds": ["closed"], "reason": "a\x00b"},
        {"reason": "x"},
        "closed",
        {"kinds": "closed", "reason": "x"},
    ],
)
def test_an_override_that_says_too_little_or_too_much_is_refused(world, admin, override):
    answer = post(admin, **a_wish(override=override))
    assert answer.status_code == 422, answer.json
    assert rows(world) == 0


def test_an_override_does_not_book_what_is_taken(world, admin):
    assert post(admin, **a_wish(override=WHY)).status_code == 201
    assert kinds(post(admin, **a_wish(override=WHY))) == ["overlap"]


def test_only_what_stood_against_it_is_kept(world, admin):
    both = {"kinds": ["closed", "limit", "notice"], "reason": "To be sure"}
    planned = post(admin, **a_wish(override=both))
    assert [one["kind"] for one in planned.json["overrides"]] == ["closed"]
    assert post(admin, **after_finals(override=both)).json["overrides"] == []


def test_a_draft_takes_no_override_and_asks_when_it_is_requested(world, admin):
    assert post(admin, **a_wish(draft=True, override=WHY)).status_code == 422
    draft = post(admin, **a_wish(draft=True)).json["id"]
    assert kinds(post(admin, f"/{draft}/request")) == ["closed"]
    requested = post(admin, f"/{draft}/request", override=WHY)
    assert (requested.status_code, requested.json["status"]) == (200, "requested")


def test_another_time_asks_anew_and_the_old_one_is_known_again(world, admin):
    event = post(admin, **a_wish(override=WHY)).json["id"]
    assert kinds(post(admin, f"/{event}/move", starts_local="2027-02-11T14:00")) == ["closed"]
    moved = post(admin, f"/{event}/move", starts_local="2027-02-11T14:00", override=WHY)
    assert moved.status_code == 200
    assert [one["kind"] for one in moved.json["overrides"]] == ["closed"]
    assert post(admin, f"/{event}/move", starts_local="2027-02-17T14:00").json["overrides"] == []
    back = post(admin, f"/{event}/move", starts_local=AT)
    assert (back.status_code, len(back.json["overrides"])) == (200, 1)


def test_an_override_holds_when_the_event_is_confirmed_after_its_hold_has_lapsed(world, admin):
    event = post(admin, **a_wish(override=WHY)).json["id"]
    with time_machine.travel(datetime(2027, 1, 30, 17, 0, tzinfo=UTC), tick=False):
        confirmed = post(admin, f"/{event}/confirm")
        assert (confirmed.status_code, confirmed.json["status"]) == (200, "confirmed")
        assert post(admin, f"/{event}/cancel").status_code == 200
        assert post(admin, f"/{event}/restore").status_code == 200


def test_a_request_or_a_restore_may_be_what_needs_it(world, admin):
    event = post(admin, **after_finals(draft=True)).json["id"]
    with world.app_context(), transaction():
        college = db.session.scalars(select(Campus)).one()
        when = {"starts_at": datetime(2027, 2, 17, 8, tzinfo=UTC), "ends_at": datetime(2027, 2, 18, 8, tzinfo=UTC)}
        db.session.add(Block(kind=BlockKind.HOLIDAY, campus_id=college.id, title="A holiday", **when))
    assert kinds(post(admin, f"/{event}/request")) == ["closed"]
    assert post(admin, f"/{event}/request", override=WHY).json["status"] == "requested"
    assert post(admin, f"/{event}/confirm").json["status"] == "confirmed"
    with world.app_context(), transaction():
        db.session.query(Override).delete()
    assert post(admin, f"/{event}/cancel").status_code == 200
    assert kinds(post(admin, f"/{event}/restore")) == ["closed"]
    assert post(admin, f"/{event}/restore", override=WHY).json["status"] == "confirmed"


def test_a_series_in_finals_week_by_one_override(world, admin):
    wish = a_wish(rule={"kind": "dates", "dates": ["2027-02-10", "2027-02-11"]})
    assert admin.post("/api/v1/series", json=wish).status_code == 409
    planned = admin.post("/api/v1/series", json=wish | {"override": WHY})
    assert planned.status_code == 201
    assert [[one["kind"] for one in event["overrides"]] for event in planned.json["events"]] == [["closed"]] * 2


STUDENTS = {"audience": ["Logistics  students"], "experts": ["port-expert"], "rooms": []}


def rival(**more: Any) -> dict[str, Any]:
    wish = {"audience": ["nurses", "logistics Students"], "experts": ["rail-expert"], "rooms": []}
    return after_finals(**{**wish, "starts_local": "2027-02-17T14:30", **more})


def test_two_employers_do_not_meet_the_same_students_at_once(world, admin):
    first = post(admin, **after_finals(**STUDENTS)).json["id"]
    refused = post(admin, **rival())
    assert kinds(refused) == ["audience"]
    (clash,) = refused.json["clashes"]
    assert (clash["resource"]["type"], clash["resource"]["slug"]) == ("campus", "college")
    assert (clash["with"]["event"], clash["audience"]) == (first, "logistics Students")
    why = {"kinds": ["audience"], "reason": "Both employers agreed."}
    planned = post(admin, **rival(override=why))
    assert planned.status_code == 201
    # It is settled for both sides.
    for event in (first, planned.json["id"]):
        assert post(admin, f"/{event}/move", rooms=["annex"] if event == first else []).status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {"audience": ["nurses"]},
        {"audience": []},
        {"starts_local": "2027-02-17T15:00"},
        {"experts": []},
        {"experts": [], "co_hosts": ["port"]},
    ],
    ids=["other students", "for nobody named", "touching", "no employer", "the same employer"],
)
def test_nothing_stands_against(world, admin, more):
    assert post(admin, **after_finals(**STUDENTS)).status_code == 201
    assert post(admin, **rival(**more)).status_code == 201


def test_a_refusal_names_the_audience_beside_what_is_taken(world, admin):
    assert post(admin, **after_finals(**STUDENTS | {"rooms": ["hall"]})).status_code == 201
    assert kinds(post(admin, **rival(rooms=["hall"]))) == ["audience", "overlap"]


def test_moving_beside_another_employer_is_refused_and_a_withdrawn_one_is_no_rival(world, admin):
    first = post(admin, **after_finals(**STUDENTS)).json["id"]
    second = post(admin, **rival(starts_local="2027-02-18T14:00")).json["id"]
    assert kinds(post(admin, f"/{second}/move", starts_local="2027-02-17T13:30")) == ["audience"]
    assert post(admin, f"/{first}/withdraw").status_code == 200
    assert post(admin, f"/{second}/move", starts_local="2027-02-17T13:30").status_code == 200


def test_a_limit_is_overridden_for_one_event_and_counts_for_the_next(world, admin):
    wish = {"experts": ["port-expert"], "rooms": []}
    assert post(admin, **after_finals(**wish)).status_code == 201
    later = {"starts_local": "2027-02-17T17:00", **wish}
    assert kinds(post(admin, **after_finals(**later))) == ["limit"]
    why = {"kinds": ["limit"], "reason": "She offered it herself."}
    assert post(admin, **after_finals(**later, override=why)).status_code == 201
    assert kinds(post(admin, **after_finals(**later | {"starts_local": "2027-02-17T20:00"}))) == ["limit"]


def test_the_databases_refuse_an_overlap_whatever_was_overridden(world, admin):
    assert post(admin, **a_wish(override=WHY)).status_code == 201
    with world.app_context():
        row = db.session.scalars(select(Reservation).where(IS_BOOKED)).one()
        assert db.session.get_one(Resource, row.resource_id).room.slug == "hall"
        names = ("resource_id", "event_id", "state", "busy_from", "busy_until", "starts_at", "ends_at")
        copy = {name: getattr(row, name) for name in names}
    with world.app_context(), pytest.raises(Exception, match=r"overlap|reservations"), transaction():
        db.session.add(Reservation(**copy))
