"""Answer what is free: at a time, for a set of things, or as a grid; as much of it as the asker may know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import Span, days_span, iso, to_wall
from eventsvc.domain.accounts import Actor, ensure_may_plan, may_plan
from eventsvc.domain.booking import availability, conflicts, stand_ins
from eventsvc.domain.booking.availability import Answer
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.booking.stretches import Part, Stretch
from eventsvc.domain.booking.wishes import Wish, are_too_many, ensure_equipment_on_campus
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, ExpertTopic, Room, Topic
from eventsvc.domain.directory.pools import Pool
from eventsvc.workflows import show_board
from eventsvc.workflows.explain_clashes import explain
from eventsvc.workflows.said_wish import SaidWish, understood

MOST_DAYS = 31
Facts = dict[str, Any]


def free_at(said: SaidWish, *, topic: str | None, actor: Actor, now: datetime) -> Facts:
    """Every room and pool of the campus, and for planners every expert (of a topic): free or why not.

    Refuses: NotFound, InvalidInput. Equipment that is named is asked for in that number, other pools for one.
    """
    wish, campus = understood(said), lookup.get_in_use(Campus, said.campus or "", field="campus")
    wanted = Wish(
        span=wish.span,
        campus_id=campus.id,
        all_day=wish.all_day,
        rooms=tuple(sorted(stand_ins.rooms_of(campus.id), key=lambda room: room.slug)),
        experts=tuple(_experts(topic)) if may_plan(actor) else (),
        equipment=_pools(wish, campus),
        expected_heads=wish.expected_heads,
    )
    found = availability.at(wanted, now=now)
    shown = {
        kind: [_answer(one, actor) for one in found if isinstance(one.thing, kind)] for kind in (Room, Expert, Pool)
    }
    facts = {**_span(wanted.span, campus.zone), "zone": campus.zone, "rooms": shown[Room], "pools": shown[Pool]}
    return facts | ({"experts": shown[Expert]} if may_plan(actor) else {})


def _experts(topic: str | None) -> list[Expert]:
    query = select(Expert).where(Expert.retired_on.is_(None)).order_by(Expert.slug)
    if topic is not None:
        topic_id = lookup.get(Topic, topic).id
        query = query.where(Expert.id.in_(select(ExpertTopic.expert_id).where(ExpertTopic.topic_id == topic_id)))
    return list(db.session.scalars(query))


def _pools(wish: Wish, campus: Campus) -> tuple[tuple[Pool, int], ...]:
    named = {pool.id: quantity for pool, quantity in wish.equipment}
    return tuple((pool, named.get(pool.id, 1)) for pool in _pools_of(campus))


def _pools_of(campus: Campus) -> list[Pool]:
    """Those whose things can be used there."""
    here = or_(Pool.campus_id == campus.id, Pool.campus_id.is_(None))
    return list(db.session.scalars(select(Pool).where(here, Pool.retired_on.is_(None)).order_by(Pool.slug)))


def _answer(answer: Answer, actor: Actor) -> Facts:
    thing = answer.thing
    reasons = _reasons(answer.clashes, actor)
    facts = {"slug": thing.slug, "name": thing.name, "is_free": not reasons, "reasons": reasons}
    if isinstance(thing, Expert):
        facts["is_understudy"] = answer.is_understudy
    return facts if answer.free is None else {**facts, "free": answer.free}


def _reasons(clashes: Sequence[Clash], actor: Actor) -> list[Facts]:
    kept = ("kind", "detail", "with") if may_plan(actor) else ("kind", "detail")
    return [{name: clash[name] for name in kept} for clash in explain(clashes, actor=actor)]


def free_spans(said: SaidWish, first: date, last: date, *, actor: Actor, now: datetime) -> Facts:
    """When all of a set can be had between two days, both included; each span holds every start that fits into it.

    Refuses: InvalidInput, SignInNeeded where people are named by those who may not.
    """
    if said.experts:
        ensure_may_plan(actor)
    wish, campus = understood(said), lookup.get_in_use(Campus, said.campus or "", field="campus")
    if not (wish.rooms or wish.experts or wish.equipment):
        raise InvalidInput({"rooms": say("name at least one room, expert or thing")})
    window = days_span(first, days_between(first, last), campus.zone)
    spans = availability.spans_of(wish, window, zone=campus.zone, now=now)
    return {"zone": campus.zone, "spans": [_span(span, campus.zone) for span in spans]}


def days_between(first: date, last: date) -> int:
    """How many days, both included; refuses InvalidInput for none and for more than a month."""
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput({"to": say("must be %(most)s days or fewer after the first", most=MOST_DAYS - 1)})
    return days


def grid(said: SaidWish, first: date, days: int, *, actor: Actor, now: datetime) -> Facts:
    """Per room and pool, and per person that a planner names, what is not free on those days.

    Set-up and travel are not free. A room that seats fewer than are expected says so; of a pool it is said how many are
    free, and whether as many as are named, else one. Of what is said, the time and the rooms do not matter.
    """
    experts = said.experts
    if experts:
        ensure_may_plan(actor)
    campus = lookup.get_in_use(Campus, said.campus or "", field="campus")
    window = days_span(first, days, campus.zone)
    board = show_board.of_campus(campus, window, actor=actor, now=now)
    rooms = [
        {"slug": row.room.slug, "name": row.room.name, "spans": _taken(row.stretches, board.holders, campus.zone)}
        | _seating(row.room, said.expected_heads, window, actor)
        for row in board.rows
    ]
    pools = _pools_through(said, campus, window, now)
    facts: Facts = {**_span(window, campus.zone), "zone": campus.zone, "rooms": rooms, "pools": pools}
    people = lookup.get_all_in_use(Expert, experts, field="experts")
    return facts | ({"experts": [_person(one, first, days, actor, now) for one in people]} if people else {})


def _seating(room: Room, heads: int | None, window: Span, actor: Actor) -> Facts:
    """Why a room is no choice for so many, where anybody said how many; nothing where nobody did."""
    if heads is None:
        return {}
    against = list(conflicts.too_small(room, heads, window)) if are_too_many(heads, [room]) else []
    return {"reasons": _reasons(against, actor)}


def _pools_through(said: SaidWish, campus: Campus, window: Span, now: datetime) -> list[Facts]:
    """Where not all of a pool are free; named ones are wanted in that number, others once."""
    named = {one.slug: one.quantity for one in said.equipment}
    found = lookup.get_all_in_use(Pool, list(named), field="equipment")
    ensure_equipment_on_campus([(pool, named[pool.slug]) for pool in found], campus)
    return [
        {
            "slug": pool.slug,
            "name": pool.name,
            "quantity": pool.quantity,
            "spans": [
                {**_span(span, campus.zone), "free": free, "is_free": free >= named.get(pool.slug, 1)}
                for span, free in stretches
                if free < pool.quantity
            ],
        }
        for pool, stretches in availability.through(_pools_of(campus), window, now=now)
    ]


def _person(expert: Expert, first: date, days: int, actor: Actor, now: datetime) -> Facts:
    week = show_board.of_person(expert, first, actor=actor, now=now)
    found = [one for day in week.days[:days] for one in day.stretches]
    spans = _taken(found, week.holders, expert.zone)
    return {"slug": expert.slug, "name": expert.name, "zone": expert.zone, "spans": spans}


def _taken(stretches: Sequence[Stretch], holders: Any, zone: str) -> list[Facts]:
    return [_stretch(one, holders, zone) for one in stretches if one.part is not Part.FREE]


def _stretch(one: Stretch, holders: Any, zone: str) -> Facts:
    holder = holders.get(one.row.event_id) if one.row is not None else None
    facts = {**_span(one.span, zone), "kind": str(one.part)}
    return facts | ({"event": holder.public_id, "title": holder.title} if holder else {})


def _span(span: Span, zone: str) -> Facts:
    return {
        "from": iso(span.start),
        "until": iso(span.end),
        "from_local": to_wall(span.start, zone).isoformat(timespec="minutes"),
        "until_local": to_wall(span.end, zone).isoformat(timespec="minutes"),
    }
