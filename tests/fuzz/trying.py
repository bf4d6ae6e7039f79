"""Schemathesis at our API: one operation at a time, by one who asks, every check it has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, Protocol
from unittest.mock import patch
from wsgiref.types import StartResponse, WSGIEnvironment

import schemathesis
from flask import Flask, g
from flask import Response as FlaskResponse
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, context, events
from schemathesis.engine.recorder import CheckNode
from schemathesis.python._constants.orchestrator import build_constants_pool
from schemathesis.python._constants.pool import ConstantsPool
from schemathesis.schemas import BaseSchema
from schemathesis.transport.wsgi import WSGITransport

from eventsvc.core.db import db
from eventsvc.interfaces.api.blueprint import Parser
from eventsvc.workflows.set_up import STEPS
from tests.fuzz.filled import Names
from tests.fuzz.meant import is_meant, with_a_body_that_can_be, with_a_time_that_can_be

_OF_SOCKETS = ("max_redirects", "verify", "cert", "proxies")
# Walks follow the links that the document has, and no others that the library would think of.
_WALKS = {"max-steps": 8, "inference": {"algorithms": []}}
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class Copies(Protocol):
    """Something that puts the database back as it was filled."""

    url: str
    is_slow: bool

    def restore(self) -> None: ...


class House:
    """The app on a copy of the filled database, as a WSGI application that undoes every write."""

    def __init__(self, app: Flask, copies: Copies, names: Names) -> None:
        self.app, self.copies, self.names = app, copies, names
        app.after_request(_note_the_parser)
        self.undoes = True

    @property
    def is_slow_to_undo(self) -> bool:
        """True where putting the database back takes longer than many requests."""
        return self.copies.is_slow

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

    def addresses(self, path: str) -> list[str]:
        """Every address of a path of the document, with the names of the house filled in."""
        wanted = re.findall(r"{(\w+)}", path)
        values = [self.names.values.get(_bound(path).get(f"path.{name}", ""), list(_KINDS)[:3]) for name in wanted]
        return [path.format(**dict(zip(wanted, chosen, strict=True))) for chosen in product(*values)]

    def pages(self, rule: str) -> list[str]:
        """Addresses of a page's rule, with names of the house filled in; a handful of each."""
        choices = re.findall(r"<any\(([^)]*)\):(\w+)>", rule)
        words = {name: told.split(",") for told, name in choices}
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule)
        wanted = re.findall(r"{(\w+)}", path)
        asked = _ASKED.get(rule.rpartition("/")[0], "Invitation")
        known = {
            **self.names.values,
            **words,
            "token": [*self.names.values[asked], "none"],
            "slug": self.names.values["owner" if rule.startswith("/offices/") else "organization"],
        }
        known["step"] = [str(step) for step in STEPS]
        values = [known.get(name, ["00000000-0000-4000-8000-000000000000"]) for name in wanted]
        return [path.format(**dict(zip(wanted, chosen, strict=True))) for chosen in product(*values)]

    def close(self) -> None:
        """Leave the database alone."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


def _note_the_parser(response: FlaskResponse) -> FlaskResponse:
    if g.get("parser_refused"):
        response.headers["X-Parser-Refused"] = "yes"
    return response


_ASKED = {"/room-answer": "RoomApproval", "/count": "Event", "/feedback": "Feedback"}
_KINDS = {"rooms": "room", "experts": "expert", "campuses": "campus", "pools": "pool", "topics": "topic"}
_KINDS |= {"organizations": "organization", "offices": "owner"}
# Whose names stand in which parameter, wherever it occurs; now and then a generated one takes its place.
_BOUND = {
    "path.event_id": "event_id",
    "path.series_id": "series_id",
    "path.skipped_id": "skipped_id",
    "path.hold_id": "hold_id",
    "path.subscription_id": "subscription_id",
    "path.link_id": "link_id",
    "path.leave_id": "leave_id",
    "path.account_id": "account_id",
    "path.absence_id": "absence_id",
    "path.request_id": "request_id",
    "path.offer_id": "offer_id",
    "path.round_id": "round_id",
    "path.employer": "employer",
    "path.invitation_id": "invitation_id",
    "path.proposal_id": "proposal_id",
    "path.seat_id": "seat_id",
    "path.mail_id": "mail_id",
    "path.message_id": "message_id",
    "body.ids[*]": "message_id",
    "path.calendar_id": "calendar_id",
    "path.webhook_id": "webhook_id",
    "path.delivery_id": "delivery_id",
    "path.audience": "audience",
    "path.of": "of",
    "path.word": "word",
    "query.event": "event_id",
    "body.invitations[*]": "invitation_id",
    "body.round": "round_id",
    "body.expert": "expert",
    "body.employer": "employer",
    "header.If-Match": "If-Match",
    "query.campus": "campus",
    "query.organization": "organization",
    "query.room": "room",
    "query.expert": "expert",
    "query.topic": "topic",
    "body.account": "account",
    "body.from": "account",
    "body.to": "account",
    "body.cover": "account",
    "body.campus": "campus",
    "body.owner": "owner",
    "body.rooms[*]": "room",
    "body.experts[*]": "expert",
    "body.online_experts[*]": "expert",
    "body.topics[*]": "topic",
    "body.co_hosts[*]": "organization",
    "body.equipment[*].slug": "pool",
}


@contextmanager
def in_process() -> Iterator[None]:
    """What Schemathesis 4.32 needs for a run without a network, and what tells its findings from ours.

    Its check `ignored_auth` hands settings of sockets to a WSGI client, which knows none. And only the refusals of our
    parser say that a body or a query is not what the document promises; the others come from rules that no schema
    can say ("no such room", "that day is past"), and are answers as good as a 409. Words of our sources, with which it
    tries things, are read once and not for each operation.
    """
    send, refuse = WSGITransport.send, Parser.handle_error

    def without_sockets(self: Any, case: Any, **settings: Any) -> Any:
        return send(self, case, **{name: value for name, value in settings.items() if name not in _OF_SOCKETS})

    def noted(self: Any, *told: Any, **more: Any) -> Any:
        g.parser_refused = True
        return refuse(self, *told, **more)

    with (
        patch.object(WSGITransport, "send", without_sockets),
        patch.object(Parser, "handle_error", noted),
        patch.object(context, "build_constants_pool", _words_of_our_sources),
    ):
        yield


_WORDS: dict[type, ConstantsPool] = {}


def _words_of_our_sources(schema: BaseSchema) -> ConstantsPool:
    kind = type(schema.app)
    if kind not in _WORDS:
        _WORDS[kind] = build_constants_pool(schema)
    return _WORDS[kind]


def failures(
    house: House, document: dict[str, Any], label: str, *, bearer: str | None, most: int, whole: bool = True
) -> list[str]:
    """Everything that any check has against the answers of an operation, for whoever sends that token.

    So many examples are made up; with `whole` every border of the schema is walked beside them.
    """
    _, _, path = label.partition(" ")
    schema = schema_of(house, document, bearer=bearer, most=most, paths=[path])
    schema.config.phases.coverage.enabled = whole
    # Not `include`: beside settings of operations it adds to what they name, and every method of the path is tried.
    tried = schema.exclude(lambda context: context.operation.label != label)
    return [told(event) for event in engine.from_schema(tried).execute() if is_bad(event)]


def schema_of(
    house: House, document: dict[str, Any], *, bearer: str | None, most: int, paths: list[str], follows: bool = False
) -> BaseSchema:
    """Those paths of the document with the names of the house, to be tried one by one or to be followed by links."""
    phases = {"stateful": _WALKS} if follows else {name: {} for name in ("examples", "coverage", "fuzzing")}
    settings: dict[str, Any] = {
        "seed": 1,
        "continue-on-failure": True,
        "generation": {"max-examples": most, "deterministic": True, "database": "none"},
        # RFC 6585 made 428 for a missing If-Match, and 412 (and 410 of a hold that has ended) say no to bad data as
        # well as 422 does; the checks' own lists do not know them.
        "checks": {
            "missing_required_header": {"expected-statuses": [401, 404, 428]},
            "negative_data_rejection": {"expected-statuses": [*range(400, 432), "5xx"]},
        },
        "phases": {"enabled": False, **{name: {"enabled": True, **more} for name, more in phases.items()}},
        "dictionaries": {name: {"values": values} for name, values in house.names.values.items()},
        **_parameters(paths),
    }
    if bearer is not None:
        settings["headers"] = {"Authorization": f"Bearer {bearer}"}
    entries = {path: _with_examples(document["paths"][path], house.names.values, _bound(path)) for path in paths}
    schema = schemathesis.openapi.from_dict(
        {**document, "paths": entries}, config=SchemathesisConfig.from_dict(settings)
    )
    schema.app = house
    schema.hook("filter_failure")(is_meant)
    schema.hook("map_case")(with_a_body_that_can_be if follows else with_a_time_that_can_be)
    return schema


def _parameters(paths: list[str]) -> dict[str, Any]:
    """Settings of what stands in which parameter, for each path its own."""
    return {
        "operations": [
            {
                "include-path": path,
                "parameters": {key: {"dictionary": name, "probability": 0.9} for key, name in _bound(path).items()},
            }
            for path in paths
        ]
    }


def _with_examples(entry: dict[str, Any], names: dict[str, list[str]], bound: dict[str, str]) -> dict[str, Any]:
    """The entry of a path, with a name of the house as the example of what stands in the address.

    Who walks the borders of a body sends it there, instead of to what nobody has heard of.
    """
    operations = {word: said for word, said in entry.items() if word != "parameters"}
    for word, said in operations.items():
        operations[word] = {
            **said,
            "parameters": [_with_example(one, names, bound) for one in said.get("parameters", ())],
        }
    return {**operations, "parameters": [_with_example(one, names, bound) for one in entry.get("parameters", ())]}


def _with_example(parameter: dict[str, Any], names: dict[str, list[str]], bound: dict[str, str]) -> dict[str, Any]:
    kind = bound.get(f"{parameter['in']}.{parameter['name']}")
    return {**parameter, "example": names[kind][0]} if kind else parameter


def _bound(path: str) -> dict[str, str]:
    """The parameters that are names of things; what a `slug` or a `token` names, the path says."""
    by_path = {"answers": "Invitation", "feedback": "Feedback"}
    asked = by_path.get(path.removeprefix("/api/v1/").partition("/")[0], "RoomApproval")
    whose = next((name for word, name in _KINDS.items() if f"/{word}/{{slug}}" in path), "room")
    return {**_BOUND, "path.slug": whose, "path.token": asked}


def is_bad(event: events.EngineEvent) -> bool:
    if isinstance(event, events.ScenarioFinished):
        return event.status in (Status.FAILURE, Status.ERROR)
    return isinstance(event, events.NonFatalError | events.FatalError)


def told(event: events.EngineEvent) -> str:
    if isinstance(event, events.NonFatalError):
        return f"error: {event.info.format()}"
    if isinstance(event, events.FatalError):
        return f"fatal: {event.exception!r}"
    found = [check for checks in event.recorder.checks.values() for check in checks]
    return "\n".join(_failure(check) for check in found if check.failure_info is not None) or repr(event.status)


def _failure(check: CheckNode) -> str:
    failure = check.failure_info.failure
    return f"{check.name}: {failure.title}: {failure.message}\n{check.failure_info.code_sample}"
