"""Fairness over colleges: whose turn it is among requests that are granted together. Pure: it is handed the figures.

Fewest sessions per 1,000 students first; among equals the request that has waited longest; then the shorter way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

# A college whose head count nobody knows counts as one of so many: neither favored nor put back for it.
UNKNOWN_STUDENTS = 1000
_FAR = 10_000
Granted = TypeVar("Granted")


@dataclass(frozen=True, slots=True)
class Turn:
    """A request that waits for its turn; `travel_minutes` is the shortest way of anybody, None where none is known."""

    request_id: int
    college_id: int
    asked_at: datetime
    travel_minutes: int | None = None


@dataclass(slots=True)
class Share:
    """What a college has had of the partner: sessions so far, and its students."""

    sessions: int = 0
    students: int | None = None

    @property
    def per_thousand(self) -> float:
        """Sessions per 1,000 students."""
        return 1000 * self.sessions / (self.students or UNKNOWN_STUDENTS)


def grant_in_turn(
    turns: Collection[Turn], shares: dict[int, Share], grant: Callable[[Turn], Granted | None]
) -> list[tuple[Turn, Granted | None]]:
    """Call `grant` for each in turn: what is granted counts for its college at once, so that shares stay level.

    Returns each with what it got, None where nothing could be had, in the order of their turns.
    """
    waiting, outcome = list(turns), []
    while waiting:
        turn = min(waiting, key=lambda one: _key(one, shares))
        waiting.remove(turn)
        got = grant(turn)
        if got is not None:
            shares.setdefault(turn.college_id, Share()).sessions += 1
        outcome.append((turn, got))
    return outcome


def _key(turn: Turn, shares: dict[int, Share]) -> tuple[float, datetime, int, int]:
    share = shares.get(turn.college_id, Share())
    far = _FAR if turn.travel_minutes is None else turn.travel_minutes
    return share.per_thousand, turn.asked_at, far, turn.request_id
