"""Private calendars as doors show them: the address to its holder alone, and to nobody once it has none."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from eventsvc.core.times import iso
from eventsvc.domain.accounts import Actor
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.feeds.private import LABEL_LENGTH, PrivateFeed, Shows, address_of
from eventsvc.interfaces.feed_statistics import FetchedSchema, facts_of, without_feed
from eventsvc.interfaces.fields import SLUG, Line, an_instant
from eventsvc.interfaces.services import services
from eventsvc.workflows.count_polls import add_counted, fetched_by
from eventsvc.workflows.keep_private_feeds import is_holder


class PrivateCalendarWishSchema(Schema):
    """An address to make: which person or program it is for, and how much it shows."""

    made_for = Line(
        most=LABEL_LENGTH, required=True, metadata={"description": "Which person or program; to tell them apart"}
    )
    shows = fields.Enum(
        Shows,
        by_value=True,
        load_default=Shows.DETAILS,
        metadata={"description": "Details, busy times as entries without words, or the same as one VFREEBUSY"},
    )


class PrivateCalendarSchema(Schema):
    """One address of a private calendar."""

    id = fields.String()
    kind = fields.String(validate=validate.OneOf(["expert", "room", "office"]))
    slug = fields.String(metadata=SLUG)
    made_for = fields.String()
    shows = fields.Enum(Shows, by_value=True)
    address = fields.String(
        allow_none=True,
        metadata={
            "description": "Shown to its holder alone; null for others, and after a hand-over until it is turned"
        },
    )
    is_yours = fields.Boolean(metadata={"description": "Whether you hold it: made it or turned it last"})
    has_address = fields.Boolean(metadata={"description": "False after a hand-over, until it is turned"})
    created_at = an_instant()
    turned_at = an_instant(metadata={"description": "Since when the address is what it is"})
    version = fields.Integer()
    fetched = fields.List(
        fields.Nested(FetchedSchema),
        metadata={"description": "By which programs; for its holder, in the answer about one calendar alone"},
    )


def private_feed_facts(feed: PrivateFeed, actor: Actor) -> dict[str, Any]:
    """One of them, as that actor may know it."""
    return {
        "id": str(feed.public_id),
        "kind": kind_of(feed),
        "slug": feed.thing.slug,
        "made_for": feed.made_for,
        "shows": str(feed.shows),
        "address": address_for(feed, actor),
        "is_yours": is_holder(feed, actor),
        "has_address": feed.digest is not None,
        "created_at": iso(feed.created_at),
        "turned_at": iso(feed.turned_at),
        "version": feed.version,
        "fetched": [],
    }


def fetched_facts(feed: PrivateFeed, actor: Actor) -> list[dict[str, Any]]:
    """By which programs it is fetched, as its holder may know it."""
    add_counted(services().tally)
    return [without_feed(facts_of(one, services().links)) for one in fetched_by(feed, actor)]


def address_for(feed: PrivateFeed, actor: Actor) -> str | None:
    """The address, where the actor holds it."""
    return address_of(feed, services().links) if is_holder(feed, actor) else None


def kind_of(feed: PrivateFeed) -> str:
    """`expert`, `room` or `office`."""
    if isinstance(feed.thing, Expert):
        return "expert"
    return "room" if isinstance(feed.thing, Room) else "office"
