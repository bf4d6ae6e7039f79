"""The JSON door, version 1."""

from __future__ import annotations

from threading import Lock
from typing import Any

from flask import Flask, Response, jsonify
from flask_smorest import Api
from marshmallow import INCLUDE, Schema, fields
from werkzeug.exceptions import HTTPException

from eventsvc.core.errors import InvalidInput, say
from eventsvc.interfaces import problems
from eventsvc.interfaces.api import document
from eventsvc.interfaces.api.blueprint import Blueprint
from eventsvc.interfaces.languages import translated
from eventsvc.interfaces.services import services


class FieldErrorSchema(Schema):
    """A field that cannot be accepted."""

    field = fields.String(required=True, metadata={"example": "rooms[0]"})
    reason = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457 problem details; refusals add members of their own."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"description": "The kind, such as `/problems/slot-taken`"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "A sentence, in the language that was asked for"})
    errors = fields.List(fields.Nested(FieldErrorSchema))
    lacking = fields.List(fields.Dict(), metadata={"description": "Permissions that somebody named has not got"})
    kind = fields.String(metadata={"description": "Of what too much was sent: form, json, calendar"})
    limit_bytes = fields.Integer(metadata={"description": "How much of it is taken at once"})
    clashes = fields.List(fields.Dict())
    offers = fields.List(fields.Dict(), metadata={"description": "What could be had instead, best first, holdable"})
    occurrences = fields.List(fields.Dict(), metadata={"description": "Dates of a series, each with its clashes"})
    request_id = fields.String(required=True)


class ProblemApi(Api):
    """flask-smorest, answering with problem details instead of its own error shape.

    Its OpenAPI document is made when it is first asked for: making it takes longer than all the rest of starting.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        self._undocumented: list[Blueprint] = []
        self._documenting = Lock()
        self._document: dict[str, Any] | None = None
        super().__init__(app)

    def _register_responses(self) -> None:
        """The document names its own (`document.completed`); the library's hundred would be made at every start."""

    def register_blueprint(self, blp: Blueprint, **options: Any) -> None:
        """Add the routes; what they say of themselves is read later."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._undocumented.append(blp)

    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        with self._documenting:
            if "Problem" not in self.spec.components.schemas:
                self.spec.components.schema("Problem", schema=ProblemSchema)
            for blp in self._undocumented:
                blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
                self.spec.tag({"name": blp.name, "description": blp.description})
            self._undocumented.clear()
            if self._document is None:
                address = services().links.public_url
                self._document = document.completed(self.spec.to_dict(), address=address)
        return self._document

    def _openapi_json(self) -> Response:
        return jsonify(self.document())

    def handle_http_exception(self, error: HTTPException) -> Response:
        """What the request parser refuses, field by field; everything else as the rest of the house."""
        messages = getattr(error, "data", {}).get("messages")
        if not messages:
            return problems.http_error(error)
        if error.code == 400:
            title, detail = say("Bad request"), say("The body is not valid JSON.")
            return problems.problem(400, translated(title), translated(detail), slug="unreadable")
        return problems.refuse(InvalidInput(_flat(messages)))


def _flat(messages: Any, path: str = "") -> list[tuple[str, str]]:
    """{"json": {"rooms": {0: ["is…"]}}} → [("rooms[0]", "is…")]; the name of the location is left out."""
    if isinstance(messages, list):
        return [(path or "body", str(message)) for message in messages]
    if not isinstance(messages, dict):
        return [(path or "body", str(messages))]
    pairs = []
    for key, inner in messages.items():
        if path == "" and key in ("json", "query", "form"):
            pairs += _flat(inner)
        elif key == "_schema":
            pairs += _flat(inner, path)
        else:
            pairs += _flat(inner, f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip("."))
    return pairs


def register_api(app: Flask) -> list[Blueprint]:
    """Add the routes under /api/v1 and return their blueprints."""
    app.config.update(
        API_TITLE="eventsvc",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ProblemApi(app)
    blueprints = _blueprints()
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.extensions["api"] = api
    return blueprints


def _blueprints() -> list[Blueprint]:
    """In the order in which the document names them; they need what stands above."""
    from eventsvc.interfaces.api import (
        accounts,
        answers,
        attendance,
        audit,
        availability,
        calendars,
        desk,
        directory,
        doctor,
        doors,
        events,
        feeds,
        holds,
        imports,
        invitations,
        letter_choices,
        mail,
        offered_dates,
        offices,
        outbox,
        pairings,
        privacy,
        private_feeds,
        public_feeds,
        reached,
        readiness,
        register,
        remarks,
        reminders,
        replies,
        room_answers,
        rounds,
        search,
        seasons,
        seats,
        series,
        webhooks,
        wishes,
    )

    rooms = [directory, events, answers, search, series, calendars, holds, doctor, room_answers, availability]
    rooms += [offices, audit, readiness, accounts, privacy, doors, remarks, replies, wishes, offered_dates, rounds]
    rooms += [invitations, attendance, desk, register, seasons, seats, mail, feeds, private_feeds]
    rooms += [public_feeds, pairings, imports, reminders, webhooks, outbox, letter_choices, reached]
    return [*(room.blueprint for room in rooms), rounds.employers]
