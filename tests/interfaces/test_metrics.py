"""Figures for Prometheus: behind their token, the same from every worker, and of every scheduler its own."""

from __future__ import annotations

import logging
import os
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.outbox import pause, post
from eventsvc.domain.outbox.deliver import Delivered, Delivery
from eventsvc.domain.outbox.models import MessageState
from eventsvc.domain.outbox.pause import PauseReason
from eventsvc.domain.reminders.tries import Try, WorkKind
from eventsvc.interfaces.figures import SchedulerFigures
from eventsvc.workflows.keep_promises import Kept
from tests import databases, servers
from tests.conftest import NOW
from tests.domain.outbox.test_letters import LETTERS

TOKEN = "watch-" + "x9y8z7w6v5u4t3s2r1q0" * 2
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def read(text: str) -> dict[tuple[str, ...], float]:
    """By name and values of labels, as Prometheus's own parser reads it."""
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@pytest.fixture
def watched(database_url):
    app = create_app(databases.settings(database_url, METRICS_TOKEN=TOKEN))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_without_its_token_there_is_no_such_door_and_another_does_not_open_it(watched, admin):
    assert admin.get("/metrics").status_code == 404
    for headers in ({}, {"Authorization": "Bearer watch"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = watched.test_client().get("/metrics", headers=headers)
        assert (answer.status_code, b"eventsvc_" in answer.data) == (401, False), headers
    answer = watched.test_client().get("/metrics", headers=BEARER)
    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    for path in ("/api/v1/outbox", "/api/v1/audit"):
        assert watched.test_client().get(path, headers=BEARER).status_code == 401, "it opens nothing else"


def test_a_program_that_looks_often_is_not_taken_for_one_that_guesses(watched, still):
    client = watched.test_client()
    assert {client.get("/metrics", headers=BEARER).status_code for _ in range(40)} == {200}


def test_the_figures_are_those_of_the_database(watched, still):
    with watched.app_context(), transaction():
        for key, state in (("a", "queued"), ("b", "queued"), ("c", "failed"), ("d", "set_aside")):
            address = f"{key}@port.example"
            row = post.post("confirmed", key=key, to_address=address, facts=LETTERS["confirmed"], now=NOW)
            row.state = MessageState(state)
        db.session.add(Try(kind=WorkKind.STEP, row=1, begun=5, free_at=NOW, reason="", set_aside_at=NOW))
        pause.begin(PauseReason.BY_HAND, by=ADMINISTRATOR.name, now=NOW)
    still.move_to(NOW + timedelta(minutes=3))
    client = watched.test_client()
    client.get("/no-such-page")
    figures = read(client.get("/metrics", headers=BEARER).text)
    letters = {"queued": 2, "leased": 0, "sent": 0, "failed": 1, "dropped": 0, "set_aside": 1}
    for state, number in letters.items():
        assert figures["eventsvc_letters", state] == number
    ages = {name[1]: value for name, value in figures.items() if name[0] == "eventsvc_oldest_due_seconds"}
    assert ages.pop("letters") == 180
    assert set(ages.values()) == {0}
    aside = {name[1]: value for name, value in figures.items() if name[0] == "eventsvc_set_aside"}
    assert {kind for kind, number in aside.items() if number} == {"letters", "step"}
    assert aside.keys() == {"letters", "webhooks", *map(str, WorkKind)}
    assert figures["eventsvc_delivery_paused",] == 1
    assert figures["eventsvc_requests_total", "GET", "none", "404"] == 1


def test_one_of_several_workers_that_share_no_folder_counts_no_requests(watched, still):
    several = {"wsgi.multiprocess": True}
    figures = read(watched.test_client().get("/metrics", headers=BEARER, environ_overrides=several).text)
    assert ("eventsvc_letters", "sent") in figures
    assert [name for name in figures if name[0].startswith("eventsvc_requests")] == []


@contextmanager
def stopped(processes: Iterable[int]) -> Iterator[None]:
    """None of them does anything for the length of the block."""
    some = list(processes)
    for process in some:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in some:
            os.kill(process, signal.SIGCONT)


def test_workers_add_up_what_they_count(sqlite_databases, tmp_path):
    """Real workers: whichever of them answers, the sum is of all; and nothing is left where they added up."""
    url, folder, workers = sqlite_databases.fresh(), tmp_path / "figures", 3
    folder.mkdir()
    environment = databases.environment(url) | {"METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    environment["GUNICORN_CMD_ARGS"] = "--config python:eventsvc.interfaces.gunicorn_settings"
    with servers.serving(environment, workers=workers, threads=2) as server:

        def asked(path: str) -> str:
            connection = server.connection()
            connection.request("GET", path, headers=BEARER)
            text = connection.getresponse().read().decode()
            connection.close()
            return text

        def have_answered() -> set[int]:
            return {int(path.stem.removeprefix("counter_")) for path in folder.glob("counter_*.db")}

        before = read(asked("/metrics")).get(("eventsvc_requests_total", "GET", "/healthz", "200"), 0)
        for number in range(1, workers + 1):
            known = have_answered()
            with stopped(known if len(known) < workers else ()):
                asked("/healthz")
            figures = read(asked("/metrics"))
            assert figures["eventsvc_requests_total", "GET", "/healthz", "200"] == before + number
        assert len(have_answered()) == workers
    assert not folder.exists()


def test_the_alarms_of_the_docs_ask_for_figures_that_there_are(watched, still):
    client = watched.test_client()
    client.get("/healthz")
    there = {name[0] for name in read(client.get("/metrics", headers=BEARER).text)}
    there |= {sample.name for family in SchedulerFigures().registry.collect() for sample in family.samples}
    docs = (databases.config.HERE / "docs" / "operations.md").read_text()
    [alarms] = re.findall(r"^```yaml\ngroups:.*?^```", docs, re.MULTILINE | re.DOTALL)
    asked = set(re.findall(r"\beventsvc_\w+", alarms))
    assert len(asked) > 5
    assert asked - there == set()


def test_each_scheduler_shows_its_own_rounds(bare_app):
    kept = [Kept(0, 0, Delivered(sent=3, failed=1)), Kept(0, 0, None), None]
    figures = SchedulerFigures()
    assert figures.registry.get_sample_value("eventsvc_ticks_total", {"outcome": "failed"}) == 0
    tick = figures.measured(lambda app, transport, delivery: kept.pop(0))
    for _ in range(3):
        tick(bare_app, None, Delivery())
    logging.getLogger("http.server").setLevel(logging.ERROR)
    with urlopen(f"http://127.0.0.1:{figures.serve(0)}/metrics", timeout=20) as answer:
        shown = read(answer.read().decode())
    assert shown["eventsvc_ticks_total", "done"] == 2
    assert shown["eventsvc_ticks_total", "failed"] == 1
    assert shown["eventsvc_letters_tried_total", "sent"] == 3
    assert shown["eventsvc_tick_seconds_count",] == 3
    assert shown["eventsvc_last_tick_timestamp_seconds",] > 0
