"""The day at a glance, beside a plan in the making: the chosen rooms, people and things, the wished time over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from eventsvc.core import clock
from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken
from eventsvc.core.times import Span, days_span, local_day
from eventsvc.domain.booking.stretches import Part, Stretch
from eventsvc.domain.booking.wishes import Wish
from eventsvc.domain.directory.models import Campus, Expert, Room
from eventsvc.domain.directory.names import is_slug
from eventsvc.domain.directory.pools import Pool
from eventsvc.domain.events.schedule import YEARS
from eventsvc.interfaces import requests
from eventsvc.interfaces.web import board_rows, clash_words, forms, offers, words
from eventsvc.interfaces.web.board_axis import Axis, axis_of, hours_shown
from eventsvc.interfaces.web.board_rows import Cell, Drawn
from eventsvc.interfaces.web.board_words import Words
from eventsvc.interfaces.web.clash_words import Reason
from eventsvc.interfaces.web.forms import Form
from eventsvc.workflows import show_day
from eventsvc.workflows.show_day import PoolDay, ThingDay, WishDay

MOST_MINUTES = 7 * 24 * 60  # longer is refused elsewhere; here it is only not drawn
MOST_THINGS = 40
_LEFT_OUT = frozenset({Part.FREE, Part.SETUP, Part.TAKEDOWN})
_LEFT_OUT_OF_PEOPLE = frozenset({Part.FREE, Part.LEAD, Part.CLOSED})


@dataclass(frozen=True, slots=True)
class Line:
    """A room, a person or a pool: drawn, in words, and what stands against having it then."""

    name: str
    strip: list[Drawn]
    items: list[Cell]
    reasons: list[str]
    warnings: list[str] = field(default_factory=list)


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
    def warnings(self) -> list[str]:
        """What a booking takes from others who count on somebody softly."""
        return [warning for line in self.lines for warning in line.warnings]

    @property
    def against(self) -> int:
        """How many of the things cannot be had at the wished time."""
        return sum(bool(line.reasons) for line in self.lines)


def of_form(
    form: Form, campus: Campus | None, zone: str | None, *, beside_event_id: int | None = None
) -> Glance | None:
    """The day of a form, or None as long as it names none, or nothing that could be taken.

    What the event of that id holds softly is its own.
    """
    day = _day_of(form)
    if day is None or zone is None:
        return None
    rooms, experts = _chosen(form, campus)
    equipment = _things(form, campus)
    if not rooms and not experts and not equipment:
        return None
    span, window = _span_of(form, day, zone), days_span(day, 1, zone)
    wish = Wish(
        span=span or window,
        campus_id=campus.id if campus else None,
        all_day=form.value("lasts") == "days",
        rooms=rooms,
        experts=experts,
        online=frozenset(expert.id for expert in experts if expert.slug in form.all("online_experts")),
        equipment=equipment,
        expected_heads=_heads(form),
    )
    hold, actor = offers.found_hold(form), requests.actor()
    seen = show_day.of_wish(
        wish,
        window,
        has_time=span is not None,
        hold=hold,
        beside_event_id=beside_event_id,
        actor=actor,
        now=clock.now(),
    )
    return _drawn(seen, span, window, zone)


def _drawn(seen: WishDay, span: Span | None, window: Span, zone: str) -> Glance:
    first, last = hours_shown((one for thing in seen.things for one in thing.stretches), window, zone)
    axis, said = axis_of(window, first, last, zone), Words(zone, seen.holders, for_planner=True)
    reasons = clash_words.in_words(SlotTaken(seen.clashes), zone) if seen.clashes else []
    hours = axis.hours()
    return Glance(
        local_day(window.start, zone),
        span is not None,
        [
            *(_line(thing, axis, said, window, reasons) for thing in seen.things),
            *(_line_of_pool(pool, axis, said, window, reasons) for pool in seen.pools),
        ],
        board_rows.rectangle(span, axis) if span else "",
        words.clock_time(hours[0].at, zone),
        words.clock_time(hours[0].at + axis.whole, zone),
    )


def _line(thing: ThingDay, axis: Axis, said: Words, window: Span, reasons: list[Reason]) -> Line:
    is_room = isinstance(thing.thing, Room)
    left_out = _LEFT_OUT if is_room else _LEFT_OUT_OF_PEOPLE
    items = [board_rows.item(one, window, said, is_room=is_room) for one in thing.stretches if one.part not in left_out]
    drawn = board_rows.strip(thing.stretches, axis)
    against = _against("room" if is_room else "expert", thing.thing, reasons)
    warnings = [said.taken_from(row, thing.thing.name) for row in thing.softly]
    return Line(thing.thing.name, drawn, items, against, warnings)


def _against(kind: str, thing: Room | Expert | Pool, reasons: list[Reason]) -> list[str]:
    """What stands against that thing, each reason once; a small room is told by its word, not by the figures alone."""
    own = [reason for reason in reasons if (reason.resource_type, reason.slug) == (kind, thing.slug)]
    said = [str(gettext("Too small: %(why)s", why=one.why)) if one.kind == "capacity" else one.why for one in own]
    return list(dict.fromkeys(said))


def _line_of_pool(day: PoolDay, axis: Axis, said: Words, window: Span, reasons: list[Reason]) -> Line:
    few = [(Stretch(span.start, span.end, Part.TOO_FEW), free) for span, free in day.free if free < day.quantity]
    items = [board_rows.item(one, window, said)._replace(label=_free_of(free, day)) for one, free in few]
    if not few:
        least = min(free for _, free in day.free)
        enough = gettext("At least %(free)s of %(quantity)s free", free=least, quantity=day.thing.quantity)
        items = [Cell(Part.FREE, 0, str(enough), str(gettext("all day")))]
    drawn = board_rows.strip((one for one, _ in few), axis)
    name = f"{day.quantity} × {day.thing.name}"
    return Line(name, drawn, items, _against("pool", day.thing, reasons))


def _free_of(free: int, day: PoolDay) -> str:
    return str(gettext("%(free)s of %(quantity)s free", free=free, quantity=day.thing.quantity))


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


def _things(form: Form, campus: Campus | None) -> tuple[tuple[Pool, int], ...]:
    """The pools of which so many are wanted, as far as their things are used there or anywhere."""
    said = {one["slug"]: one["quantity"] for one in forms.equipment_values(form)}
    wanted = {slug: count for slug, count in said.items() if isinstance(count, int) and count > 0}
    there = or_(Pool.campus_id.is_(None), Pool.campus_id == (campus.id if campus else None))
    return tuple((pool, wanted[pool.slug]) for pool in _named(Pool, list(wanted), there)) if wanted else ()


def _heads(form: Form) -> int | None:
    heads = forms.whole(form.value("expected_heads"))
    return heads if isinstance(heads, int) and heads > 0 else None


def _named(kind: Any, slugs: list[str], *where: Any) -> tuple[Any, ...]:
    query = select(kind).where(
        kind.slug.in_([slug for slug in slugs if is_slug(slug)][:MOST_THINGS]), kind.retired_on.is_(None), *where
    )
    if kind is Room:
        query = query.options(joinedload(Room.campus))
    return tuple(db.session.scalars(query.order_by(kind.name)))
