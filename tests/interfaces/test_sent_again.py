"""Idempotency-Key: what is sent again gets the answer of the first time and happens once, whatever broke in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventsvc.core.db import db, transaction
from eventsvc.core.errors import Busy, Refusal, SignInNeeded
from eventsvc.domain.accounts import ADMINISTRATOR, Role
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.directory.models import Office
from eventsvc.domain.events.models import Event
from eventsvc.domain.idempotency import keys
from eventsvc.domain.idempotency.keys import KEPT, LEASE, IdempotencyKey
from eventsvc.domain.invitations.models import Invitation
from eventsvc.interfaces.api import sent_again
from eventsvc.interfaces.services import services
from eventsvc.workflows import keep_accounts, plan_event
from eventsvc.workflows.keep_retention import end_old_records
from eventsvc.workflows.keep_tokens import make_token
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("still")
SECOND = timedelta(seconds=1)
WHO = {"actor": ADMINISTRATOR, "now": NOW}
LEE = "lee@example.edu"


@pytest.fixture
def house(still, bare_app: Flask) -> Flask:
    """A hall, two experts, and Lee, who coordinates."""
    with bare_app.app_context(), transaction():
        builders.a_room("hall", on=builders.a_campus("harbor"))
        builders.an_expert("first-expert")
        builders.an_expert("second-expert")
        office = db.session.scalars(select(Office).order_by(Office.id)).first()
        keep_accounts.add_account(LEE, "Lee Example", **WHO)
        keep_accounts.give_role(LEE, Role.COORDINATOR, office=office.slug, **WHO)
    return bare_app


def wish(**more: Any) -> dict[str, Any]:
    wanted = {"kind": "info_session", "title": "Careers", "campus": "harbor", "rooms": ["hall"]}
    return {**wanted, "starts_local": "2027-02-10T14:00", "duration_minutes": 60, **more}


def plan(client: FlaskClient, key: str = "one", path: str = "/api/v1/events", **more: Any):
    return client.post(path, json=wish(**more), headers={"Idempotency-Key": key})


def events(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Event))


def kept(app: Flask) -> list[IdempotencyKey]:
    with app.app_context():
        return list(db.session.scalars(select(IdempotencyKey)))


def program(app: Flask) -> FlaskClient:
    """A client with a token of Lee's."""
    with app.app_context(), transaction():
        _, secret = make_token(LEE, "a program", [Scope.BOOK], days=30, **WHO)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def same(first, again) -> bool:
    """The very same answer, marked as one that was given before."""
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    shown = ("Content-Type", "ETag", "Location")
    return (first.status_code, first.data, [first.headers.get(name) for name in shown]) == (
        again.status_code,
        again.data,
        [again.headers.get(name) for name in shown],
    )


def test_the_same_call_gets_the_same_answer_and_happens_once(house, admin):
    first = plan(admin)
    assert first.status_code == 201
    assert same(first, plan(admin))
    assert same(first, plan(admin, '"one"'))  # in quotes, as the draft wants it
    assert events(house) == 1
    assert first.headers["ETag"] == admin.get(f"/api/v1/events/{first.json['id']}").headers["ETag"]


def test_another_key_is_another_call(house, admin):
    assert [plan(admin, key, draft=True).status_code for key in ("one", "two", "ONE")] == [201] * 3
    assert events(house) == 3


def test_a_no_is_said_again_though_a_new_call_would_be_let_through(house, admin):
    event = plan(admin).json["id"]
    no = plan(admin, "two")
    assert (no.status_code, no.json["type"]) == (409, "/problems/slot-taken")
    assert admin.post(f"/api/v1/events/{event}/withdraw", json={}).status_code == 200
    assert same(no, plan(admin, "two"))
    assert plan(admin, "three").status_code == 201


@pytest.mark.parametrize("more", [{"title": ""}, {"campus": "nowhere"}, {"unknown": 1}])
def test_a_field_that_cannot_be_accepted_is_said_again(house, admin, more):
    no = plan(admin, **more)
    assert no.status_code == 422
    again = plan(admin, **more)
    assert same(no, again)
    assert again.headers["Content-Language"] == "en"
    assert plan(admin).json["type"] == "/problems/key-reused"


def test_a_patch_is_answered_again_though_its_version_is_an_old_one_by_now(house, admin):
    made = plan(admin)
    event = f"/api/v1/events/{made.json['id']}"
    headers = {"Idempotency-Key": "edit", "If-Match": made.headers["ETag"]}
    first = admin.patch(event, json={"title": "Careers at sea"}, headers=headers)
    assert (first.status_code, first.json["version"]) == (200, made.json["version"] + 1)
    assert same(first, admin.patch(event, json={"title": "Careers at sea"}, headers=headers))
    other = admin.patch(event, json={"title": "Careers at sea"}, headers={**headers, "If-Match": "*"})
    assert (other.status_code, other.json["type"]) == (422, "/problems/key-reused")


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Careers, again"},
        {"path": "/api/v1/events?alternatives=0"},
        {"path": "/api/v1/holds"},
    ],
    ids=["another body", "another query", "another path"],
)
def test_a_key_stands_for_one_call_only(house, admin, other):
    assert plan(admin).status_code == 201
    answer = plan(admin, **other)
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/key-reused")
    assert events(house) == 1


def test_answers_are_kept_for_a_day(house, admin, still):
    first = plan(admin, draft=True)
    still.move_to(NOW + KEPT - SECOND)
    assert same(first, plan(admin, draft=True))
    still.move_to(NOW + KEPT)
    assert plan(admin, draft=True).json["id"] != first.json["id"]
    assert events(house) == 2


def test_a_key_that_is_a_day_old_may_stand_for_another_call(house, admin, still):
    plan(admin, draft=True)
    still.move_to(NOW + KEPT)
    assert plan(admin, title="Another", draft=True).status_code == 201


def test_the_night_forgets_what_is_a_day_old(house, admin, still):
    plan(admin, draft=True)
    still.move_to(NOW + KEPT - SECOND)
    plan(admin, "two", draft=True)
    still.move_to(NOW + KEPT)
    with house.app_context():
        assert end_old_records({}, NOW + KEPT) == {"kept_answers": 1}
    assert [row.key for row in kept(house)] == ["two"]


def test_nobody_sees_what_another_credential_was_answered(house, admin):
    clients = [admin, program(house), program(house)]
    answers = [plan(client, draft=True) for client in clients]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json["id"] for answer in answers}) == 3
    assert all(same(first, plan(client, draft=True)) for first, client in zip(answers, clients, strict=True))


def test_whoever_has_only_a_link_is_known_by_the_link(house, admin, public):
    plan(admin, experts=["first-expert", "second-expert"])
    with house.test_request_context():
        links = services().links
        asked = db.session.scalars(select(Invitation).order_by(Invitation.id)).all()
        tokens = [links.answer(str(one.public_id), one.turn, NOW + KEPT).rpartition("/")[2] for one in asked]
    call = {"json": {"answer": "accept"}, "headers": {"Idempotency-Key": "mine"}}
    first, second = (public.post(f"/api/v1/answers/{token}", **call) for token in tokens)
    assert [answer.json["state"] for answer in (first, second)] == ["accepted", "accepted"]
    assert first.json["id"] != second.json["id"]
    assert same(first, public.post(f"/api/v1/answers/{tokens[0]}", **call))
    rows = " ".join(str(getattr(row, column.key)) for row in kept(house) for column in IdempotencyKey.__table__.columns)
    assert not any(token in rows for token in tokens), "links are never stored"


class TooMany(Refusal):
    """As a limit refuses."""

    status = 429


@pytest.mark.parametrize("no", [Busy(), SignInNeeded("Sign in."), TooMany("Later.")], ids=["503", "401", "429"])
def test_what_may_be_different_in_a_moment_is_not_kept(house, admin, monkeypatch, no):
    with monkeypatch.context() as broken:
        broken.setattr(plan_event, "plan_event", refusing(no))
        assert plan(admin).status_code == no.status
    assert kept(house) == []
    assert plan(admin).status_code == 201


def refusing(no: BaseException):
    def story(*_: object, **__: object) -> None:
        raise no

    return story


def test_a_bug_leaves_the_key_free(house, admin, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(plan_event, "plan_event", refusing(RuntimeError("broken")))
        assert plan(admin).status_code == 500
    assert (kept(house), plan(admin).status_code) == ([], 201)


def test_what_was_done_is_taken_back_where_its_answer_cannot_be_kept(house, admin, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(keys, "keep", refusing(RuntimeError("no room left")))
        assert plan(admin).status_code == 500
    assert (events(house), kept(house)) == (0, [])
    assert plan(admin).status_code == 201


def test_what_was_done_is_taken_back_where_its_answer_cannot_be_made(house, admin, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("eventsvc.interfaces.api.events.created", refusing(RuntimeError("no words")))
        assert plan(admin).status_code == 500
    assert (events(house), kept(house)) == (0, [])


def test_a_call_that_crashed_may_be_sent_again_when_its_lease_is_over(house, admin, monkeypatch, still):
    class Crash(BaseException):
        """The machine is gone: nothing more is done, not even tidied up."""

    with monkeypatch.context() as broken:
        broken.setattr(sent_again, "_carried_out", refusing(Crash()))
        with pytest.raises(Crash):
            plan(admin)
    for later in (timedelta(), LEASE - SECOND):
        still.move_to(NOW + later)
        meanwhile = plan(admin)
        assert (meanwhile.status_code, meanwhile.json["type"]) == (409, "/problems/under-way")
        assert meanwhile.headers["Retry-After"] == "1"
        assert plan(admin, title="Another").json["type"] == "/problems/key-reused"
    still.move_to(NOW + LEASE)
    first = plan(admin)
    assert first.status_code == 201
    assert same(first, plan(admin))
    assert events(house) == 1


def test_who_comes_back_after_the_lease_was_taken_over_writes_nothing(house, admin, monkeypatch, still):
    carry_out = sent_again._carried_out
    overtaking = []

    def slowly(claimed, view):
        """The first sleeps after it has claimed its key; meanwhile the same is sent again."""
        monkeypatch.setattr(sent_again, "_carried_out", carry_out)
        still.move_to(NOW + LEASE)
        overtaking.append(plan(second, draft=True))
        return carry_out(claimed, view)

    second = house.test_client()
    second.environ_base.update(admin.environ_base)
    monkeypatch.setattr(sent_again, "_carried_out", slowly)
    first = plan(admin, draft=True)
    assert (first.status_code, first.json["type"]) == (409, "/problems/under-way")
    assert overtaking[0].status_code == 201
    assert events(house) == 1
    assert same(overtaking[0], plan(admin, draft=True))


def test_a_dry_run_keeps_no_key(house, admin):
    tried = plan(admin, path="/api/v1/events?dry_run=true")
    assert (tried.status_code, kept(house)) == (200, [])
    assert plan(admin).status_code == 201
    clash = plan(admin, path="/api/v1/events?dry_run=true")
    assert clash.status_code == 409
    assert "Idempotency-Replayed" not in clash.headers


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "two words", '"two words"', "ké", "a\tb"])
def test_what_is_no_key_is_named(house, admin, key):
    answer = plan(admin, key)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert (events(house), kept(house)) == (0, [])


@pytest.mark.parametrize("key", ["x", '""', "x" * 255, "~!#$%&'*+-.^_`|", 'a"b', r'"a\"b"'])
def test_visible_characters_are_a_key(house, admin, key):
    first = plan(admin, key, draft=True)
    assert first.status_code == 201
    assert same(first, plan(admin, key, draft=True))


def test_without_a_key_nothing_is_kept(house, admin):
    assert admin.post("/api/v1/events", json=wish()).status_code == 201
    assert kept(house) == []
