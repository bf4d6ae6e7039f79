"""The life of an event: the whole table of moves, through the JSON door, and what each leaves in the audit log."""

from __future__ import annotations

import pytest
import time_machine
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.audit import AuditEntry, AuditValue
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.models import Status
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("still")

PLAN = {"kind": "meeting", "title": "Pilot", "starts_local": "2027-02-10T14:00", "duration_minutes": 60}

# How an event without experts gets into each state, from a draft.
WAYS = {
    Status.DRAFT: [],
    Status.REQUESTED: ["request"],
    Status.CONFIRMED: ["request", "confirm"],
    Status.POSTPONED: ["request", "confirm", "postpone"],
    Status.CANCELLED: ["request", "confirm", "cancel"],
    Status.DECLINED: ["request", "decline"],
    Status.WITHDRAWN: ["request", "withdraw"],
}
LEADS_TO = {
    (Status.DRAFT, Move.REQUEST): Status.REQUESTED,
    (Status.REQUESTED, Move.CONFIRM): Status.CONFIRMED,
    (Status.REQUESTED, Move.DECLINE): Status.DECLINED,
    (Status.REQUESTED, Move.WITHDRAW): Status.WITHDRAWN,
    (Status.CONFIRMED, Move.CONFIRM): Status.CONFIRMED,  # saying yes again changes nothing
    (Status.CONFIRMED, Move.POSTPONE): Status.POSTPONED,
    (Status.CONFIRMED, Move.CANCEL): Status.CANCELLED,
    (Status.POSTPONED, Move.CANCEL): Status.CANCELLED,
    (Status.CANCELLED, Move.RESTORE): Status.CONFIRMED,
}
VERBS = [move for move in Move if move is not Move.COMPLETE]


@pytest.fixture
def campus(bare_app):
    with bare_app.app_context(), transaction():
        return builders.a_campus().slug


def an_event_that_is(status, admin, campus):
    event_id = admin.post("/api/v1/events", json={**PLAN, "campus": campus, "draft": True}).json["id"]
    for verb in WAYS[status]:
        assert admin.post(f"/api/v1/events/{event_id}/{verb}", json={}).status_code == 200
    return event_id


@pytest.mark.parametrize("status", WAYS)
def test_every_move_leads_where_the_table_says_or_is_refused(status, admin, campus):
    for verb in VERBS:
        event_id = an_event_that_is(status, admin, campus)
        answer = admin.post(f"/api/v1/events/{event_id}/{verb}", json={})
        expected = LEADS_TO.get((status, verb))
        if expected is None:
            assert (answer.status_code, answer.json["status_of_event"]) == (409, status), verb
            assert admin.get(f"/api/v1/events/{event_id}").json["status"] == status
        else:
            assert (answer.status_code, answer.json["status"]) == (200, expected), verb


def test_a_postponed_event_needs_a_new_time_before_it_is_confirmed(admin, campus):
    event_id = an_event_that_is(Status.POSTPONED, admin, campus)
    moved = admin.post(f"/api/v1/events/{event_id}/move", json={"starts_local": "2027-02-10T14:00"})
    assert (moved.status_code, moved.json["status"]) == (200, "postponed")
    assert admin.post(f"/api/v1/events/{event_id}/confirm", json={}).json["status"] == "confirmed"


def test_what_is_over_is_not_confirmed_any_more(admin, campus):
    event_id = an_event_that_is(Status.REQUESTED, admin, campus)
    with time_machine.travel("2027-03-01T00:00Z", tick=False):
        assert admin.post(f"/api/v1/events/{event_id}/confirm", json={}).status_code == 409


def test_a_cancelled_postponed_event_is_restored_to_postponed(admin, campus):
    event_id = an_event_that_is(Status.POSTPONED, admin, campus)
    for verb, status in (("cancel", "cancelled"), ("restore", "postponed")):
        assert admin.post(f"/api/v1/events/{event_id}/{verb}", json={}).json["status"] == status


@pytest.mark.parametrize(
    ("status", "is_possible"),
    [
        (Status.DRAFT, False),
        (Status.REQUESTED, True),
        (Status.CONFIRMED, True),
        (Status.POSTPONED, False),
        (Status.CANCELLED, False),
        (Status.DECLINED, False),
        (Status.WITHDRAWN, False),
    ],
)
def test_what_is_on_can_be_published(status, is_possible, admin, campus):
    event_id = an_event_that_is(status, admin, campus)
    answer = admin.post(f"/api/v1/events/{event_id}/publish")
    assert answer.status_code == (200 if is_possible else 409)
    assert bool(admin.get(f"/api/v1/events/{event_id}").json["published_at"]) is is_possible


def test_a_draft_reserves_nothing_and_creating_does_not_publish(bare_app, admin, campus):
    with bare_app.app_context(), transaction():
        room = builders.a_room(on=db.session.scalars(select(builders.Campus)).one()).slug
    wish = {**PLAN, "campus": campus, "rooms": [room]}
    drafts = [admin.post("/api/v1/events", json={**wish, "draft": True}).json for _ in range(2)]
    assert [draft["published_at"] for draft in drafts] == [None, None]
    first, second = (admin.post(f"/api/v1/events/{draft['id']}/request") for draft in drafts)
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json["clashes"][0]["resource"]["slug"] == room


def test_every_move_is_in_the_audit_log_and_free_text_only_as_a_digest(bare_app, admin, campus):
    event_id = an_event_that_is(Status.CONFIRMED, admin, campus)
    admin.post(f"/api/v1/events/{event_id}/move", json={"starts_local": "2027-02-11T14:00"})
    admin.patch(f"/api/v1/events/{event_id}", json={"title": "Pilot, corrected"}, headers={"If-Match": "*"})
    admin.post(f"/api/v1/events/{event_id}/cancel", json={"reason": "The speaker is ill"})
    with bare_app.app_context():
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.subject == event_id).order_by(AuditEntry.id)
        ).all()
        assert [entry.verb for entry in entries] == [
            "plan",
            "request",
            "host-yes",
            "confirm",
            "move",
            "edit",
            "cancel",
        ]
        assert {entry.at for entry in entries} == {NOW}
        by_verb = {entry.verb: entry for entry in entries}
        assert by_verb["move"].changes["starts_at"] == ["2027-02-10T22:00:00Z", "2027-02-11T22:00:00Z"]
        assert "ill" not in str(by_verb["cancel"].changes)
        values = {value.field: (value.before, value.after) for value in db.session.scalars(select(AuditValue))}
        assert values["reason"] == (None, "The speaker is ill")
        assert values["title"] == ("Pilot", "Pilot, corrected")


def test_an_edit_on_an_old_version_is_refused(admin, campus):
    event_id = an_event_that_is(Status.REQUESTED, admin, campus)
    etag = admin.get(f"/api/v1/events/{event_id}").headers["ETag"]
    first = admin.patch(f"/api/v1/events/{event_id}", json={"title": "First"}, headers={"If-Match": etag})
    assert (first.status_code, first.json["title"]) == (200, "First")
    second = admin.patch(f"/api/v1/events/{event_id}", json={"title": "Second"}, headers={"If-Match": etag})
    assert second.status_code == 412
    assert admin.get(f"/api/v1/events/{event_id}").json["title"] == "First"


def test_an_edit_that_changes_nothing_leaves_the_version(admin, campus):
    event_id = an_event_that_is(Status.REQUESTED, admin, campus)
    before = admin.get(f"/api/v1/events/{event_id}")
    read = {"If-Match": before.headers["ETag"]}
    again = admin.patch(f"/api/v1/events/{event_id}", json={"title": "Pilot"}, headers=read)
    assert (again.json, again.headers["ETag"]) == (before.json, before.headers["ETag"])


@pytest.mark.parametrize("name", ["starts_local", "campus", "kind", "rooms", "status", "zone"])
def test_what_is_not_words_is_not_edited_by_patch(name, admin, campus):
    event_id = an_event_that_is(Status.REQUESTED, admin, campus)
    answer = admin.patch(f"/api/v1/events/{event_id}", json={name: "2027-02-11T14:00"}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, name)
