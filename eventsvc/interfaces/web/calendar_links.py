"""Addresses that put an event, or a whole feed, into somebody's calendar."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from eventsvc.core.links import Links
from eventsvc.core.times import local_day
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.promises import location_of
from eventsvc.domain.events.words import as_text

# Web calendars cut long addresses; the event's page has the rest.
MOST_WORDS = 600
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class AddEvent(NamedTuple):
    """Where each client adds one event."""

    google: str
    apple: str
    outlook: str
    outlook_personal: str
    ics: str


class AddFeed(NamedTuple):
    """Where each client subscribes to a feed; its page for frames of web sites, and its JSON."""

    https: str
    webcal: str
    google: str
    outlook: str
    outlook_personal: str
    embed: str
    json: str


def for_event(event: Event, links: Links) -> AddEvent:
    """The links of one event; Apple's is a subscription, so that a change of the event follows."""
    public_id = str(event.public_id)
    ics, page = links.event_ics(public_id), links.event_page(public_id)
    words = as_text(event.description)[:MOST_WORDS]
    details = "\n\n".join(part for part in (words, event.online_url, page) if part)
    return AddEvent(
        google=_google(event, details),
        apple="webcal://" + ics.split("://", 1)[1],
        outlook=_outlook("outlook.office.com", event, details),
        outlook_personal=_outlook("outlook.live.com", event, details),
        ics=ics,
    )


def for_feed(path: str, name: str, links: Links) -> AddFeed:
    """The links of the feed at a path such as `campus/pasadena-city-college`."""
    add = for_address(links.feed(path), name)
    return add._replace(embed=links.to(f"/embed/{quote(path)}"), json=links.to(f"/feeds/{quote(path)}.json"))


def for_address(https: str, name: str) -> AddFeed:
    """The links of a calendar at an address, also a private one, which no other site may embed."""
    webcal = "webcal://" + https.split("://", 1)[1]
    by_address = urlencode({"url": https, "name": name})
    return AddFeed(
        https=https,
        webcal=webcal,
        google="https://calendar.google.com/calendar/r?" + urlencode({"cid": webcal}),
        outlook=f"https://outlook.office.com/calendar/0/addfromweb?{by_address}",
        outlook_personal=f"https://outlook.live.com/calendar/0/addfromweb?{by_address}",
        embed="",
        json="",
    )


def is_local_only(links: Links) -> bool:
    """True when no calendar service can reach this server because its address is this machine's own."""
    return urlsplit(links.public_url).hostname in LOOPBACK


def _google(event: Event, details: str) -> str:
    if event.all_day:
        days = (local_day(moment, event.zone) for moment in (event.starts_at, event.ends_at))
        dates = "/".join(f"{day:%Y%m%d}" for day in days)
    else:
        dates = "/".join(f"{moment:%Y%m%dT%H%M%SZ}" for moment in (event.starts_at, event.ends_at))
    query = {
        "action": "TEMPLATE",
        "text": event.title,
        "dates": dates,
        "ctz": event.zone,
        "location": location_of(event),
        "details": details,
    }
    return "https://calendar.google.com/calendar/render?" + urlencode(query)


def _outlook(host: str, event: Event, details: str) -> str:
    if event.all_day:
        start, end = (local_day(moment, event.zone).isoformat() for moment in (event.starts_at, event.ends_at))
    else:
        start, end = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (event.starts_at, event.ends_at))
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": event.title,
        "startdt": start,
        "enddt": end,
        "allday": "true" if event.all_day else "false",
        "location": location_of(event),
        "body": details,
    }
    return f"https://{host}/calendar/deeplink/compose?" + urlencode(query)
