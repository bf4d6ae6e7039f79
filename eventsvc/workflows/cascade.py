"""The cascade: from a no, or from silence, to the next person; who comes late; seats for which nobody is left.

A seat has one holder, the person it names; whoever is named has the time held, everybody else has none or a soft one.
Every act here runs in the transaction of the act that it follows on, with the event locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken
from eventsvc.domain import audit
from eventsvc.domain.accounts import PUBLIC
from eventsvc.domain.booking import desk, resources, soft
from eventsvc.domain.booking.asks import Ask
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events import lifecycle, needs
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations import asking, line_up, releasing, settings, stepping
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.reminders import planning
from eventsvc.workflows import calendars_told, tell, tell_cascade
from eventsvc.workflows.changing import changing
from eventsvc.workflows.taking_back import take_back


def is_replaced(event: Event, invitation: Invitation) -> bool:
    """True for somebody in whose place another one is named; not where the seat is open, for they may have it again."""
    seat = line_up.seat_of(event, invitation.expert_id)
    if seat is None or seat.expert_id == invitation.expert_id:
        return False
    return not line_up.is_open(seat, asking.of_event(event.id))


def follow_decline(event: Event, invitation: Invitation, before: InvitationState, now: datetime) -> None:
    """After a no: the time is given back, the next is asked, both offices know. A no of somebody replaced is noted.

    `before` is where the invitation stood: who had said no before adds a reason only.
    """
    _give_back(event, invitation.expert_id)
    seat = line_up.seat_named(event, invitation.expert_id)
    if seat is not None:
        comes = move_on(event, seat, now) if before is not InvitationState.DECLINED else None
        tell.tell_offices_of_decline(invitation, now, **tell_cascade.what_then(comes))


def seat_again(event: Event, invitation: Invitation, now: datetime) -> None:
    """Who says yes holds the seat: they are named for it, or it was open and they step in."""
    seat = line_up.seat_of(event, invitation.expert_id)
    if seat is None:
        return
    if seat.expert_id == invitation.expert_id:
        seat.open_since = None
        return
    with changing(event, now):
        line_up.replace(seat, invitation.expert)
        lifecycle.revise(event, now)


def keep_as_understudy(event: Event, invitation: Invitation, now: datetime) -> None:
    """A yes of somebody replaced: thanked, and the time held softly.

    Refuses: SlotTaken where they could not come as things stand.
    """
    _hold_softly(event, invitation.expert, now)
    tell_cascade.thank_understudy(invitation, now, not_before=_working_moment(invitation.expert, now))


def pass_over(invitation: Invitation, now: datetime) -> None:
    """Somebody was silent for too long: the time is given back, the next is asked, both offices know."""
    event = invitation.event
    invitation.state, invitation.next_step_at = InvitationState.PASSED_OVER, None
    event.version += 1
    audit.record("pass-over", "invitation", invitation.public_id, actor="scheduler", now=now)
    comes = leave_seat(event, invitation, now)
    tell_cascade.tell_passed_over(invitation, comes, now)


def leave_seat(event: Event, invitation: Invitation, now: datetime) -> Invitation | None:
    """Who was named does not come: the time is given back and the next is asked; returns who, None where nobody is."""
    _give_back(event, invitation.expert_id)
    seat = line_up.seat_named(event, invitation.expert_id)
    return move_on(event, seat, now) if seat is not None else None


def move_on(event: Event, seat: Seat, now: datetime) -> Invitation | None:
    """Ask the next of the line-up who is free, at once; where nobody is, the seat is open, and None comes back.

    The desk is asked without an answer that could stop anything: who has a clash is left out. Letters to people wait
    for their working hours; who has none before the event is left out too.

    Locks:   the resources of the event and of everybody who might be next, at once; the event comes before them.
    """
    if not event.holds_resources or event.starts_at <= now:
        return None
    might = line_up.next_ones(event, seat, asking.of_event(event.id))
    needs.claim_all([event], expert_ids=[expert.id for expert in might])
    for expert in might:
        at = _working_moment(expert, now)
        if at < event.starts_at and (comes := _named(event, seat, expert, at, now)) is not None:
            _after_naming(event, comes, now)
            return comes
    seat.open_since = seat.open_since or now
    return None


def complete_seats(events: Sequence[Event], now: datetime) -> None:
    """After people were asked: hold understudies softly; a seat without a name gets the first of its line-up.

    Where nobody is named and nobody is next, the offices are told that the seat is open.
    """
    for event in events:
        _hold_understudies(event, now)
        for seat in event.seats:
            if seat.expert is None and seat.open_since is None and move_on(event, seat, now) is None:
                seat.open_since = now
                tell_cascade.tell_open(event, seat, None, now)


def follow_line_up(event: Event, seat: Seat, now: datetime) -> None:
    """After a line-up was changed: understudies are held or let go, and for an open seat the first is asked at once."""
    let_go(event, now)
    _hold_understudies(event, now)
    if not event.holds_resources or event.starts_at <= now or not line_up.is_open(seat, asking.of_event(event.id)):
        return
    was_told = seat.open_since is not None
    if move_on(event, seat, now) is None and not was_told:
        tell_cascade.tell_open(event, seat, seat.expert, now)


def let_go(event: Event, now: datetime) -> None:
    """Understudies who stand in no line-up any more are told that they need not come, and their time is their own.

    Who had agreed beforehand, is not counted on for that any more and stays in line may still be asked: no letter.
    """
    line = [one for seat in event.seats for one in seat.candidates]
    agreed, in_line = {one.expert_id for one in line if one.is_understudy}, {one.expert_id for one in line}
    understudies = [one for one in asking.of_event(event.id) if one.state is InvitationState.UNDERSTUDY]
    gone = [one for one in understudies if one.expert_id not in in_line]
    unmarked = [one for one in understudies if one.expert_id in in_line - agreed and not one.answers]
    freed = resources.find(expert_ids=[one.expert_id for one in (*gone, *unmarked)]).experts
    soft.release(event.id, resource_ids=[resource.id for resource in freed])
    for one in (*gone, *unmarked):
        one.state, one.next_step_at = InvitationState.WITHDRAWN, None
    tell.call_off(gone, "uninvited", now)
    db.session.flush()


def lose_understudy(event: Event, invitation: Invitation, now: datetime) -> None:
    """Somebody's time went to a booking elsewhere: they keep their place in line and may be asked as anybody may.

    Where the event stands in their calendar, of a question they were too late for, it ends there.
    """
    invitation.state, invitation.next_step_at = InvitationState.WITHDRAWN, None
    tell.call_off(calendars_told.with_entry([invitation]), "uninvited", now)
    event.version += 1
    audit.record("lose-understudy", "invitation", invitation.public_id, actor="scheduler", now=now)
    tell_cascade.tell_understudy_lost(event, invitation, now)


def tell_open_again(events: Sequence[Event], now: datetime) -> None:
    """The letter that a seat is open was taken back with others when the event changed: it is still so, and told."""
    for event in events:
        invitations = asking.of_event(event.id)
        for seat in event.seats:
            if seat.open_since is not None and line_up.is_open(seat, invitations):
                tell_cascade.tell_open(event, seat, seat.expert, now)


def _hold_understudies(event: Event, now: datetime) -> None:
    """Those who agreed beforehand; who could not come as things stand stays in the line-up, and no more."""
    states = {one.expert_id: one.state for one in asking.of_event(event.id)}
    agreed = [one.expert for seat in event.seats for one in seat.candidates if one.is_understudy]
    for expert in agreed:
        if expert.id in states or not event.holds_resources:
            continue
        try:
            _hold_softly(event, expert, now)
        except SlotTaken:
            continue
        invitation = asking.find_of(event, expert) or asking.new_invitation(event, expert, now)
        invitation.state, invitation.turn = InvitationState.UNDERSTUDY, invitation.turn + 1
        db.session.flush()


def _hold_softly(event: Event, expert: Expert, now: datetime) -> None:
    (resource,) = resources.lock(expert_ids=[expert.id]).experts
    place_id = None if event.joins_online(expert.id) else event.campus_id
    soft.hold(Ask(resource, event.span, place_id, all_day=event.all_day), event_id=event.id, now=now)


def _named(event: Event, seat: Seat, expert: Expert, at: datetime, now: datetime) -> Invitation | None:
    """Name somebody and hold their time, or nothing: None where the desk says no."""
    attempt = db.session.begin_nested()
    try:
        with changing(event, now):
            invitation = _ask(event, seat, expert, at)
            line_up.replace(seat, expert)
            lifecycle.revise(event, now)
            db.session.flush()
            take_back(event, now, expert_id=expert.id)
        attempt.commit()
    except SlotTaken:
        attempt.rollback()
        return None
    return invitation


def _ask(event: Event, seat: Seat, expert: Expert, at: datetime) -> Invitation:
    candidate = line_up.candidate_of(seat, expert)
    is_released = candidate is not None and candidate.released_at is not None
    invitation = asking.find_of(event, expert) or asking.new_invitation(event, expert, at)
    is_released = is_released or invitation.released_at is not None
    is_released = is_released or expert.id in releasing.released_by_naming([expert], PUBLIC)
    asking.put_question(invitation, at, is_released=is_released)
    return invitation


def _after_naming(event: Event, comes: Invitation, now: datetime) -> None:
    stepping.plan([comes], now)
    planning.plan(event, now)
    audit.record("ask-next", "invitation", comes.public_id, actor="cascade", now=now)
    tell.ask_people([comes], now)


def _give_back(event: Event, expert_id: int) -> None:
    freed = resources.lock(expert_ids=[expert_id])
    desk.release(event.id, resource_ids=[resource.id for resource in freed.experts])


def _working_moment(expert: Expert, now: datetime) -> datetime:
    return settings.hours_of(expert, settings.of_organization(expert.organization_id)).next_moment(now)
