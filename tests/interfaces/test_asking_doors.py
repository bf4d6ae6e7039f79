"""Seats, releases and partners' settings over JSON."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.directory.models import OrganizationKind
from eventsvc.domain.invitations.models import Invitation, InvitationState
from tests import builders

PLAN = {
    "kind": "info_session",
    "title": "Careers at the port",
    "campus": "campus",
    "starts_local": "2027-02-10T14:00",
    "duration_minutes": 90,
    "seats": [{"role": "interpreter", "expert": "first", "then": ["second"], "understudies": ["second"]}],
}


@pytest.fixture
def world(bare_app, still) -> None:
    with bare_app.app_context(), transaction():
        port = builders.an_organization("port", kind=OrganizationKind.PUBLIC_EMPLOYER)
        builders.an_office("port-office", of=port)
        for slug in ("first", "second"):
            builders.an_expert(slug, of=port)
        builders.a_campus("campus")


def test_a_plan_says_seats_and_shows_who_comes_and_who_is_next(world, admin, public):
    (seat,) = admin.post("/api/v1/events", json=PLAN).json["seats"]
    assert (seat["role"], seat["expert"], seat["is_open"]) == ("interpreter", "first", False)
    assert (seat["then"], seat["understudies"]) == (["second"], ["second"])
    assert seat["invitation"]["state"] == "needs_action"


@pytest.mark.parametrize(
    ("seats", "field"),
    [
        ([{"expert": "first", "then": ["first"]}], "seats[0].then"),
        ([{"expert": "first"}, {"expert": "first"}], "seats[1].expert"),
        ([{"expert": "first", "understudies": ["second"]}], "seats[0].understudies"),
        ([{"id": "00000000-0000-0000-0000-000000000000"}], "seats[0].id"),
    ],
)
def test_seats_that_cannot_be_are_refused_by_name(world, admin, seats, field):
    refused = admin.post("/api/v1/events", json={**PLAN, "seats": seats})
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json["errors"]] == [field]


def test_people_are_said_by_seats_or_by_experts(world, admin):
    refused = admin.post("/api/v1/events", json={**PLAN, "experts": ["second"]})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "seats")


def awaiting(bare_app, admin) -> str:
    """An invitation that awaits its release; its id."""
    admin.post("/api/v1/events", json=PLAN)
    with bare_app.app_context(), transaction():
        asked = select(Invitation).where(Invitation.state == InvitationState.NEEDS_ACTION)
        one = db.session.scalars(asked).one()
        one.state, one.released_at = InvitationState.AWAITS_RELEASE, None
        return str(one.public_id)


def test_who_awaits_a_release_is_listed_released_alone_or_with_others_and_refused(world, bare_app, admin, public):
    invitation = awaiting(bare_app, admin)
    assert [one["id"] for one in admin.get("/api/v1/invitations").json["items"]] == [invitation]
    assert public.post(f"/api/v1/invitations/{invitation}/release").status_code == 401
    many = admin.post("/api/v1/invitations/release?dry_run=true", json={"invitations": [invitation]})
    assert [one["state"] for one in many.json["items"]] == ["needs_action"]
    refused = admin.post(f"/api/v1/invitations/{invitation}/refuse?dry_run=true", json={"reason": "At sea"})
    assert refused.json["state"] == "declined"
    assert admin.post(f"/api/v1/invitations/{invitation}/release").json["state"] == "needs_action"
    assert admin.post(f"/api/v1/invitations/{invitation}/release").status_code == 409


def test_how_people_are_asked_is_read_and_changed_by_its_version(world, admin, public):
    found = admin.get("/api/v1/organizations/port/asking")
    assert (found.json["asks_automatically"], found.json["chase_before_days"]) == (False, [14, 7, 3])
    put = {"asks_automatically": True, "pass_on_after_working_days": 9}
    assert admin.put("/api/v1/organizations/port/asking", json=put).status_code == 428
    same = {"headers": {"If-Match": found.headers["ETag"]}}
    changed = admin.put("/api/v1/organizations/port/asking", json=put, **same)
    assert (changed.json["asks_automatically"], changed.json["pass_on_after_working_days"]) == (True, 9)
    assert admin.put("/api/v1/organizations/port/asking", json=put, **same).status_code == 412
    bad = admin.put(
        "/api/v1/organizations/port/asking",
        json={"pass_on_after_working_days": 2},
        headers={"If-Match": changed.headers["ETag"]},
    )
    assert [one["field"] for one in bad.json["errors"]] == ["pass_on_after_working_days"]
    assert public.get("/api/v1/organizations/port/asking").status_code == 401
