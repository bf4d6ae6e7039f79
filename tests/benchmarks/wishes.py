"""Requests: a page of the partner's board beside 1,000 that wait, and a round of 116 colleges over 30 people."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, process_time

import time_machine
from flask import Flask
from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.requests.windows import SaidWindow
from eventsvc.workflows import grant_rounds, plan_event
from eventsvc.workflows.ask_partner import AskedFor, ask_partner
from tests import builders, databases
from tests.benchmarks import measure, trials
from tests.benchmarks.trials import Row, Say, a_database

COLLEGES, EXPERTS, TOPICS, WAITING, PAGE = 116, 30, 6, 1000, 10
NOW = datetime(2034, 1, 2, 17, 0, tzinfo=UTC)  # a Monday
FIRST = date(2034, 2, 6)
WHO = {"actor": ADMINISTRATOR, "now": NOW}


def _fill(sessions: int) -> None:
    """116 colleges, 30 people with three topics each, and sessions that are planned already."""
    port = builders.an_organization("port")
    office = builders.an_office("outreach", of=port)
    topics = [builders.a_topic(f"topic-{number}") for number in range(TOPICS)]
    campuses = []
    for number in range(COLLEGES):
        campus = builders.a_campus(f"campus-{number}")
        campus.latitude, campus.longitude = 33.7 + number % 12 / 20, -118.6 + number % 10 / 15
        campus.students = 2_000 + 311 * number
        campuses.append(campus)
    for number in range(EXPERTS):
        known = [topics[(number + step) % TOPICS] for step in range(3)]
        expert = builders.an_expert(f"expert-{number}", of=port, office=office, topics=known, max_per_week=4)
        expert.home_campus = campuses[number * 3]
        expert.max_per_day = 1
    db.session.flush()
    experts = list(db.session.scalars(select(Expert).order_by(Expert.id)))
    for number in range(sessions):
        day = FIRST + timedelta(days=number // EXPERTS * 2)
        when = builders.at(f"{day}T{9 + number % 6:02}:00")
        plan = builders.a_plan(campuses[number % COLLEGES], when=when, experts=[experts[number % EXPERTS]])
        plan_event.plan_event(plan, **WHO)


def _ask(number: int, at: datetime, round_id: str | None = None) -> None:
    campus = f"campus-{number % COLLEGES}"
    first = FIRST + timedelta(days=number % 40)
    windows = (
        SaidWindow(first_on=first, last_on=first + timedelta(days=4)),
        SaidWindow(first_on=first + timedelta(days=7), last_on=first + timedelta(days=11), weekdays=(0, 2)),
        SaidWindow(first_on=first + timedelta(days=14), last_on=first + timedelta(days=25)),
    )
    topics = tuple(f"topic-{(number + step) % TOPICS}" for step in range(2))
    wish = {"partner": "port", "campus": campus, "title": f"Careers {number}", "windows": windows, "topics": topics}
    ask_partner(AskedFor(**wish, round=round_id), actor=ADMINISTRATOR, now=at)  # type: ignore[arg-type]  # as above


def board(engine: str, say: Say, *, times: int) -> list[Row]:
    """The first page of the board, as a page and as JSON: rows, suggestions, reasons in words."""
    with a_database(engine) as url:
        app = create_app(databases.settings(url))
        with app.test_request_context():
            say(f"{engine}: {WAITING:,} requests wait")
            with transaction():
                _fill(EXPERTS * 10)
                for number in range(WAITING):
                    _ask(number, NOW + timedelta(minutes=number))
            _close()
        # What filling left behind is none of the board's: no server that answers has it in its memory.
        gc.collect()
        gc.freeze()
        with time_machine.travel(NOW + timedelta(days=3)):
            page = _asked(app, "/offices/outreach/requests", times)
            program = _asked(app, f"/api/v1/requests/board?office=outreach&limit={PAGE}", times)
    what = f"{PAGE} of {WAITING:,} requests with who could go, p50 / p95"
    return [Row(f"Board as a page, {what}", engine, page), Row(f"Board as JSON, {what}", engine, program)]


def _asked(app: Flask, path: str, times: int) -> str:
    """By the clock, and by the processor: the second says what the code costs, whatever else the machine does."""
    client, seconds, work = app.test_client(), [], []
    for _ in range(times + 3):
        begun, worked = perf_counter(), process_time()
        answer = client.get(path, headers=trials.ADMIN, base_url=databases.PUBLIC_URL)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status_code}")
        answer.get_data()
        seconds.append(perf_counter() - begun)
        work.append(process_time() - worked)
    half, most = measure.percentiles_ms(seconds[3:])
    own_half, own_most = measure.percentiles_ms(work[3:])
    return f"{half:.0f} / {most:.0f} ms, of processor {own_half:.0f} / {own_most:.0f} ms"


def round_of(engine: str, say: Say) -> list[Row]:
    """One request of each college: decided alone, and granted with 116 events in one transaction."""
    with a_database(engine) as url, create_app(databases.settings(url)).test_request_context():
        say(f"{engine}: a round of {COLLEGES} colleges over {EXPERTS} people")
        with transaction():
            _fill(EXPERTS * 5)
            opened = grant_rounds.open_round("outreach", "Spring", NOW.date() + timedelta(days=10), **WHO)
            key = str(opened.public_id)
            for number in range(COLLEGES):
                _ask(number, NOW + timedelta(minutes=number), key)
        later = NOW + timedelta(days=12)
        begun, worked = perf_counter(), process_time()
        rehearsed = grant_rounds.rehearse(key, actor=ADMINISTRATOR, now=later)
        deciding = f"{perf_counter() - begun:.2f} s, of processor {process_time() - worked:.2f} s"
        begun, worked = perf_counter(), process_time()
        with transaction():
            _, outcome = grant_rounds.grant_round(key, actor=ADMINISTRATOR, now=later)
        granting = f"{perf_counter() - begun:.2f} s, of processor {process_time() - worked:.2f} s"
        granted = sum(one.made is not None for one in outcome)
        if granted != sum(one.match is not None for one in rehearsed):
            raise RuntimeError("what was granted is not what was rehearsed")
        _close()
    figures = f"{deciding}; {granting} ({granted} events)"
    return [Row(f"Round of {COLLEGES} colleges over {EXPERTS} people: rehearsed; granted", engine, figures)]


def _close() -> None:
    db.session.remove()
    db.engine.dispose()
