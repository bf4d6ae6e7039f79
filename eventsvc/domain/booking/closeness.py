"""How far an alternative is from what was wished, in points: fewer are better. Each figure has its reason beside it."""

from __future__ import annotations

from eventsvc.domain.directory.models import Room

# One without the topic is somebody to fall back on and never the first choice.
WITHOUT_TOPIC = 100.0


def of_time(days: int, minutes: int, *, is_other_kind_of_day: bool) -> float:
    """Another start: so many days and, on the clock, so many minutes away.

    The same hour of another week comes before another day (people keep a weekday free), an hour or two on the same
    day before both (rooms and travel are arranged already), and a weekend is no stand-in for a working day.
    """
    hours = abs(minutes) / 60
    if days == 0:
        return 1 + hours / 2 if minutes else 0
    other_hour = 1 + hours / 2 if minutes else 0
    if days % 7 == 0:
        return 2 + abs(days) / 14 + other_hour
    return 4 + abs(days) / 4 + other_hour + (2 if is_other_kind_of_day else 0)


def of_room(other: Room, wished: Room, heads: int | None) -> float:
    """Another room: the closest fit first; empty seats, missing equipment and an unknown size count against it.

    `heads` is how many it must seat; where nobody has said, it should be about as large as the wished one.
    """
    missing = len(set(wished.equipment) - set(other.equipment))
    return 1 + _of_size(other.capacity, heads or wished.capacity) + min(missing, 2) / 4


def _of_size(capacity: int | None, wanted: int | None) -> float:
    """By proportion: half as large is as far off as twice as large, and a size that nobody knows is further still."""
    if capacity is None:
        return 0.75
    return 0.75 * (1 - min(capacity, wanted) / max(capacity, wanted)) if wanted else 0


def of_expert(*, known: int, wanted: int, is_of_same_organization: bool, booked: int) -> float:
    """Another person who knows so many of the wanted topics and is booked so often around then.

    Fairness: whoever is booked less comes first, other things being nearly equal.
    """
    points = 2 + min(booked, 20) / 40 + (0 if is_of_same_organization else 0.25)
    if not wanted:
        return points
    return points + (wanted - known) / wanted if known else points + WITHOUT_TOPIC


def of_travel(minutes: int) -> float:
    """A day's minutes on the way."""
    return minutes / 120
