"""The life of an event: one table of moves, and what every move leaves on the row."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from eventsvc.core.errors import WrongState
from eventsvc.domain.events.models import Event, Status


class Move(StrEnum):
    """A verb that changes an event's status."""

    REQUEST = "request"
    CONFIRM = "confirm"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    POSTPONE = "postpone"
    CANCEL = "cancel"
    RESTORE = "restore"
    COMPLETE = "complete"


MOVES: dict[Move, dict[Status, Status | None]] = {
    Move.REQUEST: {Status.DRAFT: Status.REQUESTED},
    Move.CONFIRM: {Status.REQUESTED: Status.CONFIRMED, Status.POSTPONED: Status.CONFIRMED},
    Move.DECLINE: {Status.REQUESTED: Status.DECLINED},
    Move.WITHDRAW: {Status.REQUESTED: Status.WITHDRAWN},
    Move.POSTPONE: {Status.CONFIRMED: Status.POSTPONED},
    Move.CANCEL: {Status.CONFIRMED: Status.CANCELLED, Status.POSTPONED: Status.CANCELLED},
    Move.RESTORE: {Status.CANCELLED: None},  # None: back to the state before
    Move.COMPLETE: {Status.CONFIRMED: Status.COMPLETED},
}

# States in which an event takes place, will, or may: its resources are held or confirmed.
ON = frozenset({Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED})
# States that calendars show as cancelled, at the time last promised.
OFF = frozenset({Status.POSTPONED, Status.CANCELLED, Status.DECLINED, Status.WITHDRAWN})
MOVABLE = frozenset({Status.DRAFT, Status.REQUESTED, Status.CONFIRMED, Status.POSTPONED})
PUBLISHABLE = frozenset({Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED})


def possible_moves(status: Status) -> list[Move]:
    """What can be done from a state, for the page and for refusals."""
    return [move for move, table in MOVES.items() if status in table and move is not Move.COMPLETE]


def ensure_can(event: Event, move: Move) -> None:
    """Refuses WrongState when the table has no such move."""
    if event.status not in MOVES[move]:
        raise WrongState(
            f"An event that is {event.status} cannot be {_PAST[move]}.",
            status_of_event=str(event.status),
            possible=[str(other) for other in possible_moves(event.status)],
        )


def make(event: Event, move: Move, now: datetime) -> None:
    """Change the status by the table; SEQUENCE rises (RFC 5546 2.1.4) unless the event is merely completed.

    Refuses: WrongState.
    """
    ensure_can(event, move)
    target = MOVES[move][event.status]
    before = event.status
    if target is None:
        assert event.status_before_cancel is not None
        target = event.status_before_cancel
    event.status_before_cancel = before if move is Move.CANCEL else None
    event.status = target
    if move is Move.COMPLETE:
        event.version += 1
        return
    event.sequence += 1
    revise(event, now)


def revise(event: Event, now: datetime) -> None:
    """Note a visible change: `revised_at` is in whole seconds and rises strictly, and so does the version."""
    whole = now.replace(microsecond=0)
    event.revised_at = max(whole, event.revised_at + timedelta(seconds=1))
    event.version += 1


_PAST = {
    Move.REQUEST: "requested",
    Move.CONFIRM: "confirmed",
    Move.DECLINE: "declined",
    Move.WITHDRAW: "withdrawn",
    Move.POSTPONE: "postponed",
    Move.CANCEL: "cancelled",
    Move.RESTORE: "restored",
    Move.COMPLETE: "completed",
}
