"""Asking the offices of rooms, taking their answers, and what an answer makes of the room.

Only a room of another office is asked for: where the office in charge of the event looks after the room, planning is
its yes. A yes counts for the time it was given for: a new time, or coming back after being off, asks anew.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.orm import contains_eager, joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, NotFound, WrongState, say
from eventsvc.domain.accounts import Actor, Owner, Permission, may
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval, RoomWord, Stood, granting_room
from eventsvc.domain.directory.models import Office, Room
from eventsvc.domain.events.answering import Closed, closed_to_answers, ensure_takes_answers
from eventsvc.domain.events.lifecycle import OFF
from eventsvc.domain.events.models import Event, EventRoom, RoomStanding

_MISSING = say("No office was asked for such a room.")
_ROOM = joinedload(RoomApproval.room)
_STATES = {RoomWord.GRANT: ApprovalState.GRANTED, RoomWord.DECLINE: ApprovalState.DECLINED}
_STANDINGS = {
    ApprovalState.REQUESTED: RoomStanding.REQUESTED,
    ApprovalState.DECLINED: RoomStanding.DECLINED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomAnswer:
    """What an office says; `turn` is the asking it answers, None when it answers the present one."""

    word: RoomWord
    turn: int | None = None
    reference: str = ""
    reason: str = ""


def must_ask(event: Event, room: Room) -> bool:
    """True for a room that another office than the one in charge of the event has to grant."""
    granted_as = granting_room(room)
    return granted_as is not None and granted_as.office_id != event.owner_id


def ensure_approver(room: Room) -> None:
    """Refuses InvalidInput where an office is to be asked that is not named or cannot be written to."""
    if not room.needs_approval:
        return
    office = db.session.get(Office, room.office_id) if room.office_id else None
    if office is None:
        raise InvalidInput({"needs_approval": say("needs an office that looks after the room: name it")})
    if not office.mailbox:
        raise InvalidInput({"needs_approval": say("office %(slug)r has no mailbox to ask", slug=office.slug)})


def of_event(event_id: int) -> list[RoomApproval]:
    """The approvals of an event that were not withdrawn, in the order in which offices were asked."""
    return of_events([event_id])[event_id]


def of_events(event_ids: Collection[int]) -> dict[int, list[RoomApproval]]:
    """The same of many events in one query, by event id; no entry is missing."""
    in_force = select(RoomApproval).where(
        RoomApproval.event_id.in_(event_ids), RoomApproval.state != ApprovalState.WITHDRAWN
    )
    in_force = in_force.options(_ROOM.joinedload(Room.office), _ROOM.joinedload(Room.parent).joinedload(Room.office))
    by_event: dict[int, list[RoomApproval]] = {event_id: [] for event_id in event_ids}
    for approval in db.session.scalars(in_force.order_by(RoomApproval.id)):
        by_event[approval.event_id].append(approval)
    return by_event


def ungranted(event_ids: Collection[int]) -> dict[int, list[int]]:
    """The rooms (ids) that those events want and whose offices were asked and have not granted them, by event id."""
    wanted = and_(EventRoom.event_id == RoomApproval.event_id, EventRoom.room_id == RoomApproval.room_id)
    without_yes = RoomApproval.state.in_((ApprovalState.REQUESTED, ApprovalState.DECLINED))
    query = select(RoomApproval.event_id, RoomApproval.room_id).join(EventRoom, wanted)
    by_event: dict[int, list[int]] = {}
    for row in db.session.execute(
        query.where(RoomApproval.event_id.in_(event_ids), without_yes).order_by(RoomApproval.id)
    ):
        by_event.setdefault(row.event_id, []).append(row.room_id)
    return by_event


def get_approval(approval_id: str | UUID) -> RoomApproval:
    """The approval of that public id; refuses NotFound."""
    return public_ids.get(select(RoomApproval), RoomApproval.public_id, approval_id, _MISSING)


def get_of_room(event: Event, room: str) -> RoomApproval:
    """The approval that an event needs of the office of the room of that slug; refuses NotFound."""
    for approval in of_event(event.id):
        if approval.room.slug == room:
            return approval
    raise NotFound(_MISSING)


def event_id_of(approval_id: str) -> UUID:
    """The public id of the event that asks, so that the event can be locked first; refuses NotFound."""
    asking = select(Event.public_id).join(RoomApproval, RoomApproval.event_id == Event.id)
    return public_ids.get(asking, RoomApproval.public_id, approval_id, _MISSING)


def ask(event: Event, now: datetime, *, newcomers_only: bool = False) -> list[RoomApproval]:
    """Ask the office of each room that has to be granted, those too that have answered; returns what is asked for.

    With `newcomers_only`, rooms that are asked for or answered already are left alone: the time has not changed.
    """
    known = {row.room_id: row for row in _all_of(event)}
    asked = []
    for room in event.rooms:
        approval = known.get(room.id)
        if not must_ask(event, room):
            continue
        if approval is None:
            approval = RoomApproval(event=event, room=room, turn=-1, state=ApprovalState.WITHDRAWN)
            db.session.add(approval)
        if newcomers_only and approval.state is not ApprovalState.WITHDRAWN:
            continue
        approval.note_standing()
        approval.state, approval.turn, approval.asked_at = ApprovalState.REQUESTED, approval.turn + 1, now
        approval.answered_at, approval.reference, approval.reason = None, "", ""
        asked.append(approval)
    db.session.flush()
    return asked


def withdraw(event: Event, *, absent_only: bool = False) -> list[RoomApproval]:
    """Stop asking for the event's rooms, or only for those it no longer wants; returns those not declined before."""
    wanted = {room.id for room in event.rooms} if absent_only else set()
    expecting = []
    for approval in of_event(event.id):
        if approval.room_id in wanted:
            continue
        if approval.state is not ApprovalState.DECLINED:
            expecting.append(approval)
        approval.note_standing()
        approval.state = ApprovalState.WITHDRAWN
    db.session.flush()
    return expecting


def stand_again(approval: RoomApproval, stood: Stood) -> None:
    """Take the newest question back, which nobody was sent: what was said to the one before it counts."""
    approval.state, approval.turn, approval.answered_at = stood.state, stood.turn, stood.answered_at
    approval.reference, approval.reason = stood.reference, stood.reason
    db.session.flush()


def answer(approval: RoomApproval, said: RoomAnswer, now: datetime) -> bool:
    """Record what an office says about its room; returns False when that was its answer already.

    Who has answered may still add the number of the reservation or the reason.

    Refuses: WrongState for a room that is no longer wanted, an event that is off, over or has no new time yet, and for
             an answer to an earlier asking.
    """
    _ensure_open(approval, now)
    if said.turn is not None and said.turn != approval.turn:
        words = say("The event has changed since you were asked. Look at it again, then answer.")
        raise WrongState(words, turn=approval.turn)
    state = _STATES[said.word]
    reference = said.reference if said.word is RoomWord.GRANT else ""
    reason = said.reason if said.word is RoomWord.DECLINE else ""
    is_same = approval.state is state
    if is_same and (reference or approval.reference, reason or approval.reason) == (
        approval.reference,
        approval.reason,
    ):
        return False
    approval.reference = reference or (approval.reference if is_same else "")
    approval.reason = reason or (approval.reason if is_same else "")
    approval.state, approval.answered_at = state, now
    db.session.flush()
    return True


def _ensure_open(approval: RoomApproval, now: datetime) -> None:
    # Putting an event off withdraws the question about its room, too; then that is what there is to say.
    if approval.state is ApprovalState.WITHDRAWN and closed_to_answers(approval.event, now) in (None, Closed.OVER):
        raise WrongState(say("The room is no longer needed for this event; nothing has to be done."))
    ensure_takes_answers(approval.event, now)


def has_to_ask(event: Event) -> bool:
    """True for an event with a room that another office has to grant."""
    return any(must_ask(event, room) for room in event.rooms)


def is_concerned(event: Event) -> bool:
    """The same, and for one that has asked before."""
    return has_to_ask(event) or bool(_all_of(event))


def note_standings(event: Event) -> None:
    """Let the event's rooms stand as the answers say; from then on pages and calendars follow."""
    standings = {row.room_id: _STANDINGS[row.state] for row in of_event(event.id) if row.state in _STANDINGS}
    db.session.flush()
    for room in event.rooms:
        place = EventRoom.event_id == event.id, EventRoom.room_id == room.id
        standing = standings.get(room.id, RoomStanding.SURE)
        db.session.execute(update(EventRoom).where(*place, EventRoom.standing != standing).values(standing=standing))
    db.session.expire(event, ["open_rooms"])


def declined_room_ids(event_id: int) -> list[int]:
    """The rooms whose office has said no: the event still names them and does not hold them."""
    return [row.room_id for row in of_event(event_id) if row.state is ApprovalState.DECLINED]


def _all_of(event: Event) -> list[RoomApproval]:
    return list(db.session.scalars(select(RoomApproval).where(RoomApproval.event_id == event.id)))


def waiting_for(actor: Actor, now: datetime) -> list[RoomApproval]:
    """What waits for the yes of an office for which somebody answers, the longest first; a few queries."""
    query = select(RoomApproval).join(RoomApproval.event).options(contains_eager(RoomApproval.event))
    room = (_ROOM.joinedload(Room.office), _ROOM.joinedload(Room.campus))
    query = query.options(*room, _ROOM.joinedload(Room.parent).joinedload(Room.office))
    is_open = RoomApproval.state == ApprovalState.REQUESTED, Event.ends_at > now, Event.status.not_in(OFF)
    found = db.session.scalars(query.where(*is_open).order_by(RoomApproval.asked_at, RoomApproval.id))
    return [one for one in found if _answers_for(actor, one.office)]


def _answers_for(actor: Actor, office: Office | None) -> bool:
    return office is not None and may(actor, Permission.GRANT_ROOMS, Owner(office.id, office.organization_id))
