"""Webhooks over JSON: the secret once, changes by version, the log, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from eventsvc.core.db import transaction
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from tests import builders
from tests.fuzz.filled import WHO

pytestmark = pytest.mark.usefixtures("still")
OF_OFFICE, OF_ALL = "/api/v1/offices/career-center/webhooks", "/api/v1/webhooks"
WISH = {"url": "https://8.8.8.8/hooks?key=theirs", "kinds": ["event.moved", "event.created"], "note": "texts"}


@pytest.fixture
def office(app: Any) -> None:
    with transaction():
        builders.an_office("career-center")
        builders.an_office("another")


def token(role: Role, scopes: list[Scope], office: str = "career-center") -> dict[str, str]:
    with transaction():
        keep_accounts.add_account("lee@college.example", "Lee Example", **WHO)
        keep_accounts.give_role("lee@college.example", role, office=office, **WHO)
        return {"Authorization": f"Bearer {make_token('lee@college.example', 'one', scopes, days=9, **WHO)[1]}"}


@pytest.mark.parametrize("many", [OF_OFFICE, OF_ALL])
def test_a_target_is_made_changed_turned_and_ended_and_its_secret_is_shown_once_each_time(admin, office, many):
    tried = admin.post(f"{many}?dry_run=true", json=WISH)
    assert (tried.status_code, tried.json["secret"], admin.get(many).json["items"]) == (200, None, [])
    key = {"Idempotency-Key": "one"}
    made, again = (admin.post(many, json=WISH, headers=key) for _ in range(2))
    first = made.json["secret"]
    assert (made.status_code, first[:6], len(first)) == (201, "whsec_", 50)
    assert "no-store" in made.headers["Cache-Control"]
    assert (again.status_code, again.json) == (201, {**made.json, "secret": None})
    one = made.headers["Location"].removeprefix("https://events.example")
    read = admin.get(one)
    assert read.json == again.json == admin.get(many).json["items"][0]
    assert (read.json["office"], read.json["kinds"]) == (
        "career-center" if many == OF_OFFICE else None,
        ["event.created", "event.moved"],
    )
    tag = {"If-Match": read.headers["ETag"]}
    changes = {"url": "https://8.8.4.4/", "kinds": ["reminder.due"], "note": "", "paused": True}
    rehearsed = admin.patch(f"{one}?dry_run=true", json=changes, headers=tag)
    changed = admin.patch(one, json=changes, headers={**tag, "Idempotency-Key": "two"})
    assert rehearsed.json == changed.json == {**read.json, **changes, "off_because": "by_hand", "version": 3}
    assert admin.patch(one, json=changes, headers={**tag, "Idempotency-Key": "two"}).json == changed.json
    stale = admin.patch(one, json={"paused": False}, headers=tag)
    assert (stale.status_code, stale.json["etag"]) == (412, changed.headers["ETag"])
    assert admin.post(f"{one}/turn", json={}, headers=tag).status_code == 412
    turned = admin.post(f"{one}/turn", json={"overlap_hours": 2}, headers={"If-Match": changed.headers["ETag"]})
    assert turned.json["secret"] not in (None, first)
    assert turned.json["both_sign_until"] == "2027-01-11T19:00:00Z"
    assert admin.delete(one, headers=tag).status_code == 412
    assert admin.delete(one, headers={"If-Match": turned.headers["ETag"]}).status_code == 204
    assert admin.get(one).status_code == 404


def test_the_log_is_read_page_by_page_with_bodies_and_what_ended_is_sent_again(admin, office):
    one = f"{OF_ALL}/{admin.post(OF_OFFICE, json=WISH).json['id']}"
    sent = [admin.post(f"{one}/test") for _ in range(3)]
    assert {answer.status_code for answer in sent} == {201}
    assert admin.get(one).json["waiting"] == {"number": 3, "oldest_at": "2027-01-11T17:00:00Z"}
    newest = admin.get(f"{one}/deliveries?limit=2").json
    rest = admin.get(newest["next"].removeprefix("https://events.example")).json
    assert [[found["id"] for found in page["items"]] for page in (newest, rest)] == [
        [sent[2].json["id"], sent[1].json["id"]],
        [sent[0].json["id"]],
    ]
    assert rest["next"] is None
    assert "body" not in newest["items"][0]
    delivery = f"{one}/deliveries/{sent[0].json['id']}"
    read = admin.get(delivery).json
    assert read == sent[0].json
    assert read["body"] == (
        f'{{"type":"webhook.test","timestamp":"2027-01-11T17:00:00Z","data":{{"webhook":"{one[-36:]}"}}}}'
    )
    assert admin.post(f"{delivery}/again").status_code == 409
    version = {"If-Match": admin.get(one).headers["ETag"]}
    paused = admin.patch(one, json={"paused": True}, headers=version)
    assert (paused.json["paused"], paused.json["waiting"]["number"]) == (True, 0)
    assert len(admin.get(f"{one}/deliveries?state=dropped").json["items"]) == 3
    assert admin.get(f"{one}/deliveries?state=done").json["items"] == []
    assert [admin.post(f"{path}").status_code for path in (f"{one}/test", f"{delivery}/again")] == [409, 409]
    admin.patch(one, json={"paused": False}, headers={"If-Match": "*"})
    assert admin.post(f"{delivery}/again", headers=version).status_code == 412
    again = admin.post(f"{delivery}/again").json
    assert (again["state"], again["ended_at"], again["webhook_id"]) == ("queued", None, read["webhook_id"])
    other = admin.post(OF_OFFICE, json=WISH).json["id"]
    assert admin.get(f"{OF_ALL}/{other}/deliveries/{sent[0].json['id']}").status_code == 404


REFUSED = [
    ({"url": "https://10.0.0.1/"}, "url"),
    ({"url": "http://8.8.8.8/"}, "url"),
    ({"url": "https://[::ffff:127.0.0.1]/"}, "url"),
    ({"kinds": []}, "kinds"),
    ({"kinds": ["event.eaten"]}, "kinds[0]"),
    ({"note": "x" * 201}, "note"),
    ({"note": "a\nb"}, "note"),
    ({"more": 1}, "more"),
]


@pytest.mark.parametrize(("wish", "field"), REFUSED)
def test_what_cannot_be_is_refused_by_its_field_when_made_and_when_changed(admin, office, wish, field):
    one = f"{OF_ALL}/{admin.post(OF_OFFICE, json=WISH).json['id']}"
    before = admin.get(one).json
    made = admin.post(OF_OFFICE, json={**WISH, **wish})
    changed = admin.patch(one, json=wish, headers={"If-Match": "*"})
    for answer in (made, changed):
        assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert admin.get(one).json == before
    assert len(admin.get(OF_OFFICE).json["items"]) == 1


WHOSE = [
    (Role.COORDINATOR, list(Scope), "career-center", 200, 200),
    (Role.COORDINATOR, [Scope.READ, Scope.BOOK], "career-center", 403, 404),
    (Role.COUNSELOR, list(Scope), "career-center", 403, 404),
    (Role.COORDINATOR, list(Scope), "another", 403, 404),
]


@pytest.mark.parametrize(("role", "scopes", "at", "of_office", "one"), WHOSE)
def test_a_token_reaches_the_webhooks_of_the_office_that_it_may_keep_alone(
    public, admin, office, role, scopes, at, of_office, one
):
    theirs, everything = (admin.post(many, json=WISH).json["id"] for many in (OF_OFFICE, OF_ALL))
    bearer = token(role, scopes, at)
    assert public.get(OF_OFFICE, headers=bearer).status_code == of_office
    assert public.get(OF_ALL, headers=bearer).status_code == 403
    assert public.get(f"{OF_ALL}/{everything}", headers=bearer).status_code == 404
    assert public.get(f"{OF_ALL}/{theirs}", headers=bearer).status_code == one
    assert public.get(f"{OF_ALL}/{theirs}/deliveries", headers=bearer).status_code == one
    tested = public.post(f"{OF_ALL}/{theirs}/test", headers=bearer)
    assert tested.status_code == (201 if one == 200 else one)
    ended = public.delete(f"{OF_ALL}/{theirs}", headers={**bearer, "If-Match": "*"})
    assert ended.status_code == (204 if one == 200 else one)
    assert [public.get(path).status_code for path in (OF_OFFICE, OF_ALL, f"{OF_ALL}/{theirs}")] == [401, 401, 401]
