"""Reading as a program does: by an API token of a coordinator, beside a bare Flask route of the same run."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import select

from eventsvc import create_app
from eventsvc.core.db import db, transaction
from eventsvc.domain.accounts import ADMINISTRATOR
from eventsvc.domain.accounts.roles import Role, Scope
from eventsvc.domain.directory.models import Office
from eventsvc.workflows import keep_accounts
from eventsvc.workflows.keep_tokens import make_token
from tests import databases
from tests.benchmarks import measure, trials, world
from tests.benchmarks.trials import Row, Say


def reads(engine: str, say: Say, *, events: int, times: int) -> list[Row]:
    """One event and a page of fifty, signed in; bare requests taken in turns with them, so that noise meets both."""
    with trials.a_database(engine) as url:
        say(f"{engine}: storing {events:,} events")
        world.fill_pages(url, events=events)
        headers = {"Authorization": f"Bearer {_a_token(url)}"}
        with trials.a_server(url) as server:
            connection = server.connection()
            event = json.loads(trials._body(connection, "/api/v1/events?limit=1"))["items"][0]["id"]
            paths = {
                "one event": f"/api/v1/events/{event}",
                "fifty events": "/api/v1/events",
                "topics": "/api/v1/topics",
            }
            rows = []
            for name, path in paths.items():
                say(f"{engine}: {path}")
                rows.append(
                    _beside_bare(connection, f"{name}, read by token, {events:,} stored", engine, path, times, headers)
                )
            connection.close()
    return rows


def _beside_bare(connection, name: str, engine: str, path: str, times: int, headers: dict[str, str]) -> Row:
    bare, read = [], []
    for number in range(-10, times):
        nothing, _ = measure.timed(connection, "GET", "/bare/")
        seconds, status = measure.timed(connection, "GET", path, **headers)
        if status != 200:
            raise RuntimeError(f"{path} was answered {status}")
        if number >= 0:
            bare.append(nothing)
            read.append(seconds)
    (p50, p95), (bare_p50, bare_p95) = measure.percentiles_ms(read), measure.percentiles_ms(bare)
    figures = f"{p50:.1f} / {p95:.1f} ms; bare Flask route {bare_p50:.1f} / {bare_p95:.1f} ms"
    return Row(f"{name}, p50 / p95", engine, figures)


def _a_token(url: str) -> str:
    """Of somebody who coordinates at one office."""
    who = {"actor": ADMINISTRATOR, "now": datetime.now(UTC)}
    with create_app(databases.settings(url)).app_context():
        with transaction():
            office = db.session.scalars(select(Office).order_by(Office.id)).first()
            keep_accounts.add_account("lee@example.edu", "Lee Example", **who)
            keep_accounts.give_role("lee@example.edu", Role.COORDINATOR, office=office.slug, **who)
            _, secret = make_token("lee@example.edu", "a program", [Scope.READ], days=30, **who)
        db.session.remove()
        db.engine.dispose()
    return secret
