"""From events to calendar entries: which ones a feed shows, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from eventsvc.core.links import Links
from eventsvc.core.times import Span, to_wall
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.lookup import Filter
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.events.promises import Promise, promise_now
from eventsvc.domain.events.words import as_text
from eventsvc.domain.feeds.kind_names import KIND_WORDS
from eventsvc.ical.entry import CalendarHead, Entry

# Slow clients look once in a day or two; a month lets all of them see an end or a cancellation.
KEPT_AFTER_END = timedelta(days=30)

# Names of CSS3 (RFC 7986 5.9), near to what the pages show.
_COLOR = "steelblue"
_COLORS = {
    EventKind.INFO_SESSION: "royalblue",
    EventKind.RECRUITMENT_FAIR: "orangered",
    EventKind.CONVENING: "blueviolet",
    EventKind.WORKSHOP: "seagreen",
    EventKind.SITE_VISIT: "darkgoldenrod",
    EventKind.RESEARCH_ACTIVITY: "lightseagreen",
    EventKind.SCHOOL_NIGHT: "mediumvioletred",
    EventKind.MEETING: "slategray",
}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: the name of its copy, its path under /feeds, its title, and what it shows.

    It changes when one of its `keys` does (`versions`). It is made of the stored entries that the public sees of
    `wanted`; or of `components_on`, which gives what stands in it on a UTC day, each from BEGIN to END as it is sent,
    and is asked once per version and day. A private one is kept by no cache between us and who asks.
    """

    key: str
    path: str
    name: str
    wanted: Filter
    keys: frozenset[str]
    is_private: bool = False
    components_on: Callable[[date], Sequence[bytes]] | None = None


def all_events() -> Feed:
    """Every published public event."""
    return Feed("all", "all", "All events", Filter(), frozenset({"all"}))


def head_of(feed: Feed, links: Links) -> CalendarHead:
    """What the feed says about itself; a private one does not repeat its address."""
    return CalendarHead(
        name=feed.name,
        description="" if feed.is_private else f"{feed.name}: information sessions, recruitment fairs and convenings.",
        url=links.to("/"),
        source_url="" if feed.is_private else links.feed(feed.path),
        color=_COLOR,
    )


def entry_of(event: Event, links: Links) -> Entry:
    """The calendar entry of an event, at the time last promised; it names no guests."""
    promised = Promise.of(event) if event.status in OFF else promise_now(event)
    starts, ends = _times(event.promised_span if event.status in OFF else event.span, promised)
    return Entry(
        uid=str(event.public_id),
        sequence=event.sequence,
        created_at=event.created_at,
        revised_at=event.revised_at,
        starts=starts,
        ends=ends,
        summary=event.title,
        status=_status(event),
        organizer_name=event.owner.name,
        organizer_address=event.owner.mailbox or f"no-reply@{links.host}",
        description=_description(event, links),
        location=promised.location,
        geo=promised.geo,
        url=links.event_page(str(event.public_id)),
        conference_url=event.online_url,
        categories=(KIND_WORDS[event.kind], *(topic.name for topic in event.topics)),
        color=_COLORS[event.kind],
        series_uid=str(event.series.public_id) if event.series is not None else "",
    )


def _times(span: Span, promised: Promise) -> tuple[datetime | date, datetime | date]:
    if promised.all_day:
        return to_wall(span.start, promised.zone).date(), to_wall(span.end, promised.zone).date()
    return span.start, span.end


def _status(event: Event) -> Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]:
    if event.status in OFF:
        return "CANCELLED"
    return "TENTATIVE" if event.status is Status.REQUESTED else "CONFIRMED"


def _description(event: Event, links: Links) -> str:
    parts = [as_text(event.description)]
    parts += [f"{head}: {text}" for head, text in (("Bring", event.bring), ("Access", event.accommodations)) if text]
    if event.online_url:
        parts.append(f"Join online: {event.online_url}")
    parts.append(links.event_page(str(event.public_id)))
    return "\n\n".join(part for part in parts if part)
