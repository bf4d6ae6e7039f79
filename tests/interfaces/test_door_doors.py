"""Links for the door over JSON and by command: shown once, ended, and how many came in the event's facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR, Role, tokens
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.attendance.models import DoorLink
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.directory.models import Campus, Office
from eventsvc.domain.idempotency.keys import IdempotencyKey
from eventsvc.interfaces.cli import main
from eventsvc.workflows import keep_accounts
from tests import databases
from tests.conftest import NOW
from tests.interfaces import pages
from tests.interfaces.browser import Browser

DAY = "2027-02-10"
ON_THE_DAY = datetime(2027, 2, 10, 21, 0, tzinfo=UTC)


@pytest.fixture
def event_id(world) -> str:
    return world.plan(rooms=("creveling-lounge",))


def program(app: Flask, role: Role, campus: str) -> FlaskClient:
    """A client with a token of somebody with that role at the office of the campus."""
    who = {"actor": ADMINISTRATOR, "now": NOW}
    with app.app_context(), transaction():
        offices = select(Office.slug).join(Campus, Campus.organization_id == Office.organization_id)
        office = db.session.scalars(offices.where(Campus.slug == campus)).one()
        email = f"{role}-{campus}@example.edu"
        account = keep_accounts.let_in(email, "Somebody", role=role, office=office, **who).account
        _, secret = tokens.make(account.id, "a program", list(Scope), NOW + timedelta(days=90), NOW)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def made(client: FlaskClient, event_id: str, **headers: str) -> Any:
    return client.post(f"/api/v1/events/{event_id}/door-links", json={"day": DAY}, headers=headers)


def counted(app: Flask, url: str, *buttons: str) -> Browser:
    """A helper's browser, once those buttons were pressed."""
    helper = Browser(app)
    helper.get("/door/" + url.rpartition("/")[2])
    for button in buttons:
        helper.submit(button)
    return helper


def test_a_link_is_shown_once_opens_its_door_and_is_ended(world, event_id, admin, still):
    answer = made(admin, event_id)
    link = answer.json
    path = f"/api/v1/events/{event_id}/door-links/{link['id']}"
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.headers["Location"].endswith(path)
    assert (link["day"], link["made_by"], link["ended_at"]) == (DAY, "administrator", None)
    listed = admin.get(f"/api/v1/events/{event_id}/door-links").json["items"]
    assert listed == [{name: value for name, value in link.items() if name != "url"}]
    shown = admin.get(path)
    assert (shown.json, shown.headers["ETag"]) == (listed[0], answer.headers["ETag"])
    still.move_to(ON_THE_DAY)
    assert counted(world.app, link["url"]).status == 200
    assert admin.delete(path).status_code == 428
    assert admin.delete(path, headers={"If-Match": '"ended"'}).status_code == 412
    for _ in range(2):
        assert admin.delete(path, headers={"If-Match": shown.headers["ETag"]}).status_code == 204
    assert counted(world.app, link["url"]).status == 410
    assert admin.get(path).json["ended_at"] == "2027-02-10T21:00:00Z"
    assert admin.get(f"/api/v1/events/{event_id}/door-links").json["items"] == []
    with world.app.app_context():
        verbs = db.session.scalars(select(AuditEntry.verb).where(AuditEntry.verb.endswith("door_link"))).all()
        assert verbs == ["make_door_link", "end_door_link"]


def test_a_call_sent_again_makes_no_other_link_and_shows_and_keeps_none(world, event_id, admin):
    key = {"Idempotency-Key": "door-1"}
    first, again = made(admin, event_id, **key), made(admin, event_id, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == {**first.json, "url": None}
    assert [again.headers[name] for name in ("Location", "ETag")] == [
        first.headers[name] for name in ("Location", "ETag")
    ]
    secret = first.json["url"].rpartition("/")[2]
    with world.app.app_context():
        assert len(db.session.scalars(select(DoorLink)).all()) == 1
        assert secret not in "".join(f"{row.__dict__}" for row in db.session.scalars(select(IdempotencyKey)))


def test_what_is_no_day_of_the_event_an_older_version_and_a_dry_run_make_nothing(world, event_id, admin):
    path = f"/api/v1/events/{event_id}/door-links"
    answer = admin.post(path, json={"day": "2027-02-11"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "day")
    assert made(admin, event_id, **{"If-Match": '"v0"'}).status_code == 412
    rehearsed = admin.post(f"{path}?dry_run=true", json={"day": DAY})
    assert (rehearsed.status_code, rehearsed.json["url"]) == (200, None)
    assert admin.get(path).json["items"] == []


def test_offices_concerned_read_how_many_came_and_only_the_one_in_charge_keeps_links(world, event_id, admin, still):
    url = made(admin, event_id).json["url"]
    still.move_to(ON_THE_DAY)
    counted(world.app, url, "10 more", "1 more", "1 fewer")
    heads = [{"day": DAY, "heads": 10, "counted_at": "2027-02-10T21:00:00Z"}]
    ours = program(world.app, Role.COORDINATOR, pages.PASADENA)
    counselor = program(world.app, Role.COUNSELOR, pages.PASADENA)
    strangers = program(world.app, Role.COORDINATOR, pages.HARBOR)
    for client in (admin, ours, counselor):
        assert client.get(f"/api/v1/events/{event_id}").json["head_counts"] == heads
    for client in (strangers, world.app.test_client()):
        assert "head_counts" not in client.get(f"/api/v1/events/{event_id}").json
    links = f"/api/v1/events/{event_id}/door-links"
    assert [client.get(links).status_code for client in (ours, counselor, strangers)] == [200, 403, 403]
    assert world.app.test_client().get(links).status_code == 401


def test_a_private_event_of_others_has_no_door_to_them(world, admin):
    event_id = world.plan(published=False)
    link = made(admin, event_id).json["id"]
    strangers = program(world.app, Role.COORDINATOR, pages.HARBOR)
    links = f"/api/v1/events/{event_id}/door-links"
    statuses = [
        strangers.get(links).status_code,
        strangers.get(f"{links}/{link}").status_code,
        made(strangers, event_id).status_code,
        strangers.delete(f"{links}/{link}", headers={"If-Match": "*"}).status_code,
    ]
    assert statuses == [404] * 4


def test_a_link_of_another_event_is_none_of_this_one(world, event_id, admin):
    link = made(admin, event_id).json["id"]
    other = world.plan(published=False, title="Another")
    path = f"/api/v1/events/{other}/door-links/{link}"
    assert admin.get(path).status_code == 404
    assert admin.delete(path, headers={"If-Match": "*"}).status_code == 404


def test_the_command_makes_lists_and_ends_links_and_says_how_many_came(
    world, event_id, still, database_url, monkeypatch, capsys
):
    for name, value in databases.environment(database_url).items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["door", *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    code, address, advice = run("link", event_id, "--day", DAY)
    assert (code, "/door/" in address) == (0, True)
    listed = run("list", event_id)[1]
    link_id = listed.split("\t")[0]
    assert f"{DAY}\tuntil 2027-02-11 14:00 UTC\tby administrator" in listed
    assert address.strip() not in listed
    assert f"eventsvc door end {event_id} {link_id}" in advice
    assert run("heads", event_id)[1] == "Nobody has counted.\n"
    still.move_to(ON_THE_DAY)
    counted(world.app, address.strip(), "10 more")
    assert run("heads", event_id)[1] == f"{DAY}\t10\n"
    assert run("end", event_id, link_id)[0] == 0
    assert counted(world.app, address.strip()).status == 410
    assert "None. Make one" in run("list", event_id)[1]
    assert run("link", event_id, "--day", "2027-02-11")[0] == 1
    assert run("list", "00000000-0000-4000-8000-000000000000")[0] == 1
