"""POST /inbound/mail: our own mail server brings mail with a secret; everybody else reads why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core import caps
from eventsvc.core.db import db
from eventsvc.domain.mail.models import ReceivedMail
from tests import databases
from tests.databases import ADMIN_TOKEN

SECRET = "what the relay shows"
MAIL = b"From: osprey@port.example\r\nSubject: Yes\r\n\r\nI shall come.\r\n"
TO = "events+abcdefghijklmnopqrstuvwxyz@calendar.example"
Send = Callable[..., Any]


def relay(app: Flask) -> Send:
    """send(MAIL, secret=…, kind=…, to=…): as a relay sends."""
    client = app.test_client()

    def send(body: Any = MAIL, *, secret: str | None = SECRET, kind: str | None = "message/rfc822", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {secret}"} if secret is not None else {}
        headers |= more.pop("headers", {})
        return client.post("/inbound/mail", data=body, content_type=kind, headers=headers, **more)

    return send


@pytest.fixture
def house(database_url: str, still: object) -> Iterator[Flask]:
    app = create_app(databases.settings(database_url, MAIL_IN_SECRET=SECRET))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def send(house: Flask) -> Send:
    return relay(house)


def kept(app: Flask) -> list[ReceivedMail]:
    with app.app_context():
        rows = list(db.session.scalars(select(ReceivedMail).order_by(ReceivedMail.id)))
        db.session.remove()
    return rows


def test_a_relay_brings_a_mail_and_may_bring_it_again(house, send):
    answers = [send(), send()]
    assert [answer.status_code for answer in answers] == [202, 202]
    (mail,) = kept(house)
    assert answers[0].json == answers[1].json == {"id": str(mail.public_id), "state": "waiting"}
    assert (mail.raw, mail.door, mail.envelope_to) == (MAIL, "http", "")


@pytest.mark.parametrize(
    "said",
    [
        {"query_string": {"to": TO}},
        {"query_string": {"to": f"<{TO}>"}},
        {"headers": {"X-Envelope-To": TO}},
        {"headers": {"X-Envelope-To": "b@c.example"}, "query_string": {"to": TO}},
    ],
)
def test_the_envelope_may_be_told(house, send, said):
    assert send(**said).status_code == 202
    assert [mail.envelope_to for mail in kept(house)] == [TO]


def test_a_body_without_a_length_is_taken_too(house, send):
    chunked = {"environ_overrides": {"wsgi.input_terminated": True}, "headers": {"Transfer-Encoding": "chunked"}}
    assert send(**chunked).status_code == 202
    assert [mail.raw for mail in kept(house)] == [MAIL]


REFUSALS: dict[str, tuple[dict[str, Any], int]] = {
    "no secret": ({"secret": None}, 401),
    "an empty secret": ({"secret": ""}, 401),
    "another secret": ({"secret": SECRET + "!"}, 401),
    "a secret of other letters": ({"secret": "\xfc" * 20}, 401),
    "the administrator's token": ({"secret": ADMIN_TOKEN}, 401),
    "a form": ({"kind": "application/x-www-form-urlencoded"}, 415),
    "JSON": ({"kind": "application/json", "body": b"{}"}, 415),
    "no kind": ({"kind": None}, 415),
    "several mails": ({"kind": "multipart/mixed"}, 415),
    "no mail": ({"body": b"Hello!\r\n"}, 422),
    "nothing": ({"body": b""}, 422),
    "a recipient that is none": ({"query_string": {"to": "events"}}, 422),
    "a recipient that is too long": ({"query_string": {"to": "x" * 250 + "@calendar.example"}}, 422),
    "a recipient with a NUL": ({"query_string": {"to": "a\0b@calendar.example"}}, 422),
    "too long": ({"body": b"Subject: x\r\n\r\n" + b"x" * caps.MAIL.most_bytes}, 413),
}


@pytest.mark.parametrize("what", list(REFUSALS))
def test_everything_else_is_refused_with_a_problem_document_and_kept_nowhere(house, send, what):
    sent, status = REFUSALS[what]
    answer = send(**sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["detail"]
    assert SECRET not in answer.get_data(as_text=True)
    assert kept(house) == []


def test_the_longest_mail_is_taken(house, send):
    begun = b"Subject: x\r\n\r\n"
    assert send(begun + b"x" * (caps.MAIL.most_bytes - len(begun))).status_code == 202


@pytest.mark.parametrize("secret", ["", SECRET, ADMIN_TOKEN, None])
def test_without_a_secret_there_is_no_such_door(bare_app, secret):
    answer = relay(bare_app)(secret=secret)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert kept(bare_app) == []


def test_the_relays_secret_opens_no_other_door(house):
    client: FlaskClient = house.test_client()
    said = {"Authorization": f"Bearer {SECRET}"}
    assert client.get("/api/v1/accounts", headers=said).status_code == 401
    assert client.get("/home", headers=said).status_code in (302, 303)
    assert client.get("/inbound/mail", headers=said).status_code == 405


def test_the_relay_writes_as_often_as_a_program_and_whoever_guesses_soon_waits(database_url, still):
    few = {"RATE_LIMIT_WRITES": "5 per minute", "RATE_LIMIT_PUBLIC_WRITES": "2 per minute"}
    app = create_app(databases.settings(database_url, MAIL_IN_SECRET=SECRET, RATE_LIMIT_ATTEMPTS="3 per hour", **few))
    send = relay(app)
    assert [send(MAIL + b"%d" % number).status_code for number in range(6)] == [202] * 5 + [429]
    assert [send(secret=f"guess {number}").status_code for number in range(3)] == [401, 401, 429]
    with app.app_context():
        db.engine.dispose()
