"""What is coming: as a list, a week or a month, each with the same filters and the same words about each event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request

from eventsvc.core import clock
from eventsvc.core.errors import NotFound, say
from eventsvc.core.times import iso, local_day, to_wall
from eventsvc.domain.events import lookup
from eventsvc.domain.events.models import Event
from eventsvc.interfaces import paging
from eventsvc.interfaces.web import setup_page, words
from eventsvc.interfaces.web.days import A_WEEK, day_named, first_of_week, weeks_of_month
from eventsvc.interfaces.web.finding import Chosen, choices
from eventsvc.workflows import set_up

PAGE_OF_EVENTS = 30
MOST_IN_A_GRID = 500
# Days differ between zones by less than this.
ZONES_APART = timedelta(days=1)


def add_routes(blueprint: Blueprint) -> None:
    """Add the three views."""
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/week/<day>", view_func=week)
    blueprint.add_url_rule("/month/<month>", view_func=month)


def listing() -> str:
    """Events from now on, under their local days; where nobody has begun yet, the way to begin."""
    chosen, now = Chosen.from_address(), clock.now()
    cursor, wanted = request.args.get("cursor"), chosen.wanted(ends_after=now)
    events, last = lookup.page(wanted, after=paging.event_key(cursor), limit=PAGE_OF_EVENTS, shown=lookup.LINE)
    following = paging.encode([iso(last[0]), last[1]]) if last else None
    if not events and set_up.is_empty():
        return setup_page.welcome()
    return render_template(
        "events/list.html",
        days=_by_day(events),
        found=lookup.count(wanted),
        following=chosen.link("pages.listing", cursor=following) if following else None,
        is_first_page=cursor is None,
        shared_zone=words.shared_zone(events),
        opens_at=_today(events, now),
        **choices(chosen),
    )


def week(day: str) -> str:
    """The week of a day, Sunday to Saturday; refuses NotFound for what is not a day."""
    first = first_of_week(day_named(day))
    following = first + A_WEEK
    return _grid(
        first,
        following,
        [[first + timedelta(days=number) for number in range(7)]],
        earlier={"day": first - A_WEEK, "endpoint": "pages.week", "at": {"day": first - A_WEEK}},
        later={"day": following, "endpoint": "pages.week", "at": {"day": following}},
    )


def month(month: str) -> str:
    """A month as a table of weeks; refuses NotFound for what is not a month."""
    first = _first_day(month)
    following, before = (first + timedelta(days=31)).replace(day=1), first - timedelta(days=1)
    weeks = weeks_of_month(first)
    return _grid(
        first,
        following,
        weeks,
        earlier={"day": before, "endpoint": "pages.month", "at": {"month": f"{before:%Y-%m}"}},
        later={"day": following, "endpoint": "pages.month", "at": {"month": f"{following:%Y-%m}"}},
    )


def _grid(first: date, following: date, weeks: list[list[date]], **neighbours: dict[str, Any]) -> str:
    """A table of weeks with the events from the first day until the following one."""
    chosen = Chosen.from_address()
    wanted = chosen.wanted(ends_after=_instant(first) - ZONES_APART, starts_before=_instant(following) + ZONES_APART)
    events, more = lookup.page(wanted, after=None, limit=MOST_IN_A_GRID, shown=lookup.LINE)
    by_day = _by_each_day(events, first, following)
    links = {
        name: {"day": to["day"], "url": chosen.link(to["endpoint"], **to["at"])} for name, to in neighbours.items()
    }
    return render_template(
        "events/grid.html",
        first=first,
        last=following - timedelta(days=1),
        is_week=len(weeks) == 1,
        weeks=weeks,
        by_day=by_day,
        found=len({event.id for day in by_day.values() for event in day}),
        weekdays=weeks[0],
        today=local_day(clock.now(), events[0].zone) if events else None,
        is_cut=more is not None,
        shared_zone=words.shared_zone(events),
        opens_at=first,
        **links,
        **choices(chosen),
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


def _today(events: Sequence[Event], now: datetime) -> date:
    """The local day now, where the next event is; the week and the month open there."""
    return to_wall(now, events[0].zone).date() if events else now.date()


def _by_day(events: Sequence[Event]) -> list[tuple[date, list[Event]]]:
    days: dict[date, list[Event]] = {}
    for event in events:
        days.setdefault(words.shown_day(event), []).append(event)
    return sorted(days.items())


def _by_each_day(events: Sequence[Event], first: date, following: date) -> dict[date, list[Event]]:
    """Events under every local day they cover, from a first day until a following one."""
    days: dict[date, list[Event]] = {}
    for event in events:
        day, last = words.shown_day(event), words.last_day(event)
        while day <= last:
            if first <= day < following:
                days.setdefault(day, []).append(event)
            day += timedelta(days=1)
    return days
