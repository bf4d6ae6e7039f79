"""What is coming: as a list, and the same events as a month. Filters stand in the address, so they can be shared."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import exists, select

from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.core.times import iso, local_day, to_wall
from eventsvc.domain.directory import lookup as directory
from eventsvc.domain.directory.models import Campus, Topic
from eventsvc.domain.events import lookup
from eventsvc.domain.events.lookup import Filter
from eventsvc.domain.events.models import Event, EventKind, EventTopic
from eventsvc.interfaces import paging
from eventsvc.interfaces.web import words
from eventsvc.interfaces.web.frame import is_planner

PAGE_OF_EVENTS = 30
MOST_IN_A_MONTH = 500
SUNDAY = 6  # California's calendars begin the week on it, in English and in Spanish
# Days differ between zones by less than this.
ZONES_APART = timedelta(days=1)


def add_routes(blueprint: Blueprint) -> None:
    """Add the two lists."""
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/month/<month>", view_func=month)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the address, by slug."""

    campus: str
    kind: str
    topic: str

    @classmethod
    def from_address(cls) -> Chosen:
        """Empty ones do not narrow; what is unknown in the address besides them is left alone."""
        return cls(*(request.args.get(name, "") for name in ("campus", "kind", "topic")))

    @property
    def query(self) -> dict[str, str]:
        """For links that keep the filters."""
        named = {"campus": self.campus, "kind": self.kind, "topic": self.topic}
        return {name: value for name, value in named.items() if value}

    def link(self, endpoint: str, **values: Any) -> str:
        """An address that keeps the filters."""
        return url_for(endpoint, **values, **dict[str, Any](self.query))

    def wanted(self, **more: Any) -> Filter:
        """What to look for; refuses NotFound for a slug that nothing has."""
        if self.kind and self.kind not in list(EventKind):
            raise NotFound(say("There is no kind of event %(kind)r.", kind=self.kind))
        return Filter(
            public_only=not is_planner(),
            campus_id=directory.get(Campus, self.campus).id if self.campus else None,
            kind=EventKind(self.kind) if self.kind else None,
            topic_id=directory.get(Topic, self.topic).id if self.topic else None,
            **more,
        )


def listing() -> str:
    """Events from now on, under their local days."""
    chosen, now = Chosen.from_address(), clock.now()
    cursor = request.args.get("cursor")
    events, last = lookup.page(chosen.wanted(ends_after=now), after=paging.event_key(cursor), limit=PAGE_OF_EVENTS)
    following = paging.encode([iso(last[0]), last[1]]) if last else None
    return render_template(
        "events/list.html",
        days=_by_day(events),
        following=chosen.link("pages.listing", cursor=following) if following else None,
        is_first_page=cursor is None,
        shared_zone=words.shared_zone(events),
        this_month=f"{_today(events, now):%Y-%m}",
        **_filters(chosen),
    )


def month(month: str) -> str:
    """A month as a table of weeks; refuses NotFound for what is not a month."""
    first = _first_day(month)
    following = (first + timedelta(days=31)).replace(day=1)
    chosen = Chosen.from_address()
    wanted = chosen.wanted(ends_after=_instant(first) - ZONES_APART, starts_before=_instant(following) + ZONES_APART)
    events, more = lookup.page(wanted, after=None, limit=MOST_IN_A_MONTH)
    weeks = calendar.Calendar(SUNDAY).monthdatescalendar(first.year, first.month)
    by_day = _by_each_day(events, first, following)
    return render_template(
        "events/month.html",
        first=first,
        weeks=weeks,
        by_day=by_day,
        weekdays=weeks[0],
        today=local_day(clock.now(), events[0].zone) if events else None,
        earlier=_month_link(first - timedelta(days=1), chosen),
        later=_month_link(following, chosen),
        is_cut=more is not None,
        shared_zone=words.shared_zone(events),
        **_filters(chosen),
    )


def _first_day(month: str) -> date:
    try:
        first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007  # a month has no zone
    except ValueError:
        first = None
    if first is None or not 2000 <= first.year < 2100 or f"{first:%Y-%m}" != month:
        raise NotFound(say("There is no such month; months look like 2027-02."))
    return first


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _month_link(day: date, chosen: Chosen) -> dict[str, Any]:
    return {"day": day, "url": chosen.link("pages.month", month=f"{day:%Y-%m}")}


def _today(events: Sequence[Event], now: datetime) -> date:
    """The local day now, where the next event is; the month view opens there."""
    return to_wall(now, events[0].zone).date() if events else now.date()


def _by_day(events: Sequence[Event]) -> list[tuple[date, list[Event]]]:
    days: dict[date, list[Event]] = {}
    for event in events:
        days.setdefault(words.shown_day(event), []).append(event)
    return sorted(days.items())


def _by_each_day(events: Sequence[Event], first: date, following: date) -> dict[date, list[Event]]:
    """Events under every local day they cover, within a month."""
    days: dict[date, list[Event]] = {}
    for event in events:
        day, last = words.shown_day(event), words.last_day(event)
        while day <= last:
            if first <= day < following:
                days.setdefault(day, []).append(event)
            day += timedelta(days=1)
    return days


def _filters(chosen: Chosen) -> dict[str, Any]:
    """The choices of the filter form: places and topics that have events, and what is chosen."""
    campuses = select(Campus).where(exists().where(Event.campus_id == Campus.id)).order_by(Campus.name)
    in_events = exists().where(EventTopic.topic_id == Topic.id)
    return {
        "chosen": chosen,
        "campuses": list(db.session.scalars(campuses)),
        "topics": list(db.session.scalars(select(Topic).where(in_events).order_by(Topic.name))),
        "kinds": words.KINDS,
    }
