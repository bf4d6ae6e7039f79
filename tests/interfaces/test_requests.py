"""What every request gets: an id that errors repeat, quiet logs, headers, health."""

from __future__ import annotations

import json
import logging

import pytest
import time_machine

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from tests import builders, databases
from tests.conftest import NOW
from tests.databases import ADMIN_TOKEN


def test_health_says_alive_and_ready(public):
    assert public.get("/healthz").json == {"status": "ok"}
    assert (public.get("/readyz").status_code, public.get("/readyz").json["status"]) == (200, "ready")


def test_readiness_tells_a_database_that_is_not_at_head_from_one_that_is_away(tmp_path):
    empty = create_app(databases.settings(f"sqlite:///{tmp_path}/empty.sqlite3"))
    away = create_app(databases.settings("postgresql://nobody@127.0.0.1:1/nothing"))
    for app, expected in ((empty, ("ok", "run: eventsvc db upgrade")), (away, ("unreachable", "not known"))):
        answer = app.test_client().get("/readyz")
        assert answer.status_code == 503
        assert (answer.json["database"], answer.json["schema"]) == expected
        with app.app_context():
            db.engine.dispose()


def test_an_error_repeats_its_request_id(public):
    answer = public.get("/api/v1/events/nothing")
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_bug_is_told_without_a_traceback_and_logged_with_one(bare_app, caplog):
    bare_app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    logging.getLogger("eventsvc").propagate = True
    answer = bare_app.test_client().get("/broken")
    assert answer.status_code == 500
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert "ZeroDivision" not in answer.get_data(as_text=True)
    record = next(record for record in caplog.records if record.name == "eventsvc.problems")
    assert record.request_id == answer.json["request_id"]
    assert record.exc_info


def test_in_text_logs_the_line_of_a_bug_and_of_its_request_carry_the_id(database_url, capsys):
    app = create_app(databases.settings(database_url, LOG_FORMAT="text", LOG_LEVEL="INFO"))
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    answer = app.test_client().get("/broken")
    number = f"[{answer.headers['X-Request-Id']}]"
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith(f"ERROR eventsvc.problems: bug: ZeroDivisionError {number}")
    assert lines[1] == "Traceback (most recent call last):"
    assert "GET /broken 500" in lines[-1]
    assert lines[-1].endswith(f" ms {number}")
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("style", ["text", "json"])
@time_machine.travel(NOW, tick=False)
def test_no_log_line_holds_a_token_an_address_or_a_name(database_url, style, capsys):
    app = create_app(databases.settings(database_url, LOG_FORMAT=style, LOG_LEVEL="DEBUG"))
    with app.app_context(), transaction():
        campus = builders.a_campus("campus-of-the-log")
        builders.an_expert("expert-of-the-log", email="secret@port.example")
    client = app.test_client()
    wish = {
        "kind": "meeting",
        "title": "A title that stays at home",
        "campus": campus.slug,
        "experts": ["expert-of-the-log"],
        "starts_local": "2027-02-10T14:00",
        "duration_minutes": 60,
    }
    answer = client.post("/api/v1/events", json=wish, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
    assert answer.status_code == 201
    client.get("/answer/a-token-of-a-letter")
    client.get("/api/v1/experts/expert-of-the-log?cursor=secret@port.example")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(word in lines[0] for word in ("POST", "/api/v1/events", "201", answer.headers["X-Request-Id"]))
    secrets = (ADMIN_TOKEN, "a-token-of", "127.0.0.1", "secret@", "of-the-log", "Of The Log", "stays at home")
    assert [(line, word) for line in lines for word in secrets if word in line] == []
    if style == "json":
        assert json.loads(lines[0])["request_id"] == answer.headers["X-Request-Id"]
    with app.app_context():
        db.engine.dispose()


def test_links_come_from_public_url_and_never_from_the_host_header(bare_app, admin):
    with bare_app.app_context(), transaction():
        for _ in range(3):
            builders.a_campus()
    answer = admin.get("/api/v1/campuses?limit=2", headers={"Host": "evil.example"})
    assert answer.json["next"].startswith("https://events.example/api/v1/campuses?limit=2&cursor=")
    rest = admin.get(answer.json["next"].removeprefix("https://events.example"))
    assert (len(rest.json["items"]), rest.json["next"]) == (1, None)


def test_every_answer_carries_the_headers_that_keep_a_browser_honest(public):
    headers = public.get("/healthz").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]


def test_a_wrong_token_is_nobody_and_is_told_how_to_sign_in(public):
    answer = public.post("/api/v1/events", json={}, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code in (401, 422)
    answer = public.post("/api/v1/events/00000000-0000-4000-8000-000000000000/publish", headers={"Authorization": "x"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
