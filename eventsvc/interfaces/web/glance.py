"""The day at a glance, beside a plan that is being made: the chosen rooms and people, and the wished time over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span, days_span, local_day
from eventsvc.domain.booking.stretches import Part
from eventsvc.domain.booking.wishes import Wish
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.directory.names import is_slug
from eventsvc.domain.events.schedule import YEARS
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import board_rows, clash_words, forms, offers, words
from eventsvc.interfaces.web.board_axis import Axis, axis_of, hours_shown
from eventsvc.interfaces.web.board_rows import Cell, Drawn
from eventsvc.interfaces.web.board_words import Words
from eventsvc.interfaces.web.clash_words import Reason
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import show_day
from eventsvc.workflows.show_day import ThingDay, WishDay

MOST_MINUTES = 7 * 24 * 60  # longer is refused elsewhere; here it is only not drawn
MOST_THINGS = 40
_LEFT_OUT = frozenset({Part.FREE, Part.SETUP, Part.TAKEDOWN})
_LEFT_OUT_OF_PEOPLE = frozenset({Part.FREE, Part.LEAD, Part.CLOSED})


@dataclass(frozen=True, slots=True)
class Line:
    """A room or a person: drawn, in words, and what stands against having it then."""

    name: str
    strip: list[Drawn]
    items: list[Cell]
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Glance:
    """A day; `wish` is drawn over every line if it lies between `first` and `last`, the hours at the ends."""

    day: date
    has_time: bool
    lines: list[Line]
    wish: str
    first: str
    last: str

    @property
    def against(self) -> int:
        """How many of the things cannot be had at the wished time."""
        return sum(bool(line.reasons) for line in self.lines)


def of_form(form: Form, campus: Campus | None, zone: str | None) -> Glance | None:
    """The day of a form, or None as long as it names none, or nothing that could be taken."""
    day = _day_of(form)
    if day is None or zone is None:
        return None
    rooms, experts = _chosen(form, campus)
    if not rooms and not experts:
        return None
    span, window = _span_of(form, day, zone), days_span(day, 1, zone)
    wish = Wish(
        span=span or window,
        campus_id=campus.id if campus else None,
        all_day=form.value("lasts") == "days",
        rooms=rooms,
        experts=experts,
        online=frozenset(expert.id for expert in experts if expert.slug in form.all("online_experts")),
    )
    hold, actor = offers.found_hold(form), requests.actor()
    seen = show_day.of_wish(wish, window, has_time=span is not None, hold=hold, actor=actor, now=clock.now())
    return _drawn(seen, span, window, zone)


def _drawn(seen: WishDay, span: Span | None, window: Span, zone: str) -> Glance:
    first, last = hours_shown((one for thing in seen.things for one in thing.stretches), window, zone)
    axis, said = axis_of(window, first, last, zone), Words(zone, seen.holders, for_planner=True)
    reasons = clash_words.in_words(SlotTaken(seen.clashes), zone) if seen.clashes else []
    hours = axis.hours()
    return Glance(
        local_day(window.start, zone),
        span is not None,
        [_line(thing, axis, said, window, reasons) for thing in seen.things],
        board_rows.rectangle(span, axis) if span else "",
        words.clock_time(hours[0].at, zone),
        words.clock_time(hours[0].at + axis.whole, zone),
    )


def _line(thing: ThingDay, axis: Axis, said: Words, window: Span, reasons: list[Reason]) -> Line:
    is_room = isinstance(thing.thing, Room)
    left_out = _LEFT_OUT if is_room else _LEFT_OUT_OF_PEOPLE
    items = [board_rows.item(one, window, said, is_room=is_room) for one in thing.stretches if one.part not in left_out]
    against = dict.fromkeys(reason.why for reason in reasons if reason.slug == thing.thing.slug)
    return Line(thing.thing.name, board_rows.strip(thing.stretches, axis), items, list(against))


def _day_of(form: Form) -> date | None:
    try:
        day = date.fromisoformat(form.value("date"))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _span_of(form: Form, day: date, zone: str) -> Span | None:
    """The wished time, as far as it is typed already."""
    if form.value("lasts") == "days":
        days = forms.whole(form.value("days", "1"))
        return days_span(day, days, zone) if isinstance(days, int) and 0 < days <= 7 else None
    minutes = forms.whole(form.value("duration_minutes", "90"))
    start = _start_of(form, zone)
    if start is None or not isinstance(minutes, int) or not 0 < minutes <= MOST_MINUTES:
        return None
    return Span(start, start + timedelta(minutes=minutes))


def _start_of(form: Form, zone: str) -> datetime | None:
    starts = forms.starts(form, zone)
    if not starts:
        return None
    return starts[-1] if form.value("starts_side") == "later" else starts[0]


def _chosen(form: Form, campus: Campus | None) -> tuple[tuple[Room, ...], tuple[Expert, ...]]:
    rooms: tuple[Room, ...] = ()
    if campus is not None and form.all("rooms"):
        rooms = _named(Room, form.all("rooms"), Room.campus_id == campus.id)
    return rooms, _named(Expert, form.all("experts")) if form.all("experts") else ()


def _named(kind: Any, slugs: list[str], *where: Any) -> tuple[Any, ...]:
    query = select(kind).where(
        kind.slug.in_([slug for slug in slugs if is_slug(slug)][:MOST_THINGS]), kind.retired_on.is_(None), *where
    )
    if kind is Room:
        query = query.options(joinedload(Room.campus))
    return tuple(db.session.scalars(query.order_by(kind.name)))
