"""What the office of a room says: by the link in its letter, or by telephone to somebody who plans.

A granted room is one of the yeses that an event needs. A declined one is given back and stays named as declined until
the event is moved to another; the experts stay reserved and are not asked anew.
"""

from __future__ import annotations

from datetime import datetime

from eventsvc.core.versions import Expected, ensure_met, tag_of
from eventsvc.domain import audit
from eventsvc.domain.accounts import PUBLIC, Actor, Owner, Permission, ensure_somebody, may
from eventsvc.domain.accounts.standing import hold_still
from eventsvc.domain.approvals import asking, takers
from eventsvc.domain.approvals.asking import RoomAnswer
from eventsvc.domain.approvals.models import ApprovalState, RoomApproval, RoomWord
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.events import lifecycle, needs
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.permits import ensure_may_change
from eventsvc.domain.events.promises import location_of, promise
from eventsvc.domain.invitations import asking as people
from eventsvc.workflows import announce, confirm_event, tell, tell_rooms
from eventsvc.workflows.changing import changing
from eventsvc.workflows.taking_back import take_back


def answer_room(approval_id: str, said: RoomAnswer, *, actor: Actor = PUBLIC, now: datetime) -> RoomApproval:
    """Record what the room's office says by its link; the last yes confirms the event.

    Saying the same again changes nothing. A yes after a no takes the room again. The signed link allows it; of whoever
    is signed in, the audit log names the account, and one who answers for the own office looks after it from then on.

    Locks:   the account, if any, the event, then its resources.
    Refuses: NotFound, WrongState (also for a `turn` that is not the present one), SlotTaken when the room is gone.
    """
    actor = hold_still(actor)
    event = claim_event(asking.event_id_of(approval_id))
    approval = asking.get_approval(approval_id)
    by = "room's office" if actor == PUBLIC else _taken_up(approval, actor, now)
    return _answer(event, approval, said, by, now)


def record_room_answer(
    event_id: str, room: str, said: RoomAnswer, *, expected: Expected | None = None, actor: Actor, now: datetime
) -> RoomApproval:
    """Record what the room's office has told somebody who plans; the audit log says who wrote it down for it.

    Whoever answers for the own office looks after it from then on.

    Locks:   the account, then as `answer_room`.
    Refuses: SignInNeeded, Stale, and as `answer_room`.
    """
    ensure_somebody(actor)
    actor = hold_still(actor)
    event = claim_event(event_id)
    approval = asking.get_of_room(event, room)
    if not _grants(actor, approval):
        ensure_may_change(actor, event)
    ensure_met(expected, tag_of(event.version))
    return _answer(event, approval, said, _taken_up(approval, actor, now), now)


def _grants(actor: Actor, approval: RoomApproval) -> bool:
    room = approval.room
    return may(actor, Permission.GRANT_ROOMS, Owner(room.office_id, room.campus.organization_id))


def _taken_up(approval: RoomApproval, actor: Actor, now: datetime) -> str:
    """Whoever answers for the own office looks after it from now on; returns who answers, for the audit log."""
    if actor.account_id is None or not _grants(actor, approval):
        return f"{actor.name}, for the room's office"
    takers.put(approval.id, actor.account_id, now)
    return actor.name


def _answer(event: Event, approval: RoomApproval, said: RoomAnswer, by: str, now: datetime) -> RoomApproval:
    before, place = approval.state, location_of(event)
    if not asking.answer(approval, said, now):
        return approval
    changes: dict[str, audit.Change] = {"state": (str(before), str(approval.state)), "turn": (None, approval.turn)}
    changes |= {name: (None, words) for name in ("reference", "reason") if (words := getattr(approval, name))}
    audit.record(str(said.word), "room approval", approval.public_id, actor=by, now=now, changes=changes)
    announce.room_answered(approval, str(said.word), now)
    if said.word is RoomWord.GRANT:
        needs.claim_all([event])  # it may be the last yes, and then nothing may be locked after feeds and letters
    with changing(event, now):
        if approval.state is not before:
            _book(event, approval, now)
        asking.note_standings(event)
        _show(event, is_another_place=location_of(event) != place, now=now)
    _tell(approval, before, now)
    if said.word is RoomWord.GRANT:
        confirm_event.settle_or_tell(event, now)
    return approval


def _book(event: Event, approval: RoomApproval, now: datetime) -> None:
    if approval.state is ApprovalState.GRANTED:
        take_back(event, now, room_id=approval.room_id)
        return
    freed = resources.lock(room_ids=[approval.room_id])
    desk.release(event.id, resource_ids=[resource.id for resource, _ in freed.rooms])


def _show(event: Event, *, is_another_place: bool, now: datetime) -> None:
    """Calendars and the public learn of another place (RFC 5546 2.1.4), unless the event is off for the time being."""
    if not is_another_place:
        event.version += 1
        return
    event.sequence += 1
    lifecycle.revise(event, now)
    if event.status is not Status.POSTPONED:
        promise(event)


def _tell(approval: RoomApproval, before: ApprovalState, now: datetime) -> None:
    """The host's office of what it must act on; those who come, of a room that is sure or is no more."""
    event, after = approval.event, approval.state
    if after is before:
        if after is ApprovalState.DECLINED:
            tell_rooms.tell_host(approval, "declined", now)
        return
    if after is ApprovalState.DECLINED:
        tell_rooms.tell_host(approval, "taken_back" if before is ApprovalState.GRANTED else "declined", now)
    elif before is ApprovalState.DECLINED:
        tell_rooms.tell_host(approval, "granted_after_all", now)
    if ApprovalState.GRANTED in (before, after):
        tell.tell_of_new_place(people.coming(event.id), now)
