"""The feed behind a private address: what it shows of whom, under which keys it changes, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import uuid5

from eventsvc.core.links import Links
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.domain.events.lookup import Filter
from eventsvc.domain.feeds import busy, noticing, of_experts, of_offices, of_rooms
from eventsvc.domain.feeds.entries import Feed
from eventsvc.domain.feeds.private import PrivateFeed, Shows, Thing
from eventsvc.domain.feeds.private_entries import Sheet, in_order
from eventsvc.ical import writer
from eventsvc.ical.entry import Entry
from eventsvc.ical.freebusy import FreeBusyTimes, Taken, write_free_busy


def feed_of(private: PrivateFeed, links: Links) -> Feed:
    """What stands at the address of a private calendar; nothing in it repeats the address."""
    thing = private.thing
    keys = keys_of(thing)

    def components_on(day: date) -> Sequence[bytes]:
        return _components(private, Sheet.of(keys, links, day, made_at=private.created_at))

    name = thing.name if private.shows is Shows.DETAILS else f"Busy: {thing.name}"
    return Feed(key_of(private), "", name, Filter(), keys, is_private=True, components_on=components_on)


def key_of(private: PrivateFeed) -> str:
    """What its copy and its statistics are kept under; not its address, which turns."""
    return f"private:{private.public_id}"


def keys_of(thing: Thing) -> frozenset[str]:
    """The keys under which the calendars of a thing change."""
    if isinstance(thing, Expert):
        return noticing.keys_of_expert(thing.id)
    if isinstance(thing, Room):
        return noticing.keys_of_room(of_rooms.parts_of(thing), thing.campus_id)
    return noticing.keys_of_office(thing.id)


def _components(private: PrivateFeed, sheet: Sheet) -> list[bytes]:
    if private.shows is Shows.FREEBUSY:
        return [write_free_busy(_free_busy(private, sheet))]
    found = _entries(private.thing, sheet) if private.shows is Shows.DETAILS else _busy_entries(private, sheet)
    return [writer.write_entry(entry) for entry in in_order(found)]


def _entries(thing: Thing, sheet: Sheet) -> list[Entry]:
    if isinstance(thing, Expert):
        return of_experts.entries_of(thing, sheet)
    return of_rooms.entries_of(thing, sheet) if isinstance(thing, Room) else of_offices.entries_of(thing, sheet)


def _busy_entries(private: PrivateFeed, sheet: Sheet) -> list[Entry]:
    """For programs that read no VFREEBUSY; the UID is of the address and the time, so that it tells no event."""
    return [
        sheet.beside(
            uuid5(private.public_id, span.start.isoformat()),
            span,
            "Busy",
            status="CONFIRMED" if is_sure else "TENTATIVE",
        )
        for span, is_sure in busy.periods_of(private.thing, sheet)
    ]


def _free_busy(private: PrivateFeed, sheet: Sheet) -> FreeBusyTimes:
    window = sheet.busy_window
    return FreeBusyTimes(
        uid=str(uuid5(private.public_id, "free and busy times")),
        # The window moves at midnight, without any change.
        revised_at=max(sheet.changed_at, sheet.midnight),
        starts=window.start,
        ends=window.end,
        organizer_address=f"no-reply@{sheet.links.host}",
        periods=[Taken(span.start, span.end, is_sure) for span, is_sure in busy.periods_of(private.thing, sheet)],
    )
