"""One call after another along the links of the document: what was made is there, what was ended is not, no 5xx.

A few walks in the plain run; `--matrix` takes many, on PostgreSQL too.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask, jsonify, request
from schemathesis.config import SchemathesisConfig

from tests.databases import ADMIN_TOKEN
from tests.fuzz.test_document import DOCUMENT
from tests.fuzz.trying import in_process
from tests.fuzz.walking import walk, walked

pytestmark = pytest.mark.usefixtures("still")
FEW, MANY, MANY_SLOW = 10, 400, 60


@pytest.mark.parametrize("who", ["administrator", "coordinator"])
def test_nothing_is_found_along_the_links(house, who, request):
    bearer = ADMIN_TOKEN if who == "administrator" else house.names.coordinator
    is_long, many = request.config.option.matrix, MANY_SLOW if house.is_slow_to_undo else MANY
    with in_process():
        met = walked(house, DOCUMENT, bearer=bearer, walks=many if is_long else FEW, whole=is_long)
    assert met.findings == []
    made = {label for label, status in met.statuses if label.startswith("POST") and status == 201}
    assert len(made) >= 2, met.statuses
    assert [step for step in met.steps if step[1].startswith("DELETE") and step[2] < 300], met.steps


class Shelf:
    """A little API with the faults that only walks can find."""

    def __init__(self, *, keeps: bool = False, loses: bool = False) -> None:
        self.app, self.things, self.keeps, self.loses = Flask(__name__), dict[str, int](), keeps, loses
        self.restore()
        self.app.add_url_rule("/things", view_func=self.make, methods=["POST"])
        self.app.add_url_rule("/things/<name>", view_func=self.one, methods=["GET", "DELETE"])

    def restore(self) -> None:
        self.things.clear()

    def make(self) -> Any:
        name = f"thing-{len(self.things)}"
        self.things[name] = 1
        return jsonify(id=name), 201

    def one(self, name: str) -> Any:
        if name not in self.things or (self.loses and request.method == "GET"):
            return jsonify(title="There is none"), 404
        if request.method == "DELETE" and not self.keeps:
            del self.things[name]
        return jsonify(id=name)


def tried(shelf: Shelf) -> list[str]:
    named = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^thing-[0-9]+$"}}
    thing = {"content": {"application/json": {"schema": {"type": "object", "required": ["id"]}}}, "description": "One"}
    none = {**thing, "content": {"application/json": {"schema": {"type": "object"}}}}
    links = {
        word: {"operationId": f"{word}_thing", "parameters": {"name": "$response.body#/id"}}
        for word in ("get", "delete")
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "A shelf", "version": "1"},
        "paths": {
            "/things": {"post": {"operationId": "make_thing", "responses": {"201": {**thing, "links": links}}}},
            "/things/{name}": {
                "parameters": [named],
                **{
                    word: {"operationId": f"{word}_thing", "responses": {"200": thing, "404": none}}
                    for word in ("get", "delete")
                },
            },
        },
    }
    settings = {
        "seed": 1,
        "continue-on-failure": True,
        "generation": {"max-examples": 20, "deterministic": True, "database": "none", "mode": "positive"},
        "phases": {"enabled": False, "stateful": {"enabled": True, "inference": {"algorithms": []}}},
    }
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(settings))
    schema.app = shelf.app
    with in_process():
        return [finding.partition(":")[0] for finding in walk(shelf, schema).findings]


def test_what_is_right_is_found_to_be():
    assert tried(Shelf()) == []


def test_a_thing_that_can_be_read_after_its_end_is_found():
    assert tried(Shelf(keeps=True)) == ["use_after_free"]


def test_a_thing_that_cannot_be_read_after_it_was_made_is_found():
    assert tried(Shelf(loses=True)) == ["ensure_resource_availability"]
