"""The life of an event: one table of moves, and what every move leaves on the row."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from eventsvc.core.errors import WrongState, say
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

# As they stand in a sentence: "An event that is confirmed cannot be …".
STATUS_WORDS: dict[Status, str] = {
    Status.DRAFT: say("draft"),
    Status.REQUESTED: say("requested"),
    Status.CONFIRMED: say("confirmed"),
    Status.POSTPONED: say("postponed"),
    Status.CANCELLED: say("cancelled"),
    Status.DECLINED: say("declined"),
    Status.WITHDRAWN: say("withdrawn"),
    Status.COMPLETED: say("completed"),
}
_CANNOT: dict[Move, str] = {
    Move.REQUEST: say("An event that is %(status)s cannot be requested."),
    Move.CONFIRM: say("An event that is %(status)s cannot be confirmed."),
    Move.DECLINE: say("An event that is %(status)s cannot be declined."),
    Move.WITHDRAW: say("An event that is %(status)s cannot be withdrawn."),
    Move.POSTPONE: say("An event that is %(status)s cannot be postponed."),
    Move.CANCEL: say("An event that is %(status)s cannot be cancelled."),
    Move.RESTORE: say("An event that is %(status)s cannot be restored."),
    Move.COMPLETE: say("An event that is %(status)s cannot be completed."),
}

# States in which an event takes place, will, or may: its resources are held or confirmed.
ON = frozenset({Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED})
# States that calendars show as cancelled, at the time last promised.
OFF = frozenset({Status.POSTPONED, Status.CANCELLED, Status.DECLINED, Status.WITHDRAWN})
# Who did that before it was confirmed is the planners' affair: to the public it is cancelled, as in calendars.
CALLED_OFF_EARLY = (Status.DECLINED, Status.WITHDRAWN)
MOVABLE = frozenset({Status.DRAFT, Status.REQUESTED, Status.CONFIRMED, Status.POSTPONED})
PUBLISHABLE = frozenset({Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED})


def possible_moves(status: Status) -> list[Move]:
    """What can be done from a state, for the page and for refusals."""
    return [move for move, table in MOVES.items() if status in table and move is not Move.COMPLETE]


def ensure_can(event: Event, move: Move) -> None:
    """Refuses WrongState when the table has no such move."""
    if event.status not in MOVES[move]:
        raise WrongState(
            say(_CANNOT[move], status=STATUS_WORDS[event.status]),
            status_of_event=str(event.status),
            possible=[str(other) for other in possible_moves(event.status)],
        )


def has_been_made(event: Event, move: Move) -> bool:
    """True when the event stands where the move leads already: the same button was pressed twice."""
    targets = {target for target in MOVES[move].values() if target is not None}
    return event.status in (targets or {Status.CONFIRMED, Status.POSTPONED})


def make(event: Event, move: Move, now: datetime) -> None:
    """Change the status by the table; what is postponed awaits a new time from then on.

    SEQUENCE rises (RFC 5546 2.1.4) unless the event is merely completed.

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
    if move is Move.POSTPONE:
        event.awaits_time = True
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
