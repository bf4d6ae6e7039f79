"""Schemathesis at our API: one operation at a time, by one who asks, every check it has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

import schemathesis
from flask import Flask
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events
from schemathesis.engine.recorder import CheckNode
from schemathesis.schemas import BaseSchema

from eventsvc.core.db import db
from tests.fuzz.filled import Names

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class Copies(Protocol):
    """Something that puts the database back as it was filled."""

    url: str

    def restore(self) -> None: ...


class House:
    """The app on a copy of the filled database, as a WSGI application that undoes every write."""

    def __init__(self, app: Flask, copies: Copies, names: Names) -> None:
        self.app, self.copies, self.names = app, copies, names
        self.undoes = True

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        statuses: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            statuses.append(status)
            return start_response(status, headers, *more)

        answer = self.app.wsgi_app(environ, start)
        if self.undoes and environ["REQUEST_METHOD"] not in SAFE and statuses[0].startswith("2"):
            self.restore()
        return answer

    def restore(self) -> None:
        """Everything as it was filled."""
        self.close()
        self.copies.restore()

    def close(self) -> None:
        """Leave the database alone."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


# Whose names stand in which parameter, wherever it occurs; now and then a generated one takes its place.
_BOUND = {
    "path.event_id": "event_id",
    "path.series_id": "series_id",
    "path.skipped_id": "skipped_id",
    "path.hold_id": "hold_id",
    "path.leave_id": "leave_id",
    "query.campus": "campus",
    "query.organization": "organization",
    "query.room": "room",
    "query.expert": "expert",
    "query.topic": "topic",
    "body.campus": "campus",
    "body.owner": "owner",
    "body.rooms[*]": "room",
    "body.experts[*]": "expert",
    "body.online_experts[*]": "expert",
    "body.topics[*]": "topic",
    "body.co_hosts[*]": "organization",
    "body.equipment[*].slug": "pool",
}


def failures(
    house: House, document: dict[str, Any], label: str, *, bearer: str | None, most: int, seed: int = 1
) -> list[str]:
    """Everything that any check has against the answers of an operation, for whoever sends that token."""
    method, _, path = label.partition(" ")
    schema = _schema(house, document, bearer=bearer, most=most, path=path)
    schema.config.seed = seed
    tried = schema.include(path=path, method=method)
    return [_told(event) for event in engine.from_schema(tried).execute() if _is_bad(event)]


def _schema(house: House, document: dict[str, Any], *, bearer: str | None, most: int, path: str) -> BaseSchema:
    names = house.names.values
    settings: dict[str, Any] = {
        "continue-on-failure": True,
        "generation": {"max-examples": most, "deterministic": True, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        "dictionaries": {name: {"values": values} for name, values in names.items()},
        "parameters": {key: {"dictionary": name, "probability": 0.9} for key, name in _bound(path).items()},
    }
    if bearer is not None:
        settings["headers"] = {"Authorization": f"Bearer {bearer}"}
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(settings))
    schema.app = house
    return schema


def _bound(path: str) -> dict[str, str]:
    """The parameters that are names of things; what a `slug` or a `token` names, the path says."""
    asked = "Invitation" if path.startswith("/api/v1/answers") else "RoomApproval"
    kinds = {"rooms": "room", "experts": "expert", "campuses": "campus", "pools": "pool", "topics": "topic"}
    kinds["organizations"] = "organization"
    whose = next((name for word, name in kinds.items() if f"/{word}/{{slug}}" in path), "room")
    return {**_BOUND, "path.slug": whose, "path.token": asked}


def _is_bad(event: events.EngineEvent) -> bool:
    if isinstance(event, events.ScenarioFinished):
        return event.status in (Status.FAILURE, Status.ERROR)
    return isinstance(event, events.NonFatalError | events.FatalError)


def _told(event: events.EngineEvent) -> str:
    if isinstance(event, events.NonFatalError):
        return f"error: {event.info.format()}"
    if isinstance(event, events.FatalError):
        return f"fatal: {event.exception!r}"
    found = [check for checks in event.recorder.checks.values() for check in checks]
    return "\n".join(_failure(check) for check in found if check.failure_info is not None) or repr(event.status)


def _failure(check: CheckNode) -> str:
    failure = check.failure_info.failure
    return f"{check.name}: {failure.title}: {failure.message}\n{check.failure_info.code_sample}"
