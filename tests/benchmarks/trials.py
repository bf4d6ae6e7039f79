"""The trials: each returns rows of the table in docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

from tests import databases, servers
from tests.benchmarks import measure, world
from tests.left_out import SHARED
from tests.servers import Server

Say = Callable[[str], None]
FORM = "application/x-www-form-urlencoded"
ADMIN = {"Authorization": f"Bearer {databases.ADMIN_TOKEN}"}
SESSIONS = SHARED / "events" / "waterloo-employer-info-sessions.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    engine: str
    figures: str


@contextmanager
def a_database(engine: str) -> Iterator[str]:
    """A fresh database at head; PostgreSQL as the tests run it."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="eventsvc-benchmark-") as folder:
            made = databases.SqliteDatabases(Path(folder))
            yield made.fresh()
    else:
        made = _postgresql()
        url = made.fresh()
        yield url
        made.drop(url)


@cache
def _postgresql() -> databases.PostgresqlDatabases:
    return databases.PostgresqlDatabases("benchmark")


@contextmanager
def a_server(url: str) -> Iterator[Server]:
    """gunicorn as `eventsvc serve` starts it: two processes of eight threads."""
    with servers.serving(databases.environment(url), application="tests.benchmarks.served:app") as server:
        yield server


def booking(engine: str, say: Say, *, stored: int, bookings: int) -> list[Row]:
    """One booking after another (a room and an expert) on days where everything around is taken."""
    with a_database(engine) as url:
        say(f"{engine}: storing {stored:,} reservations")
        days = world.fill(url, reservations=stored)
        with a_server(url) as server:
            connection = server.connection()
            bare = [measure.timed(connection, "GET", "/bare/")[0] for _ in range(bookings)]
            say(f"{engine}: {bookings} bookings beside {stored:,}")
            times = []
            for number in range(-10, bookings):
                seconds, status = measure.timed(connection, "POST", "/api/v1/events", _wish(number + 10, days), **ADMIN)
                if status != 201:
                    raise RuntimeError(f"a booking was answered {status}")
                if number >= 0:  # the first ones warm up both processes
                    times.append(seconds)
            connection.close()
    (p50, p95), (bare_p50, bare_p95) = measure.percentiles_ms(times), measure.percentiles_ms(bare)
    figures = f"{p50:.1f} / {p95:.1f} ms (bare Flask route {bare_p50:.1f} / {bare_p95:.1f} ms)"
    return [Row(f"one booking over HTTP, {stored:,} stored, p50 / p95", engine, figures)]


def _wish(number: int, days: int) -> dict[str, object]:
    """The free evening hour of a pair, on a day in the midst of the stored ones where there are so many."""
    day, pair = divmod(number, world.ROOMS)
    evening = world.FIRST_DAY + timedelta(days=days // 2 + day, hours=20)
    return {
        "kind": "info_session",
        "title": "One more session",
        "campus": "harbor",
        "starts_local": evening.isoformat(timespec="minutes"),
        "duration_minutes": 60,
        "rooms": [f"hall-{pair}"],
        "experts": [f"expert-{pair}"],
        "expected_heads": 30,
    }


# Who asks for what. {event} is one of the events ahead, {month} and {day} are the present ones.
PAGES = (
    ("visitor", "/"),
    ("visitor", "/?campus=college-3&kind=workshop&topic=topic-7"),
    ("visitor", "/?q=careers+college"),
    ("visitor", "/week/{day}"),
    ("visitor", "/month/{month}"),
    ("visitor", "/events/{event}"),
    ("visitor", "/calendars"),
    ("visitor", "/search"),
    ("visitor", "/search?q=ca"),
    ("visitor", "/search?q=session+4321"),
    ("planner", "/"),
    ("planner", "/month/{month}"),
    ("planner", "/events/{event}"),
    ("planner", "/plan?campus=college-3"),
    ("planner", "/requests"),
    ("planner", "/search?q=ca"),
)


def pages(engine: str, say: Say, *, events: int, times: int) -> list[Row]:
    """Each page as often as told, one request after another on a kept connection, beside the bare route."""
    with a_database(engine) as url:
        say(f"{engine}: storing {events:,} events")
        world.fill_pages(url, events=events)
        with a_server(url) as server:
            connection = server.connection()
            now = datetime.now(UTC)
            event = json.loads(_body(connection, "/api/v1/events?limit=1"))["items"][0]["id"]
            filled = {"event": event, "month": f"{now:%Y-%m}", "day": now.date().isoformat()}
            rows = [Row("bare Flask route, p50 / p95", engine, page_times(connection, "/bare/", times, {}))]
            for who, path in PAGES:
                say(f"{engine}: {path} ({who})")
                figures = page_times(connection, path.format(**filled), times, ADMIN if who == "planner" else {})
                rows.append(Row(f"`{path}` ({who}), {events:,} events stored, p50 / p95", engine, figures))
            say(f"{engine}: a plan that is refused")
            figures = _refusal_times(connection, times)
            rows.append(Row(f"a refused plan with its ways out, {events:,} events stored, p50 / p95", engine, figures))
            connection.close()
    return rows


def _refusal_times(connection: HTTPConnection, times: int) -> str:
    """The planning form sent again and again for a room and an expert that are taken at that hour."""
    day = f"{datetime.now(UTC) + timedelta(days=500):%Y-%m-%d}"
    wish = {"title": "Taken", "kind": "workshop", "campus": "college-3", "duration_minutes": 60}
    held = {**wish, "starts_local": f"{day}T10:00", "rooms": ["hall-3"], "experts": ["expert-1"]}
    connection.request("POST", "/api/v1/events", json.dumps(held), {"Content-Type": "application/json", **ADMIN})
    planned = connection.getresponse()
    planned.read()
    connection.request("GET", _shown_at(connection, "/plan?campus=college-3", ADMIN), headers=ADMIN)
    page = connection.getresponse()
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page.read())[1].decode()
    form = {**wish, "lasts": "hours", "date": day, "time": "10:30", "rooms": "hall-3", "experts": "expert-1"}
    sent = urlencode({**form, "act": "plan", "csrf_token": token})
    headers = {"Cookie": page.headers["Set-Cookie"].split(";")[0], "Content-Type": FORM, **ADMIN}
    taken = []
    for number in range(-6, times):
        seconds, status = measure.timed(connection, "POST", "/plan", sent, **headers)
        if (planned.status, status) != (201, 409):
            raise RuntimeError(f"the plan was answered {planned.status}, the one in its way {status}")
        if number >= 0:
            taken.append(seconds)
    p50, p95 = measure.percentiles_ms(taken)
    return f"{p50:.1f} / {p95:.1f} ms"


def page_times(connection: HTTPConnection, path: str, times: int, headers: dict[str, str]) -> str:
    path = _shown_at(connection, path, headers)
    taken = []
    for number in range(-6, times):  # the first ones warm up both processes
        seconds, status = measure.timed(connection, "GET", path, **headers)
        if status != 200:
            raise RuntimeError(f"{path} was answered {status}")
        if number >= 0:
            taken.append(seconds)
    p50, p95 = measure.percentiles_ms(taken)
    return f"{p50:.1f} / {p95:.1f} ms"


def _shown_at(connection: HTTPConnection, path: str, headers: dict[str, str]) -> str:
    """Where the page is: a form is sent on to an address that numbers it."""
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    return response.headers.get("Location", path)


def _body(connection: HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    return connection.getresponse().read()


def sessions(engine: str, say: Say) -> list[Row]:
    """The import of 363 real sessions by the command line, rooms made on the way."""
    if not SESSIONS.exists():
        say(f"left out: {SESSIONS} is not here")
        return []
    with a_database(engine) as url, tempfile.TemporaryDirectory() as folder:
        campus = Path(folder) / "campus.csv"
        campus.write_text("slug,name,kind,zone\nmain-campus,Main Campus,college,America/Toronto\n")
        _import(url, "campuses", str(campus))
        say(f"{engine}: importing 363 sessions")
        begun = perf_counter()
        options = ["--campus", "main-campus", "--create-rooms", "--setup", "30", "--takedown", "30"]
        _import(url, "events", str(SESSIONS), *options, accepted=(0, 1))
        elapsed = perf_counter() - begun
    return [Row("import of the 363 sessions, start of Python included", engine, f"{elapsed:.1f} s")]


def _import(url: str, *arguments: str, accepted: tuple[int, ...] = (0,)) -> None:
    """Run `eventsvc import`; 1 is its answer when rows were refused."""
    command = [sys.executable, "-m", "eventsvc.interfaces.cli", "import", *arguments]
    environment = {**os.environ, **databases.environment(url)}
    run = subprocess.run(
        command, cwd=servers.CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    if run.returncode not in accepted or "Traceback" in run.stderr:
        raise RuntimeError(f"{' '.join(arguments)} ended with {run.returncode}:\n{run.stderr[-2000:]}")
