"""A useful answer when it is "no": up to five whole offers, each of which can be held by one call.

Runs after the refusal has rolled back, outside of any transaction that writes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from eventsvc.core.times import iso, side_of, to_wall
from eventsvc.domain.booking import alternatives
from eventsvc.domain.booking.alternatives import Offer, Suits
from eventsvc.domain.booking.diary import Counts
from eventsvc.domain.booking.starts import Clock
from eventsvc.domain.booking.wishes import Wish
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Organization, Topic
from eventsvc.domain.events import audience
from eventsvc.domain.events.lookup import get_event
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.schedule import when_of
from eventsvc.workflows.hold_things import HOLD_MINUTES
from eventsvc.workflows.move_event import Destination
from eventsvc.workflows.offer_words import reasons_of
from eventsvc.workflows.plan_event import Plan, co_hosts_of, owner_of
from eventsvc.workflows.said_wish import SaidEquipment, SaidWish, understood, zone_of

MOST_OFFERS = 5
Facts = dict[str, Any]


def offers_for_plan(plan: Plan, *, most: int = MOST_OFFERS, now: datetime) -> list[Facts]:
    """What could be had instead of a plan that was refused, best first: JSON-ready, each with the body of its hold."""
    said = SaidWish(
        when=plan.when,
        campus=plan.campus,
        owner=plan.owner,
        rooms=plan.rooms,
        experts=plan.experts,
        online_experts=plan.online_experts,
        equipment=plan.equipment,
        expected_heads=plan.expected_heads,
    )
    suits = _meets_nobody_elses(plan.audience, co_hosts_of(plan.co_hosts, owner_of(plan)))
    not_before = plan.accommodations_due_on
    return offers_for(said, topics=plan.topics, not_before=not_before, suits=suits, most=most, now=now)


def offers_for(
    said: SaidWish,
    *,
    topics: Collection[str] = (),
    not_before: date | None = None,
    suits: Suits = lambda wish: True,
    most: int = MOST_OFFERS,
    now: datetime,
) -> list[Facts]:
    """The same for a wish that is not yet an event; no offer lies before the day `not_before`."""
    wish, clock = understood(said), _clock(said, now, not_before)
    found = alternatives.find(wish, clock, topic_ids=_topics(topics), most=most, suits=suits)
    facts = [_facts(offer, clock.zone, said) for offer in found]
    return [one | {"hold": _hold(one)} for one in facts]


def offers_for_move(event_id: str, to: Destination, *, most: int = MOST_OFFERS, now: datetime) -> list[Facts]:
    """The same for a move that was refused: what the event has itself stands in nobody's way, and is not held anew."""
    event = get_event(event_id)
    said = _moved(event, to)
    clock = _clock(said, now, None)
    found = alternatives.find(
        understood(said),
        clock,
        topic_ids=frozenset(topic.id for topic in event.topics),
        most=most,
        counts=_others_than(event.id),
        suits=_meets_nobody_elses(event.audience, event.co_hosts, event_id=event.id),
    )
    return [_facts(offer, clock.zone, said) for offer in found]


def _moved(event: Event, to: Destination) -> SaidWish:
    """What the event wants after the move; what is not told stays, as far as it belongs to the campus."""
    present = event.campus.slug if event.campus else None
    campus = to.campus if to.is_campus_told else present
    stays = campus == present
    experts = to.experts if to.experts is not None else tuple(expert.slug for expert in event.experts)
    online = to.online_experts
    if online is None:
        online = tuple(expert.slug for expert in event.online_experts if expert.slug in experts)
    kept = [one for one in event.equipment if stays or one.pool.campus_id is None]
    return SaidWish(
        when=when_of(event).changed(to.time),
        campus=campus,
        owner=event.owner.slug,
        rooms=to.rooms if to.rooms is not None else tuple(room.slug for room in event.rooms if stays),
        experts=experts,
        online_experts=online,
        equipment=to.equipment
        if to.equipment is not None
        else tuple(SaidEquipment(one.pool.slug, one.quantity) for one in kept),
        expected_heads=event.expected_heads,
    )


def _meets_nobody_elses(
    audience_words: Sequence[str], co_hosts: Sequence[Organization], *, event_id: int | None = None
) -> Suits:
    """True for a wish at which no other employer meets the same students."""

    def suits(wish: Wish) -> bool:
        sending = [*(expert.organization for expert in wish.experts), *co_hosts]
        meeting = audience.meeting(event_id, wish.campus_id, wish.span, audience_words, sending)
        return meeting is None or not audience.against(meeting)

    return suits


def _others_than(event_id: int) -> Counts:
    return lambda row: row.event_id != event_id


def _topics(slugs: Collection[str]) -> frozenset[int]:
    return frozenset(topic.id for topic in lookup.get_all_in_use(Topic, list(slugs), field="topics"))


def _clock(said: SaidWish, now: datetime, not_before: date | None) -> Clock:
    campus = lookup.get_in_use(Campus, said.campus, field="campus") if said.campus else None
    hours = campus.hours if campus else None
    return Clock(zone=zone_of(campus, said.owner), hours=hours, now=now, not_before=not_before)


def _facts(offer: Offer, zone: str, said: SaidWish) -> Facts:
    wish = offer.wish
    return {
        **_when(offer, zone),
        "starts_at": iso(wish.span.start),
        "ends_at": iso(wish.span.end),
        "zone": zone,
        "campus": said.campus,
        "owner": said.owner,
        "rooms": [room.slug for room in wish.rooms],
        "experts": [expert.slug for expert in wish.experts],
        "online_experts": [expert.slug for expert in wish.experts if expert.id in wish.online],
        "equipment": [{"slug": pool.slug, "quantity": quantity} for pool, quantity in wish.equipment],
        "expected_heads": wish.expected_heads,
        "reasons": reasons_of(offer),
    }


def _when(offer: Offer, zone: str) -> Facts:
    wish, start = offer.wish, offer.start
    if wish.all_day:
        days = (to_wall(wish.span.end, zone).date() - start.local.date()).days
        return {"all_day": True, "starts_on": start.local.date().isoformat(), "days": days}
    minutes = int((wish.span.end - wish.span.start).total_seconds() // 60)
    timed = {"starts_local": start.local.isoformat(timespec="minutes"), "duration_minutes": minutes}
    side = side_of(wish.span.start, zone)
    return timed | ({"starts_side": side} if side else {})


_HELD = (
    *("all_day", "starts_on", "days", "starts_local", "starts_side", "duration_minutes"),
    *("campus", "owner", "rooms", "experts", "online_experts", "equipment", "expected_heads"),
)


def _hold(facts: Facts) -> Facts:
    """The body for POST /api/v1/holds."""
    return {name: facts[name] for name in _HELD if facts.get(name) not in (None, [])} | {"minutes": HOLD_MINUTES}
