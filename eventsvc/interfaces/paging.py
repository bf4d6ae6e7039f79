"""Lists at the doors: `{"items": […], "next": url|null}` with a limit and an opaque cursor."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request
from marshmallow import Schema, fields, validate
from werkzeug.exceptions import BadRequest

from eventsvc.core.errors import say
from eventsvc.core.times import iso
from eventsvc.domain.directory.names import is_slug
from eventsvc.interfaces.services import services

MAX_LIMIT = 200


class PageSchema(Schema):
    """How much of a list to show, and from where."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))
    cursor = fields.String(load_default=None, metadata={"description": "As it stands in `next`"})


def decode(cursor: str | None) -> Any:
    """What a cursor stands for; refuses (400) one that we did not make."""
    if cursor is None:
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise _not_ours() from None


def _not_ours() -> BadRequest:
    return BadRequest(say("This cursor is not one of ours; start again without it."))


def encode(after: Any) -> str:
    """The cursor that stands for a key."""
    return base64.urlsafe_b64encode(json.dumps(after).encode()).decode().rstrip("=")


def event_key(cursor: str | None) -> tuple[datetime, int] | None:
    """The instant and number of a cursor, as over events by start; refuses (400) one that we did not make."""
    after = decode(cursor)
    if after is None:
        return None
    try:
        starts_at, number = datetime.fromisoformat(after[0]), int(after[1])
    except (ValueError, TypeError, LookupError):
        raise _not_ours() from None
    if starts_at.utcoffset() != timedelta(0) or not 0 <= number < 2**31:
        raise _not_ours()
    return starts_at, number


def event_cursor(last: tuple[datetime, int] | None) -> list[Any] | None:
    """What such a cursor is made of, or None at the end."""
    return None if last is None else [iso(last[0]), last[1]]


def number_key(cursor: str | None) -> int | None:
    """The number of a cursor over rows in the order in which they were written; refuses (400) one that is not ours."""
    after = decode(cursor)
    if after is not None and not (isinstance(after, int) and 0 <= after < 2**31):
        raise _not_ours()
    return after


def pair_key(cursor: str | None) -> tuple[str, str] | None:
    """The two words of a cursor over rows that are known by two; refuses (400) one that we did not make."""
    after = decode(cursor)
    if after is None:
        return None
    if not (isinstance(after, list) and len(after) == 2 and all(_is_short(word) for word in after)):
        raise _not_ours()
    return after[0], after[1]


def _is_short(word: Any) -> bool:
    return isinstance(word, str) and len(word) <= 200 and word.isprintable()


def slug_key(cursor: str | None) -> str | None:
    """The key of a cursor over entries by slug; refuses (400) one that we did not make."""
    after = decode(cursor)
    if after is not None and not (isinstance(after, str) and is_slug(after)):
        raise _not_ours()
    return after


def next_url(after: Any) -> str | None:
    """The address of the next page of the present request, or None at the end."""
    if after is None:
        return None
    query = {**request.args.to_dict(), "cursor": encode(after)}
    return services().links.to(f"{request.path}?{urlencode(query)}")


def listing(items: list[dict[str, Any]], after: Any) -> Response:
    """The answer: items that are JSON-ready already, and the address of the next page."""
    return jsonify(items=items, next=next_url(after))


@cache  # the API's document names each schema once
def listed(schema: type[Schema]) -> type[Schema]:
    """The schema of a list of such things."""
    fields_of_list = {
        "items": fields.List(fields.Nested(schema)),
        "next": fields.String(allow_none=True, metadata={"format": "uri", "description": "null: the end"}),
    }
    return type(f"{schema.__name__.removesuffix('Schema')}ListSchema", (Schema,), fields_of_list)
