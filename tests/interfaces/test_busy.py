"""Somebody else's lock is no bug: each door says so, nothing is written, and the same works a moment later."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.audit.log import AuditEntry
from eventsvc.domain.events.models import Event
from eventsvc.domain.outbox.models import Message
from eventsvc.interfaces.cli import main
from tests import builders, databases
from tests.databases import ADMIN_TOKEN
from tests.interfaces.browser import Browser, words_of

WISH = {
    "kind": "info_session",
    "title": "Careers at the port",
    "campus": "harbor",
    "starts_local": "2090-02-10T14:00",
    "duration_minutes": 60,
    "rooms": ["hall"],
    "experts": ["pelican"],
}
TOKEN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}


@contextmanager
def world_on(url: str) -> Iterator[Flask]:
    """An app with one room and one expert on that database."""
    app = create_app(databases.settings(url, LOG_LEVEL="WARNING"))
    with app.app_context(), transaction():
        builders.a_room("hall", on=builders.a_campus("harbor"))
        builders.an_expert("pelican")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def impatient_url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database that waits for nobody's lock, or hardly."""
    monkeypatch.setattr("eventsvc.core.db.BUSY_TIMEOUT_SECONDS", 0)
    is_sqlite, sign = database_url.startswith("sqlite"), "&" if "?" in database_url else "?"
    return database_url if is_sqlite else f"{database_url}{sign}options=-clock_timeout%3D20"


@pytest.fixture
def impatient(impatient_url: str) -> Iterator[Flask]:
    with world_on(impatient_url) as app:
        yield app


@contextmanager
def somebody_at_it(url: str) -> Iterator[None]:
    """While it lasts another connection has locked what every story needs."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE resources, search_entries IN EXCLUSIVE MODE")
            yield


def written(app: Flask) -> list[int]:
    """How many events, letters and lines of the audit log there are."""
    with app.app_context():
        return [db.session.scalar(select(func.count()).select_from(one)) for one in (Event, Message, AuditEntry)]


def test_a_program_is_told_to_come_again_and_the_same_works_then(impatient, database_url, caplog):
    client, before = impatient.test_client(), written(impatient)
    logging.getLogger("eventsvc").propagate = True
    with somebody_at_it(database_url):
        answer = client.post("/api/v1/events", json=WISH, headers=TOKEN)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.mimetype == "application/problem+json"
    assert (answer.json["type"], answer.json["status"]) == ("/problems/busy", 503)
    assert written(impatient) == before
    record = next(record for record in caplog.records if record.name == "eventsvc.problems")
    assert (record.levelname, record.request_id) == ("WARNING", answer.json["request_id"])
    assert record.exc_info is None
    assert client.post("/api/v1/events", json=WISH, headers=TOKEN).status_code == 201


@pytest.mark.parametrize(
    ("language", "headline", "sentence"),
    [
        ("en", "Somebody else was busy with the same things", "Nothing was changed. Wait a moment, go back"),
        ("es", "Alguien más estaba trabajando en lo mismo", "No se cambió nada. Espere un momento"),
    ],
)
def test_a_person_reads_a_sentence_and_presses_the_button_again(impatient, database_url, language, headline, sentence):
    planned = impatient.test_client().post("/api/v1/events", json=WISH, headers=TOKEN).json
    browser, before = Browser(impatient), written(impatient)
    browser.sign_in()
    page = f"/events/{planned['id']}?lang={language}"
    browser.get(page)
    with somebody_at_it(database_url):
        browser.post(f"/events/{planned['id']}/withdraw?lang={language}", {})
    assert (browser.status, browser.response.headers["Retry-After"]) == (503, "1")
    assert words_of(browser.page.main.h1) == headline
    assert sentence in browser.text
    assert "OperationalError" not in browser.response.get_data(as_text=True)
    assert written(impatient) == before
    browser.get(page)
    browser.post(f"/events/{planned['id']}/withdraw?lang={language}", {})
    assert browser.status == 200
    assert written(impatient) > before


def test_a_command_says_a_sentence_and_ends_with_1(impatient, impatient_url, database_url, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", impatient_url)
    monkeypatch.setenv("SECRET_KEY", "a key")
    with somebody_at_it(database_url), pytest.raises(SystemExit) as ended:
        main(["reindex"])
    assert ended.value.code == 1
    assert "Busy for a moment: Somebody else was changing the same things" in capsys.readouterr().err


def test_a_real_deadlock_costs_the_request_its_turn_and_nothing_else(postgresql_databases):
    """Another connection has locked the room, and wants the event that the request has locked."""
    url = postgresql_databases.fresh()
    with world_on(url) as app:
        planned = app.test_client().post("/api/v1/events", json=WISH, headers=TOKEN).json
        move = {"starts_local": "2090-02-11T14:00"}

        def moving() -> tuple[int, str | None, str]:
            answer = app.test_client().post(f"/api/v1/events/{planned['id']}/move", json=move, headers=TOKEN)
            return answer.status_code, answer.headers.get("Retry-After"), answer.json.get("type", "")

        # Whoever has waited for so long looks for a circle, and gives way: that is the request, after a second.
        patient = "-cdeadlock_timeout=60s"
        with ThreadPoolExecutor(1) as beside, psycopg.connect(url, options=patient) as other:
            other.execute("SELECT 1 FROM resources FOR UPDATE")
            begun = beside.submit(moving)
            while not other.execute(databases.SOMEBODY_WAITS_FOR_ME).fetchone():
                assert not begun.done(), begun.result()
            other.execute("SELECT 1 FROM events FOR UPDATE")
            assert begun.result(timeout=20) == (503, "1", "/problems/busy")
        event = app.test_client().get(f"/api/v1/events/{planned['id']}", headers=TOKEN).json
        assert (event["starts_local"], event["version"]) == (WISH["starts_local"], planned["version"])
        assert moving()[0] == 200
    postgresql_databases.drop(url)


def test_any_other_error_of_the_database_is_a_bug(impatient):
    impatient.add_url_rule("/broken", view_func=lambda: str(db.session.execute(text("SELECT 1 FROM nowhere"))))
    answer = impatient.test_client().get("/broken")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (500, None)
