"""Confirm: the host's own yes, a person's answer, and what happens when the last yes needed is in."""

from __future__ import annotations

from datetime import datetime

from eventsvc.core.db import db
from eventsvc.core.errors import SlotTaken, WrongState, say
from eventsvc.core.versions import Expected
from eventsvc.domain import audit
from eventsvc.domain.accounts import PUBLIC, Actor, is_oneself
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.booking.models import State
from eventsvc.domain.events import lifecycle
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.lookup import claim_event, claim_to_change
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.overrides import Waiver
from eventsvc.domain.events.promises import promise
from eventsvc.domain.invitations import asking, stepping
from eventsvc.domain.invitations.missing import missing_now
from eventsvc.domain.invitations.models import GIVEN_UP, AnswerWord, Invitation
from eventsvc.domain.reminders import planning
from eventsvc.workflows import announce, cascade, tell
from eventsvc.workflows.changing import changing
from eventsvc.workflows.taking import take_for
from eventsvc.workflows.taking_back import take_back

# Whoever answers by mail, to the address that they alone were given.
BY_MAIL = Actor("invited person, by mail")


def confirm_as_host(
    event_id: str, *, override: Waiver | None = None, expected: Expected | None = None, actor: Actor, now: datetime
) -> Event:
    """Record the host's own yes; it confirms the event when no other yes is missing.

    Locks:   the event, then its resources.
    Refuses: SignInNeeded, NotFound, Stale, WrongState, SlotTaken when what lapsed cannot be had again.
    """
    event = claim_to_change(event_id, actor, expected)
    if record_hosts_yes(event, actor, now, override=override):
        tell.tell_confirmed([event], now)
    return event


def record_hosts_yes(event: Event, actor: Actor, now: datetime, *, override: Waiver | None = None) -> bool:
    """The same for an event that is locked; says whether it was the last yes. Its letter is the caller's."""
    if event.status is not Status.CONFIRMED:
        lifecycle.ensure_can(event, Move.CONFIRM)
    if event.awaits_time:
        raise WrongState(say("It has been put off: move it to its new time first."), status_of_event=str(event.status))
    if event.has_ended(now):
        raise WrongState(say("It is over."), status_of_event=str(event.status))
    if event.host_confirmed_at is None:
        event.host_confirmed_at = now
        event.version += 1
        audit.record("host-yes", "event", event.public_id, actor=actor.name, now=now)
    return _settle(event, actor, now, override=override)


def answer_invitation(
    invitation_id: str, word: AnswerWord, *, turn: int, reason: str = "", actor: Actor = PUBLIC, now: datetime
) -> Invitation:
    """Record what an invited person says; a no frees their time and asks the next, the last yes confirms the event.

    Who was replaced meanwhile and says yes is thanked and kept as an understudy, unless the seat is open: then it is
    theirs. A no of somebody replaced is noted.

    Saying the same again changes nothing. A yes after a no takes the person's time again. When the last yes finds
    something else gone, it is recorded all the same: the event stays as it is and the host's office is told.
    The signed link allows it; the audit log also names the account by which somebody was signed in.

    Locks:   the event, then its resources.
    Refuses: NotFound, WrongState (also for a `turn` that is not the present one), SlotTaken when the person's own
             time is gone.
    """
    event = claim_event(asking.event_id_of(invitation_id))
    invitation = asking.get_invitation(invitation_id)
    before = invitation.state
    is_replaced = cascade.is_replaced(event, invitation)
    if not asking.answer(invitation, word, turn=turn, reason=reason, now=now, is_replaced=is_replaced):
        return invitation
    event.version += 1
    changes: dict[str, audit.Change] = {"reason": (None, reason)} if reason else {}
    by = named(actor, invitation)
    audit.record(str(word), "invitation", invitation.public_id, actor=by, now=now, changes=changes)
    announce.answered(invitation, str(word), now)
    if word is AnswerWord.DECLINE:
        cascade.follow_decline(event, invitation, before, now)
    elif is_replaced:
        cascade.keep_as_understudy(event, invitation, now)
    else:
        cascade.seat_again(event, invitation, now)
        take_back(event, now, expert_id=invitation.expert_id)
        stepping.plan([invitation], now)
        if before in GIVEN_UP and word is AnswerWord.ACCEPT:
            tell.tell_offices_of_change_of_mind(invitation, now)
        settle_or_tell(event, now)
    return invitation


def named(actor: Actor, invitation: Invitation) -> str:
    """Who answered, for the audit log: oneself signed in, somebody else who was and had the link, or the link alone."""
    if actor == PUBLIC:
        return "invited person"
    if actor == BY_MAIL:
        return actor.name
    is_self = is_oneself(actor, invitation.expert_id, Scope.ANSWER)
    return actor.name if is_self else f"{actor.name}, for the invited person"


def settle_or_tell(event: Event, now: datetime) -> None:
    """Settle; where the last yes meets a clash, undo that much and tell the host, whose affair it is."""
    attempt = db.session.begin_nested()
    try:
        is_confirmed = _settle(event, PUBLIC, now)
        attempt.commit()
    except SlotTaken as refusal:
        names = [clash.thing.name for clash in refusal.clashes]
        attempt.rollback()
        tell.tell_not_confirmed(event, sorted(set(names)), now)
        return
    if is_confirmed:
        tell.tell_confirmed([event], now)


def _settle(event: Event, actor: Actor, now: datetime, *, override: Waiver | None = None) -> bool:
    """Confirm the event if the last yes it needed is in; says whether it did."""
    if event.status is Status.CONFIRMED or missing_now(event):
        return False
    with changing(event, now):
        # What it holds is kept, what lapsed is taken again; whoever declined is not taken.
        take_for(event, asking.claim_asks(event), State.CONFIRMED, override=override, actor=actor, now=now)
        lifecycle.make(event, Move.CONFIRM, now)
        promise(event)
    planning.plan(event, now)
    audit.record("confirm", "event", event.public_id, actor="last yes", now=now)
    return True
