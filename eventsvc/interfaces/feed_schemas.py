"""Public feeds as JSON says them: what one selects by, and where to subscribe to it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.domain.feeds.catalogue import Listed
from eventsvc.domain.feeds.dimensions import DIMENSIONS
from eventsvc.domain.feeds.saved import MOST_WORDS
from eventsvc.interfaces.paging import PageSchema
from eventsvc.interfaces.services import services

_LONGEST = 80
_OFS = ["all", *DIMENSIONS, "event", "saved"]
_WORDS = {
    "campus": "Slugs of campuses",
    "kind": "Kinds of events, such as workshop",
    "topic": "Slugs of topics",
    "audience": "Slugs of groups for whom events are, such as students",
    "language": "BCP 47 tags; es finds es-MX, and en what nobody said",
    "organization": "Slugs of organizations that host; a school's colleges are included",
    "district": "Slugs of districts; their colleges and schools are included",
    "series": "Ids of series",
}


def _words(of: str, **more: Any) -> fields.List[str]:
    word = fields.String(validate=validate.Length(1, _LONGEST))
    return fields.List(word, metadata={"description": _WORDS[of]}, **more)


CombinationSchema = Schema.from_dict(
    {of: _words(of, validate=validate.Length(max=MOST_WORDS)) for of in DIMENSIONS}, name="CombinationSchema"
)
CombinationSchema.__doc__ = "One word of a dimension is enough, every dimension named narrows; at most 20 words in all."
SelectsSchema = Schema.from_dict({of: _words(of) for of in DIMENSIONS}, name="SelectsSchema")
SelectsSchema.__doc__ = "What a feed selects by; nothing: all events, or one alone."


class FeedQuery(PageSchema):
    """Which feeds."""

    of = fields.String(validate=validate.OneOf(["all", *DIMENSIONS]))
    q = fields.String(load_default="", validate=validate.Length(max=100), metadata={"description": "Part of a name"})


class FeedSchema(Schema):
    """A public feed."""

    of = fields.String(metadata={"enum": _OFS})
    word = fields.String(metadata={"description": "Empty for all events"})
    name = fields.String()
    selects = fields.Nested(SelectsSchema)
    address = fields.String(metadata={"format": "uri", "description": "iCalendar, with ETags"})
    page = fields.String(metadata={"format": "uri", "description": "How to subscribe, for people"})


def feed_facts(feed: Listed) -> dict[str, Any]:
    """JSON of a feed."""
    links = services().links
    return {
        "of": feed.of,
        "word": feed.word,
        "name": feed.name,
        "selects": {of: list(words) for of, words in feed.selects.items()},
        "address": links.feed(feed.path),
        "page": links.to(f"/calendars/{feed.path}"),
    }
