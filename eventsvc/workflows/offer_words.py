"""Why an offer is offered, as facts and in words: how far it is from the wish, and what speaks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eventsvc.core.errors import say, say_many
from eventsvc.domain.booking.alternatives import Offer
from eventsvc.domain.booking.stand_ins import Option
from eventsvc.domain.booking.starts import Start
from eventsvc.domain.directory.models import Expert, Room
from eventsvc.workflows.clash_sentences import day_in_words

Reason = dict[str, Any]


def reasons_of(offer: Offer) -> list[Reason]:
    """Each reason with its kind, its facts and a sentence; names are for planners only."""
    reasons = [_of_time(offer.start, all_day=offer.wish.all_day)]
    for option in offer.chosen:
        if isinstance(option.thing, Room):
            reasons += _of_room(option.thing, option, offer.wish.expected_heads)
        else:
            reasons += _of_expert(option.thing, option, offer)
    return reasons


def _reason(kind: str, detail: str, **facts: Any) -> Reason:
    return {"kind": kind, **facts, "detail": detail}


def _of_time(start: Start, *, all_day: bool) -> Reason:
    facts = {"days": start.days, "minutes": start.minutes}
    day, clock = day_in_words(start.local.date()), f"{start.local:%H:%M}"
    if start.days == 0:
        same, other = say("At the time that was wished."), say("On the same day at %(time)s.", time=clock)
        return _reason("time", other if start.minutes else same, **facts)
    if start.minutes == 0 and start.days % 7 == 0:
        return _reason("time", _weeks(start.days // 7), **facts)
    if all_day:
        return _reason("time", say("On %(day)s.", day=day), **facts)
    if start.minutes == 0:
        return _reason("time", say("At the same time on %(day)s.", day=day), **facts)
    return _reason("time", say("On %(day)s at %(time)s.", day=day, time=clock), **facts)


def _weeks(weeks: int) -> str:
    if weeks > 0:
        return say_many("At the same time a week later.", "At the same time %(num)d weeks later.", weeks)
    return say_many("At the same time a week earlier.", "At the same time %(num)d weeks earlier.", -weeks)


def _instead(option: Option) -> Reason:
    assert option.instead is not None
    kind = "room" if isinstance(option.thing, Room) else "expert"
    names = {"name": option.thing.name, "instead": option.instead.name}
    slugs = {kind: option.thing.slug, "instead_of": option.instead.slug}
    return _reason(kind, say("%(name)s instead of %(instead)s.", **names), **slugs)


def _of_room(room: Room, option: Option, heads: int | None) -> Iterator[Reason]:
    wished = option.instead
    if not isinstance(wished, Room):
        return
    yield _instead(option)
    if room.capacity is None:
        yield _reason("capacity", say("Nobody has said how many it seats."), capacity=None)
    elif heads is None:
        yield _reason("capacity", say("It seats %(capacity)s.", capacity=room.capacity), capacity=room.capacity)
    else:
        facts = {"capacity": room.capacity, "expected_heads": heads}
        yield _reason("capacity", say("It seats %(capacity)s; %(expected_heads)s are expected.", **facts), **facts)
    if room.step_free:
        yield _reason("step_free", say("It is step-free."))
    if missing := sorted(set(wished.equipment) - set(room.equipment)):
        yield _reason("equipment", say("It lacks: %(things)s.", things=", ".join(missing)), missing=missing)


def _of_expert(expert: Expert, option: Option, offer: Offer) -> Iterator[Reason]:
    wished = option.instead
    if isinstance(wished, Expert):
        yield _instead(option)
        is_of_same = expert.organization_id == wished.organization_id
        if option.known:
            topics = ", ".join(option.known)
            yield _reason("topic", say("Speaks about %(topics)s.", topics=topics), topics=list(option.known))
        elif option.lacks_topic:
            yield _reason("topic", say("Does not speak about what is wished."), topics=[])
        if is_of_same:
            yield _reason("organization", say("Of the same organization."))
        booked = offer.booked[expert.id]
        words = say_many("Booked %(num)d time around then.", "Booked %(num)d times around then.", booked)
        yield _reason("fairness", words if booked else say("Not booked around then."), booked=booked)
    if minutes := offer.ways[expert.id]:
        words = say("%(name)s is on the way for %(minutes)s minutes that day.", name=expert.name, minutes=minutes)
        yield _reason("travel", words, minutes=minutes)
