"""The OpenAPI document is one: valid, whole, and its examples work as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from eventsvc import create_app
from tests import databases

DOCUMENT = (
    create_app(databases.settings("sqlite:////nowhere/to/be/opened")).test_client().get("/api/v1/openapi.json").json
)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, entry in DOCUMENT["paths"].items():
        yield from ((path, method, entry[method]) for method in entry if method != "parameters")


OPERATIONS = {operation["operationId"]: operation for _, _, operation in operations()}


def test_the_document_is_openapi_3_1():
    assert DOCUMENT["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_every_operation_is_named_once_and_described():
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names)) > 50
    for _, _, operation in operations():
        assert re.fullmatch("[a-z]+(_[a-z]+)+", operation["operationId"])
        assert operation["tags"]
        assert 4 < len(operation["summary"]) <= 90, operation["summary"]
        assert not operation["summary"].endswith((".", ",", ";", ":"))
        assert operation["description"]
        assert "default" not in operation["responses"]


def test_every_route_of_the_api_is_in_the_document(bare_app: Flask):
    rules = {
        (method, re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", str(rule)))
        for rule in bare_app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/") and str(rule) != "/api/v1/openapi.json"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(method.upper(), path) for path, method, _ in operations()} == rules


def test_every_value_that_is_taken_or_shown_has_a_type():
    loose = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, said in schema.get("properties", {}).items()
        if not {"type", "$ref", "anyOf", "oneOf", "const"} & said.keys()
    ]
    assert loose == []


def test_every_no_is_a_problem_document():
    for name, answer in DOCUMENT["components"]["responses"].items():
        assert list(answer["content"]) == ["application/problem+json"], name


def test_every_body_has_an_example_unless_nothing_need_be_said():
    bare = {
        name
        for name, operation in OPERATIONS.items()
        if "requestBody" in operation and "example" not in operation["requestBody"]["content"]["application/json"]
    }
    assert bare == {"events_request", "events_confirm", "events_restore", "accounts_set_override"}
