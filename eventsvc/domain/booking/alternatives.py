"""What could be had instead of what was refused: whole offers, ranked, each of which stands up to the rule.

One diary of some weeks is read for everybody who comes into question. Starts at which a room or a person is booked are
ruled out by intervals at once; whatever is left is asked of `conflicts.against`, closest to the wish first, until no
later start could be better. Nothing is locked and nothing is written: a fresh booking may be faster than an offer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import islice
from math import inf

from eventsvc.core.times import Span, days_span, local_day
from eventsvc.domain.booking import closeness, conflicts, diary, resources, stand_ins, starts
from eventsvc.domain.booking.asks import Ask, PoolAsk, Wanted
from eventsvc.domain.booking.diary import Counts, Diary
from eventsvc.domain.booking.models import Resource
from eventsvc.domain.booking.stand_ins import Option, Slots
from eventsvc.domain.booking.starts import Clock, Start
from eventsvc.domain.booking.wishes import Wish, are_too_many
from eventsvc.domain.directory.models import Expert, Room

# So many at one start: a choice of rooms, not a list of all.
AT_ONE_START = 2
# Starts nearer to one another than this are one offer to people.
APART = timedelta(minutes=60)
# No answer may take longer than about so many looks at the rule.
MOST_LOOKS = 600


# What the desk cannot see: a rule about the event itself.
Suits = Callable[[Wish], bool]


@dataclass(frozen=True, slots=True)
class Offer:
    """A wish that can be had: the start, and for each room and person who it is; fewer points are closer."""

    wish: Wish
    start: Start
    chosen: tuple[Option, ...]
    points: float
    ways: dict[int, int] = field(default_factory=dict)
    booked: dict[int, int] = field(default_factory=dict)

    @property
    def lacks_topic(self) -> bool:
        """True when somebody in it knows nothing of what is wanted."""
        return any(option.lacks_topic for option in self.chosen)


def find(
    wish: Wish,
    clock: Clock,
    *,
    topic_ids: frozenset[int] = frozenset(),
    most: int,
    counts: Counts = lambda row: True,
    suits: Suits = lambda wish: True,
) -> list[Offer]:
    """Up to `most` offers for a wish that was refused, the best first; none of them lacks a topic where it ranks first.

    Call it after the refusal has rolled back. `topic_ids` is what the event is about; `counts` leaves out what the
    asker holds already, as for `conflicts.against`. `suits` says what else must be true of an offer.
    """
    possible = starts.around(wish.span, clock, all_day=wish.all_day)
    if not possible or most <= 0:
        return []
    slots = stand_ins.slots_of(wish, topic_ids=topic_ids, now=clock.now)
    pools = resources.find(pool_ids=[pool.id for pool, _ in wish.equipment]).units
    search = _Search(wish, slots, pools, possible, counts, clock.now)
    return _picked((offer for offer in search.offers() if suits(offer.wish)), most)


def free_starts(wish: Wish, possible: Sequence[Start], *, now: datetime) -> list[Start]:
    """Those of the starts, which stand in order of time, at which all that is wished can be had."""
    if not possible:
        return []
    pools = resources.find(pool_ids=[pool.id for pool, _ in wish.equipment]).units
    slots = stand_ins.wished_of(wish)
    search = _Search(wish, slots, pools, possible, lambda row: True, now)
    return [start for number, start in enumerate(possible) if search.has_all(number, start)]


def _picked(found: Iterator[Offer], most: int) -> list[Offer]:
    """The best, with starts far enough apart; a choice at one start is kept small."""
    picked: list[Offer] = []
    for offer in found:
        near = [other.start for other in picked if abs(other.start.span.start - offer.start.span.start) < APART]
        if any(start is not offer.start for start in near) or len(near) >= AT_ONE_START:
            continue
        picked.append(offer)
        if len(picked) == most:
            break
    picked.sort(key=lambda offer: offer.points)
    return [] if picked and picked[0].lacks_topic else picked


class _Search:
    """One search: the diary of everybody who comes into question, and what of it is ruled out."""

    def __init__(
        self,
        wish: Wish,
        slots: Slots,
        pools: dict[int, list[Resource]],
        possible: Sequence[Start],
        counts: Counts,
        now: datetime,
    ) -> None:
        self.wish, self.counts, self.pools, self.possible = wish, counts, pools, possible
        self.looks = 0
        self.diary = self._read(slots, now)
        self.slots = stand_ins.with_fairness(slots, self.diary)
        self._free = [[self._mask(option) for option in slot] for slot in self.slots]

    def _read(self, slots: Slots, now: datetime) -> Diary:
        ends = (self.possible[0].span, self.possible[-1].span)
        asks = [ask for slot in slots for option in slot for span in ends for ask in option.asks(span, self.wish)]
        everybody: list[Wanted] = [*asks, *(ask for span in ends for ask in self._pool_asks(span))]
        units = [unit for known in self.pools.values() for unit in known]
        campus_ids = [self.wish.campus_id] if self.wish.campus_id is not None else []
        window = conflicts.window_of(everybody) if everybody else Span(ends[0].start, ends[1].end)
        return diary.read([*(ask.resource for ask in asks), *units], window, campus_ids=campus_ids, now=now)

    def _pool_asks(self, span: Span) -> list[PoolAsk]:
        return [
            PoolAsk(pool, quantity, tuple(self.pools[pool.id]), span, self.wish.campus_id)
            for pool, quantity in self.wish.equipment
        ]

    def _mask(self, option: Option) -> bytearray:
        """For each possible start 1 where none of the option's resources is booked."""
        begins = [start.span.start for start in self.possible]
        free = bytearray(b"\1" * len(begins))
        for ask in option.asks(self.possible[0].span, self.wish):
            before = ask.presence.start - ask.busy.start
            after = ask.busy.end - ask.presence.end
            length = min(start.span.end - start.span.start for start in self.possible) if self.wish.all_day else None
            lasts = (length or ask.presence.end - ask.presence.start) + after
            for row in self.diary.booked(ask.resource.id):
                if self.counts(row):
                    first = bisect_right(begins, row.busy_from - lasts)
                    last = bisect_left(begins, row.busy_until + before)
                    free[first:last] = bytes(max(last - first, 0))
        return free

    def offers(self) -> Iterator[Offer]:
        """Every offer, the best first as far as nearness in time allows to know."""
        waiting: list[Offer] = []
        numbered = sorted(enumerate(self.possible), key=lambda pair: pair[1].points)
        for number, start in numbered:
            while waiting and waiting[0].points <= start.points:
                yield waiting.pop(0)
            if self.looks > MOST_LOOKS:
                break
            found = list(islice(self._at(number, start), AT_ONE_START))
            waiting = sorted([*waiting, *found], key=lambda offer: offer.points)
        yield from waiting

    def has_all(self, number: int, start: Start) -> bool:
        """True where everything that was wished can be had at that start."""
        chosen = tuple(slot[0] for slot in self.slots)
        return all(masks[0][number] for masks in self._free) and self._whole(start, chosen) is not None

    def _at(self, number: int, start: Start) -> Iterator[Offer]:
        """Offers at one start, each with other stand-ins than those before."""
        free = [
            [option for option, mask in zip(slot, masks, strict=True) if mask[number]]
            for slot, masks in zip(self.slots, self._free, strict=True)
        ]
        if not all(free):
            return
        used: set[Room | Expert] = set()
        while (offer := self._best_at(start, free, used)) is not None:
            yield offer
            stand_ins_used = {option.thing for option in offer.chosen if option.instead is not None}
            if not stand_ins_used:
                return
            used |= stand_ins_used

    def _best_at(self, start: Start, free: Slots, used: set[Room | Expert]) -> Offer | None:
        chosen: list[Option] = []
        slots = [[option for option in slot if option.thing not in used] for slot in free]
        for number, slot in enumerate(slots):
            left = _beside(chosen, slot)
            seated = (option for option in left if self._can_seat([*chosen, option], slots[number + 1 :]))
            option = next((option for option in seated if self._is_free(option, start)), None)
            if option is None:
                return None
            chosen.append(option)
        return self._whole(start, tuple(chosen))

    def _can_seat(self, chosen: Sequence[Option], later: Slots) -> bool:
        """False where those rooms and the largest that may be chosen after them are too small together."""
        if self.wish.expected_heads is None or not isinstance(chosen[-1].thing, Room):
            return True
        rooms = [option.thing for option in chosen if isinstance(option.thing, Room)]
        others = {one.thing for slot in later for one in _beside(chosen, slot) if isinstance(one.thing, Room)}
        largest = nlargest(len(self.wish.rooms) - len(rooms), others, key=_seats)
        return not are_too_many(self.wish.expected_heads, [*rooms, *largest])

    def _is_free(self, option: Option, start: Start) -> bool:
        self.looks += 1
        return not conflicts.against(option.asks(start.span, self.wish), self.diary, self.counts)

    def _whole(self, start: Start, chosen: tuple[Option, ...]) -> Offer | None:
        """The offer, if all of it together stands up to the rule."""
        rooms = tuple(option.thing for option in chosen if isinstance(option.thing, Room))
        experts = tuple(option.thing for option in chosen if isinstance(option.thing, Expert))
        online = frozenset(option.thing.id for option in chosen if option.is_online(self.wish))
        wish = replace(self.wish, span=start.span, rooms=rooms, experts=experts, online=online)
        people = [ask for option in chosen for ask in option.asks(start.span, self.wish)]
        self.looks += 1
        asks: list[Wanted] = [*people, *self._pool_asks(start.span)]
        if are_too_many(wish.expected_heads, rooms) or conflicts.against(asks, self.diary, self.counts):
            return None
        if _share_a_resource(people):
            return None
        ways = {option.thing.id: self._travel(option, start) for option in chosen if isinstance(option.thing, Expert)}
        points = start.points + sum(option.points for option in chosen)
        points += sum(closeness.of_travel(minutes) for minutes in ways.values())
        booked = {
            option.thing.id: len(self.diary.booked(option.resources[0].id))
            for option in chosen
            if isinstance(option.thing, Expert)
        }
        return Offer(wish, start, chosen, points, ways, booked)

    def _travel(self, option: Option, start: Start) -> int:
        """Minutes on the way of a person on that day, this event included."""
        expert, place_id = option.thing, option.asks(start.span, self.wish)[0].place_id
        assert isinstance(expert, Expert)
        if place_id is None:
            return 0
        day = days_span(local_day(start.span.start, expert.zone), 1, expert.zone)
        stops = [(start.span.start, place_id)] + [
            (row.starts_at, row.place_id)
            for row in self.diary.overlapping(option.resources[0].id, day)
            if row.place_id is not None and self.counts(row) and day.start <= row.starts_at < day.end
        ]
        return conflicts.travel_of_day(expert, [place for _, place in sorted(stops)], self.diary)


def _beside(chosen: Sequence[Option], slot: Sequence[Option]) -> Iterator[Option]:
    """Those of the slot that share nothing with what is chosen: no part of a hall, nobody twice."""
    reserved = {one.id for option in chosen for one in option.resources}
    return (option for option in slot if reserved.isdisjoint(one.id for one in option.resources))


def _seats(room: Room) -> float:
    """A room of which nobody knows how many it seats may seat any number."""
    return inf if room.capacity is None else room.capacity


def _share_a_resource(asks: Sequence[Ask]) -> bool:
    ids = [ask.resource.id for ask in asks]
    return len(set(ids)) < len(ids)
