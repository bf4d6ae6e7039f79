"""The OpenAPI document as people read it: operations by tag, what goes in, what comes back, and an example of each.

Nothing is said here that the document does not say: it is rearranged, and its `$ref`s become links.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eventsvc.interfaces.api.blueprint import BY_LINK, TOKEN_WELCOME

Facts = Mapping[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")
_EXAMPLES = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
_OF_FORMAT = {"date": "2027-02-10", "date-time": "2027-02-10T22:00:00Z", "uuid": "00000000-0000-4000-8000-000000000000"}
_OF_HEADER = {"If-Match": '"3"', "If-None-Match": "*", "Idempotency-Key": "a-word-of-your-own"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a member of a body: of which type, in words, and whose name it refers to."""

    name: str
    where: str
    is_needed: bool
    type: str
    schema: str
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation may answer; `schema` names the shape of the body, `leads_to` the operations it links to."""

    status: str
    description: str
    schema: str
    leads_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; `who` is "token", "anybody" or "link"."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    who: str
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[Answer, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema and its members."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one tag."""

    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole document."""

    about: str
    sections: tuple[Section, ...]
    shapes: tuple[Shape, ...]


def read(document: Facts) -> Reading:
    """Rearrange an OpenAPI 3.1 document for readers."""
    operations = list(_operations(document))
    sections = [
        Section(tag["name"], tag["description"], tuple(one for name, one in operations if name == tag["name"]))
        for tag in document["tags"]
    ]
    shapes = [
        Shape(name, tuple(_members(schema))) for name, schema in sorted(document["components"]["schemas"].items())
    ]
    return Reading(document["info"]["description"], tuple(sections), tuple(shapes))


def _operations(document: Facts) -> Iterator[tuple[str, Operation]]:
    for path, entry in document["paths"].items():
        for method in _METHODS:
            if method in entry:
                yield entry[method]["tags"][0], _operation(document, path, method, entry)


def _operation(document: Facts, path: str, method: str, entry: Facts) -> Operation:
    told = entry[method]
    given = [_resolved(document, one) for one in [*entry.get("parameters", ()), *told.get("parameters", ())]]
    body = _body_of(told.get("requestBody", {}))
    return Operation(
        anchor=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=told["description"],
        who=_who(told["security"]),
        parameters=tuple(_field(one["name"], one["schema"], one) for one in given),
        body=_name_of(body),
        answers=tuple(_answers(document, told["responses"])),
        curl=_curl(document, path, method, told, given, body),
    )


def _who(security: Any) -> str:
    if security == BY_LINK:
        return "link"
    return "anybody" if security == TOKEN_WELCOME else "token"


def _answers(document: Facts, responses: Facts) -> Iterator[Answer]:
    for status, told in responses.items():
        answer = _resolved(document, told)
        leads_to = tuple(link["operationId"] for link in answer.get("links", {}).values())
        yield Answer(status, answer["description"], _name_of(_body_of(answer)), leads_to)


def _body_of(told: Facts) -> Facts:
    for content in told.get("content", {}).values():
        schema: Facts = content.get("schema", {})
        return schema
    return {}


def _members(schema: Facts) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        yield _field(name, member, {**member, "required": name in needed, "in": ""})


def _field(name: str, schema: Facts, told: Facts) -> Field:
    description = told.get("description") or schema.get("description", "")
    return Field(
        name, told["in"], bool(told.get("required")), _type_of(schema), _name_of(schema), " ".join(description.split())
    )


def _type_of(schema: Facts) -> str:
    """The type in a few words; what is named elsewhere is left to its link."""
    if "enum" in schema:
        return " | ".join("null" if one is None else str(one) for one in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(filter(None, (_type_of(one) for one in schema["anyOf"])))
    types = schema.get("type", "")
    words = " | ".join(types) if isinstance(types, list) else types
    if words == "array":
        words = f"list of {_type_of(schema.get('items', {}))}".removesuffix("of ").strip()
    return " ".join(filter(None, [words, schema.get("format", ""), _bounds(schema)]))


def _bounds(schema: Facts) -> str:
    low = next((schema[name] for name in ("minimum", "minLength", "minItems") if name in schema), None)
    high = next((schema[name] for name in ("maximum", "maxLength", "maxItems") if name in schema), None)
    if low is None and high is None:
        return ""
    return f"({'' if low is None else low}…{'' if high is None else high})"


def _name_of(schema: Facts) -> str:
    """Which named schema it is, or a list of; empty for one that has no name."""
    inner = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    return next((one["$ref"].rpartition("/")[2] for one in inner if "$ref" in one), "")


def _resolved(document: Facts, told: Facts) -> Facts:
    while "$ref" in told:
        found: Any = document
        for step in told["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        told = found
    return told


def _curl(document: Facts, path: str, method: str, told: Facts, given: list[Facts], body: Facts) -> str:
    for one in given:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(_example(document, one["schema"], one)))
    query = "&".join(
        f"{one['name']}={_example(document, one['schema'], one)}"
        for one in given
        if one["in"] == "query" and one.get("required")
    )
    address = f"'{document['servers'][0]['url']}{path}{'?' if query else ''}{query}'"
    lines = ["curl" if method == "get" else f"curl -X {method.upper()}"]
    if told["security"] != BY_LINK:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    lines += [f"-H '{one['name']}: {_OF_HEADER.get(one['name'], '…')}'" for one in given if one["in"] == "header"]
    if body:
        text = json.dumps(_example(document, body, {}), ensure_ascii=False)
        lines += ["-H 'Content-Type: application/json'", f"-d '{text}'"]
    return " \\\n  ".join([*lines, address])


def _example(document: Facts, schema: Facts, told: Facts) -> Any:
    """A value that the schema allows: its example or first word, else the plainest of its type."""
    schema = _resolved(document, schema)
    for source in (told, schema):
        if source.get("example") is not None:
            return source["example"]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        needed = schema.get("required") or list(schema["properties"])[:1]
        return {name: _example(document, schema["properties"][name], {}) for name in needed}
    types = schema.get("type", "string")
    first = types[0] if isinstance(types, list) else types
    if first == "array" and schema.get("minItems"):
        return [_example(document, schema["items"], {})]
    return _EXAMPLES.get(first, _OF_FORMAT.get(schema.get("format", ""), "…"))
