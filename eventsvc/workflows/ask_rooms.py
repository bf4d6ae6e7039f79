"""Ask the offices that look after an event's rooms, as a part of requesting, moving and restoring it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eventsvc.core.errors import WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor
from eventsvc.domain.approvals import asking
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.events.lookup import claim_to_change
from eventsvc.domain.events.models import Event
from eventsvc.workflows import tell, tell_rooms


@dataclass(frozen=True, slots=True)
class RoomsTurned:
    """Rooms that are asked for now, and those that no longer are; nobody was told of it yet."""

    asked: Sequence[RoomApproval] = ()
    spared: Sequence[RoomApproval] = ()


def ask_for_rooms(event: Event, now: datetime, *, newcomers_only: bool = False) -> RoomsTurned:
    """Ask for each room that another office has to grant, and give up asking for those no longer wanted.

    From then on such a room stands as requested: call before the place is promised. With `newcomers_only` the time
    has not changed, and what was asked or answered stays. Back at what an office knows, its answer to that counts
    again. The letters are the caller's: see `tell_offices`.

    Locks: the event is locked, and its resources; letters that wait.
    """
    if not asking.is_concerned(event):
        return RoomsTurned()
    spared = asking.withdraw(event, absent_only=True)
    asked = asking.ask(event, now, newcomers_only=newcomers_only)
    again = [approval for approval in asked if tell_rooms.stand_again(approval)]
    for approval in again:
        if approval.state is ApprovalState.DECLINED:
            freed = resources.lock(room_ids=[approval.room_id])
            desk.release(event.id, resource_ids=[resource.id for resource, _ in freed.rooms])
    asked = [approval for approval in asked if approval not in again]
    asking.note_standings(event)
    return RoomsTurned(asked, spared)


def stop_asking(event: Event) -> RoomsTurned:
    """The event is off: every office that was asked for a room, or has granted one, may use it for something else."""
    if not asking.is_concerned(event):
        return RoomsTurned()
    spared = asking.withdraw(event)
    asking.note_standings(event)
    return RoomsTurned(spared=spared)


def tell_offices(turned: Sequence[RoomsTurned], now: datetime, *, was: tell.Was = tell.NOTHING) -> None:
    """The letters of one act, which may concern several dates of a series: one about each room.

    `was` holds the facts that were asked for before. Call when the act has raised the version of the series.
    """
    tell_rooms.need_no_longer([one for rooms in turned for one in rooms.spared], was, now)
    tell_rooms.ask_offices([one for rooms in turned for one in rooms.asked], was, now)


def nudge(event_id: str, room: str, *, expected: Expected | None = None, actor: Actor, now: datetime) -> RoomApproval:
    """Write once more to an office that has not answered, at most once a day.

    Refuses: SignInNeeded, NotFound, Stale, WrongState when it has answered, has no mailbox, or was written to today.
    """
    event = claim_to_change(event_id, actor, expected)
    approval = asking.get_of_room(event, room)
    if approval.state is not ApprovalState.REQUESTED:
        raise WrongState(say("The office has answered already."))
    office = approval.office
    if office is None or not office.mailbox:
        raise WrongState(say("The office has no mail address; please telephone."))
    if not tell_rooms.nudge_office(approval, now):
        raise WrongState(say("The office was written to today already; please telephone."))
    audit.record("nudge", "room approval", approval.public_id, actor=actor.name, now=now)
    return approval
