"""From events to calendar entries: which ones a feed shows, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from eventsvc.core.errors import NotFound, say
from eventsvc.core.links import Links
from eventsvc.core.times import Span, to_wall
from eventsvc.domain.accounts import PUBLIC
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import DISTRICTS, Campus, Organization, Topic
from eventsvc.domain.events import found_under, permits
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.lookup import Filter, count, get_event, matching
from eventsvc.domain.events.models import Event, EventKind, Status
from eventsvc.domain.events.promises import Promise, promise_now
from eventsvc.domain.events.series import get_series
from eventsvc.domain.events.words import as_text
from eventsvc.ical.entry import CalendarHead, Entry

# Slow clients look once in a day or two; a month lets all of them see an end or a cancellation.
KEPT_AFTER_END = timedelta(days=30)

KIND_WORDS = {
    EventKind.INFO_SESSION: "Information session",
    EventKind.RECRUITMENT_FAIR: "Recruitment fair",
    EventKind.CONVENING: "Convening",
    EventKind.WORKSHOP: "Workshop",
    EventKind.SITE_VISIT: "Site visit",
    EventKind.RESEARCH_ACTIVITY: "Research activity",
    EventKind.SCHOOL_NIGHT: "School night",
    EventKind.MEETING: "Meeting",
}
_OF_MANY = {kind: f"{words}s" for kind, words in KIND_WORDS.items()} | {
    EventKind.RESEARCH_ACTIVITY: "Research activities"
}

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


def of_campus(slug: str) -> Feed:
    """The events of one campus; refuses NotFound."""
    campus = lookup.get(Campus, slug)
    return _feed("campus", slug, campus.name, Filter(campus_ids=(campus.id,)))


def of_organization(slug: str) -> Feed:
    """What an organization owns, hosts beside others or has on a campus of its own; refuses NotFound."""
    organization = lookup.get(Organization, slug)
    return _feed("organization", slug, organization.name, Filter(host_ids=(organization.id,)))


def of_district(slug: str) -> Feed:
    """The same of a district and all its colleges or schools; refuses NotFound, also for what is no district."""
    district = lookup.get(Organization, slug)
    if district.kind not in DISTRICTS:
        raise NotFound(say("%(name)s is not a district.", name=district.name))
    return _feed("district", slug, district.name, Filter(district_ids=(district.id,)))


def of_topic(slug: str) -> Feed:
    """The events of one topic; refuses NotFound."""
    topic = lookup.get(Topic, slug)
    return _feed("topic", slug, topic.name, Filter(topic_ids=(topic.id,)))


def of_series(series_id: str) -> Feed:
    """The dates of one series, as far as the public sees them; refuses NotFound, also where that is none."""
    series = get_series(series_id)
    wanted = Filter(series_ids=(series.id,))
    if not count(wanted):
        raise NotFound(say("There is no such series."))
    return _feed("series", str(series.public_id), series.title, wanted)


def of_event(event_id: str) -> Feed:
    """One event alone; refuses NotFound, also for what the public does not see."""
    event = get_event(event_id)
    if not permits.may_see_event(PUBLIC, event):
        raise NotFound(say("There is no such event."))
    return _feed("event", str(event.public_id), event.title, Filter(event_id=event.id))


def of_kind(kind: str) -> Feed:
    """The events of one kind; refuses NotFound."""
    if kind not in list(EventKind):
        raise NotFound(say("There is no kind of event %(kind)r.", kind=kind), kinds=[str(known) for known in EventKind])
    known = EventKind(kind)
    return _feed("kind", kind, _OF_MANY[known], Filter(kinds=(known,)))


def of_audience(slug: str) -> Feed:
    """The events for one group of people; refuses NotFound, also where the public sees none for it."""
    word = found_under.word_of(slug, matching(Filter()))
    if word is None:
        raise NotFound(say("There is no event for such a group."))
    return _feed("audience", slug, word, Filter(audiences=(slug,)))


def of_language(tag: str) -> Feed:
    """The events held in one language, wherever it is spoken; refuses NotFound, also for a tag in capitals."""
    if not found_under.is_tag(tag):
        raise NotFound(say("There is no language %(tag)r.", tag=tag))
    name = f"Events in {found_under.name_of(tag)}"
    return _feed("language", tag, name, Filter(languages=(tag,)))


def _feed(of: str, word: str, name: str, wanted: Filter) -> Feed:
    return Feed(f"{of}:{word}", f"{of}/{word}", name, wanted, frozenset({f"{of}:{word}"}))


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
