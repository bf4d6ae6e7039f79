"""Calls that people's records answer may carry an Idempotency-Key; the answer is made anew and kept nowhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.idempotency.keys import IdempotencyKey

pytestmark = pytest.mark.usefixtures("still")


def test_a_file_is_made_anew_for_a_call_that_is_sent_again(admin):
    body = {"first": "2027-01-01", "last": "2027-06-30", "purpose": "Request 27-14"}
    answers = [admin.post("/api/v1/privacy/records", json=body, headers={"Idempotency-Key": "27-14"}) for _ in range(2)]
    assert [(answer.status_code, answer.data[:2]) for answer in answers] == [(200, b"PK")] * 2
    assert ["Idempotency-Replayed" in answer.headers for answer in answers] == [False, False]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("export", {"email": "osprey@port.example", "purpose": "Request 27-15"}),
        ("names", {"records": "contacts", "purpose": "Request 27-15"}),
    ],
)
def test_people_are_not_kept_for_a_call_that_is_sent_again(admin, bare_app, path, body):
    admin.post("/api/v1/accounts", json={"email": "osprey@port.example", "name": "Osprey", "role": "administrator"})
    key = {"Idempotency-Key": "27-15"}
    answers = [admin.post(f"/api/v1/privacy/{path}", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].json
    assert all(answer.cache_control.no_store for answer in answers)
    assert ["Idempotency-Replayed" in answer.headers for answer in answers] == [False, False]
    with bare_app.app_context():
        assert db.session.scalars(select(IdempotencyKey)).all() == []
