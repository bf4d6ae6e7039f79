"""The OpenAPI document: what the routes say of themselves, completed by what holds for all of them.

Every answer that an operation can give is named, each no as a problem document (RFC 9457); there is no "default", so
that the tests can hold every answer against its own entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from eventsvc.interfaces.api import conditions, sent_again
from eventsvc.interfaces.api.blueprint import BY_LINK, TOKEN_NEEDED, TOKEN_WELCOME
from eventsvc.interfaces.api.examples import EXAMPLES
from eventsvc.interfaces.api.leading_on import add_links
from eventsvc.interfaces.series_schemas import rules_in_document

Facts = dict[str, Any]

_ABOUT = """\
Plans information sessions, recruitment fairs and convenings; books rooms, people and things without conflicts.

**Who**: programs send `Authorization: Bearer <token>`; `eventsvc tokens make` makes one. It acts in somebody's name,
within that person's roles and its own scopes (`read`, `book`, `answer`, `manage`). What is public needs no token.

**Times**: `…_local` is a wall time at the campus, `…_at` an instant in UTC. A time that a clock shows twice needs its
`starts_side`.

**Noes** are problem documents (RFC 9457): `type` names the kind, `detail` says it in a sentence, in the language of
`Accept-Language`; `errors` names every field, `clashes` everything that stands against a booking, `offers` what could
be had instead.

**Sending again** is safe with an `Idempotency-Key`: for a day the same call gets the same answer and happens once,
also where it was refused. 401, 429 and what begins with 5 are not kept. A dry run (`dry_run=true`) needs no key and
keeps none. A call that was cut off halfway may be sent again after a minute.

**Changes** name the version they are made to: `If-Match` with the `ETag` of what was read (428 without, 412 where it
has changed since, with the present one as `etag`). The verbs, such as `…/cancel`, obey it where it is sent.

**Lists** hold `items` and `next`, the address of the next page, or null.
"""
_SCHEMES: Facts = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, or the key of whoever runs the machine"}
}

# The noes, and what each means to a program.
_NOES: dict[int, str] = {
    400: "The request cannot be read: the body is not JSON, the cursor or a header is not one of ours",
    401: "A token is needed, or the one that was sent is no good",
    403: "The token, or whoever it acts for, may not do this",
    404: "There is no such thing, or none that the asker may know of",
    409: "Not now: something is taken (`clashes`, `offers`), or the state allows no such move",
    410: "The link or the hold has ended",
    412: "Somebody changed it since it was read: `If-Match` names an older version",
    413: "The body is too long: `kind` says of what, `limit_bytes` how long it may be",
    415: "The body is not `application/json`",
    422: "Fields that cannot be accepted, each with its reason in `errors`",
    428: "`If-Match` is needed, with the ETag of the thing as it was read",
    429: "Too many requests: again after `Retry-After` seconds",
    500: "Broken on our side; it has been noted",
    503: "Busy: nothing was written, again after `Retry-After` seconds",
}
_HEADERS: Facts = {
    "X-Request-Id": {
        "description": "The number of this request, to name in a question",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 0}},
    "WWW-Authenticate": {"description": "How to sign in (RFC 6750)", "schema": {"type": "string"}},
    "Location": {"description": "Where the new thing is", "schema": {"type": "string", "format": "uri"}},
    sent_again.REPLAYED: {"description": "`true`: the answer of the first call", "schema": {"type": "string"}},
    "ETag": {"description": "The version, for `If-Match`", "schema": {"type": "string"}},
}
_NO_HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
_SLUG: Facts = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 80}
_ID: Facts = {"type": "string", "format": "uuid"}
_SIGNED = {"schema": {"type": "string", "minLength": 1}, "description": "What stands at the end of a letter's link"}
_IN_PATHS: dict[str, Facts] = {
    "event_id": {"schema": _ID, "description": "The `id` of an event"},
    "series_id": {"schema": _ID, "description": "The `id` of a series"},
    "account_id": {"schema": _ID, "description": "The `id` of an account"},
    "skipped_id": {"schema": {"type": "string", "minLength": 1}, "description": "The `id` of a date, or its day"},
    "grant_id": {"schema": _ID, "description": "The `id` of one of its roles"},
    "hold_id": {"schema": _ID, "description": "The `id` of a hold"},
    "link_id": {"schema": _ID, "description": "The `id` of a link for the door"},
    "absence_id": {"schema": _ID, "description": "The `id` of an absence"},
    "request_id": {"schema": _ID, "description": "The `id` of a request"},
    "offer_id": {"schema": _ID, "description": "The `id` of an offered date"},
    "round_id": {"schema": _ID, "description": "The `id` of a round"},
    "webhook_id": {"schema": _ID, "description": "The `id` of a webhook"},
    "delivery_id": {"schema": _ID, "description": "The `id` of one of its deliveries"},
    "employer": {"schema": _SLUG, "description": "The `slug` of an employer"},
    "slug": {"schema": _SLUG, "description": "The `slug` of the entry", "example": "pasadena-city-college"},
    "token": _SIGNED,
}


def completed(document: Facts, *, address: str) -> Facts:
    """The whole document of what flask-smorest has collected; it may take the given one apart."""
    components = document["components"]
    components["securitySchemes"] = _SCHEMES
    components["headers"] = _HEADERS
    components["responses"] = {_name_of(status): _no(status) for status in _NOES}
    _type_words(document)
    components["schemas"]["Rule"] = rules_in_document(components["schemas"]["Rule"])
    for path, entry in document["paths"].items():
        for parameter in entry.get("parameters", ()):
            parameter.update(_IN_PATHS.get(parameter["name"], {}))
        for method in entry.keys() - {"parameters"}:
            _complete(entry[method], method, path)
            _ask_for_a_body(entry[method], components["schemas"])
    add_links(document["paths"])
    return {
        **document,
        "info": {**document["info"], "summary": "Career events of public colleges", "description": _ABOUT},
        "servers": [{"url": address}],
        "security": TOKEN_NEEDED,
    }


def _type_words(part: Any) -> None:
    """The library lists the words of an enumeration and forgets to say that they are strings."""
    if isinstance(part, list):
        for inner in part:
            _type_words(inner)
    elif isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            part.setdefault("type", "string")
        for inner in part.values():
            _type_words(inner)


def _complete(operation: Facts, method: str, path: str) -> None:
    if headers := _headers_of(method.upper(), path):
        operation["parameters"] = [*operation.get("parameters", []), *headers]
    text = " ".join(operation.get("summary", "").split())
    more = operation.get("description", "")
    operation["summary"], operation["description"] = _headline(text), f"{text}\n\n{more}".strip()
    _lead_to_what_is_made(operation["responses"])
    yes = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    for answer in yes.values():
        answer.setdefault("headers", {}).update(_refer("X-Request-Id", *_headers_back(method.upper(), path)))
    noes = {str(status): {"$ref": f"#/components/responses/{_name_of(status)}"} for status in _noes(operation, method)}
    if "{" in path or "parameters" in operation:
        noes |= {"404": {"$ref": f"#/components/responses/{_name_of(404)}"}}
    operation["responses"] = dict(sorted((yes | noes).items()))
    if example := EXAMPLES.get(operation["operationId"]):
        operation["requestBody"]["content"]["application/json"]["example"] = example


def _ask_for_a_body(operation: Facts, schemas: Facts) -> None:
    """A body is needed where a field is; elsewhere none means that nothing is said."""
    if body := operation.get("requestBody"):
        reference = body["content"]["application/json"]["schema"]["$ref"]
        body["required"] = bool(schemas[reference.rpartition("/")[2]].get("required"))


def _headers_of(method: str, path: str) -> list[Facts]:
    """The headers that a call may or must carry."""
    return [
        *conditions.parameters(method, path),
        *([sent_again.PARAMETER] if method in sent_again.TAKEN_BY else []),
    ]


def _headers_back(method: str, path: str) -> list[str]:
    """The headers with which a yes may come."""
    replayed = [sent_again.REPLAYED] if method in sent_again.TAKEN_BY else []
    return [*replayed, *(["ETag"] if method != "DELETE" and path.count("{") else [])]


def _headline(text: str) -> str:
    """The first words of a description, up to where its first thought ends."""
    return re.split(r"[.:;?](?:\s|$)", text, maxsplit=1)[0]


def _lead_to_what_is_made(responses: Facts) -> None:
    """What makes something says where it is; as a dry run it answers 200 instead, and makes nothing."""
    if "201" in responses and "200" not in responses:
        made = responses["201"]
        responses["200"] = {**made, "description": "What would be made, of a dry run", "headers": {}}
    if "201" in responses:
        responses["201"]["headers"] = _refer("Location")


def _noes(operation: Facts, method: str) -> Iterator[int]:
    security = operation["security"]
    yield from (429, 500, 503)
    if security != BY_LINK:
        yield from (401, 403)
    if "requestBody" in operation:
        yield from (400, 409, 415, 422)
    if "parameters" in operation:
        yield from (400, 422)
    if method != "get":
        yield from (409, 410, 412, 413)
    if method in ("put", "patch", "delete"):
        yield 428
    if security not in (TOKEN_NEEDED, TOKEN_WELCOME):
        yield 410


def _no(status: int) -> Facts:
    return {
        "description": _NOES[status],
        "headers": _refer("X-Request-Id", *_NO_HEADERS.get(status, ())),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _name_of(status: int) -> str:
    return re.sub(r"[^A-Za-z]", "", HTTPStatus(status).phrase.title())


def _refer(*headers: str) -> Facts:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
