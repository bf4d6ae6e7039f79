"""How many came over JSON: said with the ETag of what was read, known to the offices concerned, rehearsed, repeated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, tokens
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.attendance import counting
from eventsvc.domain.events.lookup import get_event
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_promises import complete_ended
from tests import builders
from tests.interfaces import pages
from tests.interfaces.test_door_doors import program

OVER = datetime(2027, 2, 11, 18, 0, tzinfo=UTC)
NOT_SAID = {"standing": "awaited", "heads": None, "students": None, "families": None, "community": None}


@pytest.fixture
def event_id(world, admin, still) -> str:
    """An event that took place, with an expert who had said yes."""
    event_id = world.plan(experts=("expert-one",))
    admin.post(f"/api/v1/events/{event_id}/confirm")
    path = world.answer_path(event_id).rpartition("/")[2]
    assert admin.post(f"/api/v1/answers/{path}", json={"answer": "accept"}).status_code == 200
    still.move_to(OVER)
    with world.app.app_context():
        assert complete_ended(OVER) == 1
        db.session.remove()
    return event_id


def test_the_number_is_said_changed_and_shown_with_the_event(world, event_id, admin):
    path = f"/api/v1/events/{event_id}/attendance"
    first = admin.get(path)
    assert first.json == {**NOT_SAID, "spoke": None, "counted_at": None, "at_door": None, "feedback": []}
    assert admin.put(path, json={"heads": 40}).status_code == 428
    assert admin.put(path, json={"heads": 40}, headers={"If-Match": '"v0"'}).status_code == 412
    tag = {"If-Match": first.headers["ETag"]}
    rehearsed = admin.put(f"{path}?dry_run=true", json={"heads": 40}, headers=tag)
    assert (rehearsed.status_code, rehearsed.json["heads"]) == (200, 40)
    assert admin.get(path).json == first.json
    said = admin.put(path, json={"heads": 40, "students": 31, "spoke": ["expert-two"]}, headers=tag)
    shown = {**NOT_SAID, "standing": "counted", "heads": 40, "students": 31, "spoke": ["expert-two"]}
    shown["counted_at"] = "2027-02-11T18:00:00Z"
    assert said.json == {**shown, "at_door": None, "feedback": []}
    assert admin.get(f"/api/v1/events/{event_id}").json["attendance"] == shown
    assert admin.put(path, json={"heads": 41}, headers=tag).status_code == 412
    again = admin.put(path, json={"heads": 41}, headers={"If-Match": said.headers["ETag"]})
    assert (again.json["heads"], again.json["students"], again.json["spoke"]) == (41, None, ["expert-two"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "heads"),
        ({"heads": "41"}, "heads"),
        ({"heads": 100_001}, "heads"),
        ({"heads": -1}, "heads"),
        ({"heads": 3, "students": 2, "families": 2}, "heads"),
        ({"heads": 3, "spoke": ["nobody-known"]}, "spoke[0]"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_its_field(world, event_id, admin, body, field):
    answer = admin.put(f"/api/v1/events/{event_id}/attendance", json=body, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_only_what_has_begun_and_takes_place_is_counted(world, admin, still):
    event_id = world.plan()
    answer = admin.put(f"/api/v1/events/{event_id}/attendance", json={"heads": 3}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/wrong-state")
    assert admin.get(f"/api/v1/events/{event_id}").json["attendance"] is None


def test_offices_concerned_read_the_number_and_only_both_offices_the_answers(world, event_id, admin):
    path = f"/api/v1/events/{event_id}/attendance"
    assert admin.put(path, json={"heads": 9}, headers={"If-Match": "*"}).status_code == 200
    with world.app.app_context(), transaction():
        event = get_event(event_id)
        asked = counting.hosts_feedback(event)
        url = services().links.feedback(str(asked.public_id), OVER + timedelta(days=20))
        event.co_hosts.append(builders.an_organization("co-host"))
    by_link = f"/api/v1/feedback/{url.rpartition('/')[2]}"
    guest = world.app.test_client()
    assert guest.get(by_link).json["score"] is None
    assert guest.post(by_link, json={"score": 6}).status_code == 422
    given = guest.post(by_link, json={"score": 4, "comment": "Louder"}).json
    assert (given["score"], given["comment"], given["event"]["id"]) == (4, "Louder", event_id)
    host = program(world.app, Role.COORDINATOR, pages.PASADENA)
    co_host = a_program_of(world, "co-host")
    stranger = program(world.app, Role.COORDINATOR, pages.HARBOR)
    assert [one["comment"] for one in host.get(path).json["feedback"]] == ["Louder"]
    assert (co_host.get(path).json["heads"], co_host.get(path).json["feedback"]) == (9, [])
    assert stranger.get(path).status_code == 404
    assert "attendance" not in stranger.get(f"/api/v1/events/{event_id}").json
    assert guest.get(path).status_code == 401
    assert co_host.put(path, json={"heads": 1}, headers={"If-Match": "*"}).status_code == 403
    assert stranger.put(path, json={"heads": 1}, headers={"If-Match": "*"}).status_code == 403


def a_program_of(world, organization: str):
    """A client with a token of somebody with a role in the whole organization."""
    with world.app.app_context(), transaction():
        who = {"actor": ADMINISTRATOR, "now": OVER}
        account = keep_accounts.let_in(
            "co@host.example", "Somebody", role=Role.COORDINATOR, organization=organization, **who
        ).account
        _, secret = tokens.make(account.id, "a program", list(Scope), OVER + timedelta(days=9), OVER)
    client = world.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_a_link_that_is_over_or_another_ones_is_refused(world, event_id, admin, still):
    with world.app.app_context():
        count = services().links.count(event_id, OVER + timedelta(days=1)).rpartition("/")[2]
    guest = world.app.test_client()
    assert guest.get(f"/api/v1/feedback/{count}").status_code == 404
    assert guest.post(f"/api/v1/feedback/{count}", json={"score": 3}).status_code == 404
