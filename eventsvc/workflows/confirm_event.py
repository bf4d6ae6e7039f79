"""Confirm: the host's own yes, a person's answer, and what happens when the last yes needed is in."""

from __future__ import annotations

from datetime import datetime

from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, ensure_may_write
from eventsvc.domain.booking import desk, resources
from eventsvc.domain.booking.models import State
from eventsvc.domain.events import lifecycle, needs
from eventsvc.domain.events.lifecycle import Move
from eventsvc.domain.events.lookup import claim_event
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.schedule import promise
from eventsvc.domain.feeds import versions
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import AnswerWord, Invitation, InvitationState
from eventsvc.domain.reminders import planning
from eventsvc.workflows import tell


def confirm_as_host(event_id: str, *, actor: Actor, now: datetime) -> Event:
    """Record the host's own yes; it confirms the event when no other yes is missing.

    Locks:   the event, then its resources.
    Refuses: SignInNeeded, NotFound, WrongState, SlotTaken when what lapsed cannot be had again.
    """
    ensure_may_write(actor)
    event = claim_event(event_id)
    if event.status is not Status.CONFIRMED:
        lifecycle.ensure_can(event, Move.CONFIRM)
    if event.host_confirmed_at is None:
        event.host_confirmed_at = now
        event.version += 1
        audit.record("host-yes", "event", event.public_id, actor=actor.name, now=now)
    _settle(event, now)
    return event


def answer_invitation(invitation_id: str, word: AnswerWord, *, reason: str = "", now: datetime) -> Invitation:
    """Record what an invited person says; a decline frees their time, the last yes confirms the event.

    Saying the same again changes nothing. A yes after a no takes the person's time again.

    Locks:   the event, then its resources.
    Refuses: NotFound, WrongState, SlotTaken when the person's time is gone.
    """
    event = claim_event(asking.event_id_of(invitation_id))
    invitation = asking.get_invitation(invitation_id)
    if not asking.answer(invitation, word, reason=reason, now=now):
        return invitation
    event.version += 1
    changes: dict[str, audit.Change] = {"reason": (None, reason)} if reason else {}
    audit.record(str(word), "invitation", invitation.public_id, actor="invited person", now=now, changes=changes)
    if word is AnswerWord.DECLINE:
        freed = resources.lock(expert_ids=[invitation.expert_id])
        desk.release(event.id, resource_ids=[resource.id for resource in freed])
        tell.tell_offices_of_decline(invitation, invitation.answers[-1], now)
    else:
        _take_person(event, invitation.expert_id, now)
        _settle(event, now)
    return invitation


def _settle(event: Event, now: datetime) -> None:
    """Confirm the event if the last yes it needed is in."""
    if event.status is Status.CONFIRMED or asking.missing_yes(event, asking.of_event(event.id)):
        return
    with versions.following(event, now):
        _take(event, now, State.CONFIRMED)
        lifecycle.make(event, Move.CONFIRM, now)
        promise(event)
    planning.plan(event, now)
    tell.tell_confirmed(event, now)
    audit.record("confirm", "event", event.public_id, actor="last yes", now=now)


def _take_person(event: Event, expert_id: int, now: datetime) -> None:
    """Keep what the event holds and take this person's time again if it was given back or has lapsed.

    What else has lapsed waits for the last yes: it is no reason to refuse somebody's answer now.
    """
    held = {row.resource_id for row in desk.held_by(event.id, now)}
    asks = [ask for ask in needs.claim_asks(event) if ask.resource.id in held or ask.resource.expert_id == expert_id]
    state = State.CONFIRMED if event.status is Status.CONFIRMED else State.HELD
    desk.take(asks, event_id=event.id, state=state, hold_until=needs.hold_until(now), now=now)


def _take(event: Event, now: datetime, state: State) -> None:
    """Keep what the event holds and take again what lapsed; whoever declined is not taken."""
    declined = [
        invitation.expert_id for invitation in asking.of_event(event.id) if invitation.state is InvitationState.DECLINED
    ]
    asks = needs.claim_asks(event, without_experts=declined)
    desk.take(asks, event_id=event.id, state=state, hold_until=needs.hold_until(now), now=now)
