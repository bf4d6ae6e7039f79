"""Who and what could stand in for the rooms and people of a wish: read at once, best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from eventsvc.core.db import db
from eventsvc.core.times import Span
from eventsvc.domain.booking import closeness, diary, resources
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.booking.wishes import Wish, are_too_many
from eventsvc.domain.directory.models import Expert, ExpertTopic, Room

# So many are looked at of each kind, those that fit best and are free at the wished time first.
MOST = 16


@dataclass(frozen=True, slots=True)
class Option:
    """A room or a person for one place of the wish; `instead` is whom it stands in for, None for the wished one.

    `known` are the wanted topics that a person knows, `wanted` how many there are.
    """

    thing: Room | Expert
    resources: tuple[Resource, ...]
    points: float = 0.0
    instead: Room | Expert | None = None
    known: tuple[str, ...] = ()
    wanted: int = 0

    @property
    def lacks_topic(self) -> bool:
        """True for a person who knows nothing of what is wanted."""
        return bool(self.wanted) and not self.known

    def is_online(self, wish: Wish) -> bool:
        """True for a person who joins from afar, like the one they stand in for."""
        return isinstance(self.thing, Expert) and (self.instead or self.thing).id in wish.online

    def asks(self, span: Span, wish: Wish) -> list[Ask]:
        """What is asked of its resources at that time; whether rooms are large enough is asked of all of them."""
        place_id = None if self.is_online(wish) else wish.campus_id
        hall = self.thing if isinstance(self.thing, Room) else None
        return [
            Ask(one, span, place_id, hall=hall if hall and hall.id != one.room_id else None, all_day=wish.all_day)
            for one in self.resources
        ]


Slots = list[list[Option]]


def slots_of(wish: Wish, *, topic_ids: Collection[int], now: datetime) -> Slots:
    """For each room and person of the wish, in its order: the wished one, then who could stand in, best first."""
    rooms = rooms_of(wish.campus_id) if wish.rooms else []
    experts = _experts_like(wish.experts, topic_ids)
    leaves = _leaves(rooms)
    known = _resources({leaf for part in leaves.values() for leaf in part}, [one.id for one in experts])
    found = [_room_slot(room, wish, rooms, leaves, known) for room in wish.rooms]
    found += [_expert_slot(expert, wish, experts, known, topic_ids) for expert in wish.experts]
    return _best(found, wish, now)


def rooms_of(campus_id: int | None) -> list[Room]:
    """Every room in use of a campus, halls and their parts."""
    return list(db.session.scalars(select(Room).where(Room.campus_id == campus_id, Room.retired_on.is_(None))))


def wished_of(wish: Wish) -> Slots:
    """For each room and person of the wish the wished one alone."""
    found = resources.find(room_ids=[one.id for one in wish.rooms], expert_ids=[one.id for one in wish.experts])
    rooms = [Option(room, tuple(one for one, asked_id in found.rooms if asked_id == room.id)) for room in wish.rooms]
    people = {one.expert_id: one for one in found.experts}
    return [[option] for option in (*rooms, *(Option(expert, (people[expert.id],)) for expert in wish.experts))]


def each_of(rooms: Sequence[Room], experts: Sequence[Expert]) -> list[Option]:
    """Each room and person by itself; rooms that are parts of others need these among them."""
    leaves = _leaves(rooms)
    known = _resources({leaf for part in leaves.values() for leaf in part}, [one.id for one in experts])
    alone = [Option(room, tuple(known[Room, leaf] for leaf in leaves[room.id])) for room in rooms]
    return [*alone, *(Option(expert, (known[Expert, expert.id],)) for expert in experts)]


def _experts_like(wished: Sequence[Expert], topic_ids: Collection[int]) -> list[Expert]:
    """The wished ones, those who know a wanted topic of theirs, and those of the same organizations."""
    if not wished:
        return []
    topics = {topic.id for expert in wished for topic in expert.topics}.union(topic_ids)
    like = or_(
        Expert.organization_id.in_({one.organization_id for one in wished}),
        Expert.id.in_(select(ExpertTopic.expert_id).where(ExpertTopic.topic_id.in_(topics))),
    )
    query = select(Expert).where(like, Expert.retired_on.is_(None)).options(selectinload(Expert.topics))
    return list(db.session.scalars(query))


def _leaves(rooms: Sequence[Room]) -> dict[int, list[int]]:
    """Each room → the rooms that are reserved for it: its parts in use, or itself."""
    parts: defaultdict[int, list[int]] = defaultdict(list)
    for room in rooms:
        if room.parent_id is not None:
            parts[room.parent_id].append(room.id)

    def within(room_id: int) -> Iterator[int]:
        if room_id not in parts:
            yield room_id
        for part in parts.get(room_id, ()):
            yield from within(part)

    return {room.id: sorted(within(room.id)) for room in rooms}


Resources = dict[tuple[type, int], Resource]


def _resources(room_ids: Collection[int], expert_ids: Collection[int]) -> Resources:
    """The resource of each room and expert."""
    found = resources.find(room_ids=room_ids, expert_ids=expert_ids)
    known: Resources = {(Room, room_id): one for one, room_id in found.rooms}
    return known | {(Expert, one.expert_id): one for one in found.experts if one.expert_id is not None}


def _room_slot(
    room: Room, wish: Wish, rooms: Sequence[Room], leaves: dict[int, list[int]], known: Resources
) -> list[Option]:
    def option(other: Room) -> Option:
        reserved = tuple(known[Room, leaf] for leaf in leaves[other.id])
        if other is room:
            return Option(room, reserved)
        return Option(other, reserved, closeness.of_room(other, room, wanted), instead=room)

    wanted = _seats_wanted(room, wish)
    # Where the rooms are too small together none of them need stay: a hall may stand in for two parts of it.
    kept = () if are_too_many(wish.expected_heads, wish.rooms) else wish.rooms
    taken = {leaf for other in kept for leaf in leaves[other.id] if other is not room}
    fitting = [
        other
        for other in rooms
        if other not in wish.rooms and taken.isdisjoint(leaves[other.id]) and _fits(other, room, wish)
    ]
    return [option(other) for other in (room, *fitting)]


def _seats_wanted(room: Room, wish: Wish) -> int | None:
    """How many one in place of that room should seat; None: about as many as that room.

    Of several rooms each gets what the others leave over, if all of them are too small together.
    """
    if len(wish.rooms) == 1:
        return wish.expected_heads
    if wish.expected_heads is None or not are_too_many(wish.expected_heads, wish.rooms):
        return None
    return wish.expected_heads - sum(kept.capacity or 0 for kept in wish.rooms if kept is not room)


def _fits(other: Room, room: Room, wish: Wish) -> bool:
    """Step-free where the wished one was, and large enough; of several rooms another may make up for a smaller one."""
    if room.step_free and not other.step_free:
        return False
    return len(wish.rooms) > 1 or not are_too_many(wish.expected_heads, [other])


def _expert_slot(
    expert: Expert, wish: Wish, experts: Sequence[Expert], known: Resources, topic_ids: Collection[int]
) -> list[Option]:
    own = {topic.id for topic in expert.topics}
    wanted = own.intersection(topic_ids) or set(topic_ids) or own

    def option(other: Expert) -> Option:
        knows = tuple(topic.name for topic in other.topics if topic.id in wanted)
        is_of_same = other.organization_id == expert.organization_id
        points = closeness.of_expert(known=len(knows), wanted=len(wanted), is_of_same_organization=is_of_same, booked=0)
        return Option(other, (known[Expert, other.id],), points, instead=expert, known=knows, wanted=len(wanted))

    others = [one for one in experts if one not in wish.experts]
    return [Option(expert, (known[Expert, expert.id],)), *(option(other) for other in others)]


def _best(slots: Slots, wish: Wish, now: datetime) -> Slots:
    """The wished ones and the best of the others, so few that weeks of their diaries are read in no time."""
    others = [one for slot in slots for option in slot[1:] for one in option.resources]
    then = diary.read(others, wish.span, campus_ids=(), now=now)

    def rank(option: Option) -> tuple[bool, bool, float, int]:
        is_taken = any(then.overlapping(one.id, wish.span) for one in option.resources)
        return option.lacks_topic, is_taken, option.points, option.thing.id

    most = max(MOST // max(len(slots), 1), 4)
    return [[slot[0], *sorted(slot[1:], key=rank)[:most]] for slot in slots]


def with_fairness(slots: Slots, known: diary.Diary) -> Slots:
    """The same, counting for each person how often they are booked within the diary; best first."""

    def counted(option: Option) -> Option:
        if option.instead is None or not isinstance(option.thing, Expert):
            return option
        instead = option.instead
        assert isinstance(instead, Expert)
        points = closeness.of_expert(
            known=len(option.known),
            wanted=option.wanted,
            is_of_same_organization=option.thing.organization_id == instead.organization_id,
            booked=len(known.booked(option.resources[0].id)),
        )
        return replace(option, points=points)

    return [sorted(map(counted, slot), key=lambda option: (option.points, option.thing.id)) for slot in slots]
