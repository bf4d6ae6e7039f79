"""Asking people, and taking their answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import WrongState, say
from eventsvc.domain.accounts import Actor
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.booking.asks import Wanted
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events import needs
from eventsvc.domain.events.answering import ensure_takes_answers
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations import changes, releasing, stepping
from eventsvc.domain.invitations.models import (
    COUNTED_ON,
    GIVEN_UP,
    HOLDING,
    Answer,
    AnswerWord,
    Invitation,
    InvitationState,
)

_MISSING = say("There is no such invitation.")
_STATE_OF = {
    AnswerWord.ACCEPT: InvitationState.ACCEPTED,
    AnswerWord.TENTATIVE: InvitationState.TENTATIVE,
    AnswerWord.DECLINE: InvitationState.DECLINED,
}


def of_event(event_id: int) -> list[Invitation]:
    """The invitations of an event that were not withdrawn, in the order in which people were asked."""
    return of_events([event_id])[event_id]


def of_events(event_ids: Collection[int]) -> dict[int, list[Invitation]]:
    """The same of many events in one query, by event id; no entry is missing."""
    in_force = select(Invitation).where(
        Invitation.event_id.in_(event_ids), Invitation.state != InvitationState.WITHDRAWN
    )
    by_event: dict[int, list[Invitation]] = {event_id: [] for event_id in event_ids}
    for invitation in db.session.scalars(in_force.options(joinedload(Invitation.expert)).order_by(Invitation.id)):
        by_event[invitation.event_id].append(invitation)
    return by_event


def everybody(event_id: int) -> list[Invitation]:
    """The same with those that were withdrawn."""
    query = select(Invitation).where(Invitation.event_id == event_id).options(joinedload(Invitation.expert))
    return list(db.session.scalars(query.order_by(Invitation.id)))


def coming(event_id: int) -> list[Invitation]:
    """Those among them who are counted on."""
    return [invitation for invitation in of_event(event_id) if invitation.state in HOLDING]


def passed_over(event: Event) -> list[Invitation]:
    """Those who were silent for too long; they may still say yes, as an understudy."""
    return [one for one in of_event(event.id) if one.state is InvitationState.PASSED_OVER]


def get_invitation(invitation_id: str | UUID) -> Invitation:
    """The invitation of that public id; refuses NotFound."""
    return public_ids.get(select(Invitation), Invitation.public_id, invitation_id, _MISSING)


def event_id_of(invitation_id: str) -> UUID:
    """The public id of the event an invitation is for, so that the event can be locked first; refuses NotFound."""
    asking = select(Event.public_id).join(Invitation, Invitation.event_id == Event.id)
    return public_ids.get(asking, Invitation.public_id, invitation_id, _MISSING)


def find_of(event: Event, expert: Expert) -> Invitation | None:
    """The invitation of a person to an event, also one that was withdrawn; or None."""
    query = select(Invitation).where(Invitation.event_id == event.id, Invitation.expert_id == expert.id)
    return db.session.scalar(query)


def in_order(event_ids: Collection[str]) -> list[str]:
    """Public ids of events in the order in which they are locked."""
    wanted = [UUID(event_id) for event_id in event_ids]
    query = select(Event.public_id).where(Event.public_id.in_(wanted)).order_by(Event.id)
    return [str(public_id) for public_id in db.session.scalars(query)]


def ask(event: Event, actor: Actor, now: datetime, *, spared: Collection[int] = ()) -> list[Invitation]:
    """Ask everybody who is to come, those too who said yes to another time; returns who was asked.

    Experts who are `spared` (ids) and hold an invitation in force are left in peace: for them nothing has changed.
    """
    return ask_all([event], actor, now, spared=spared)


def ask_all(events: Sequence[Event], actor: Actor, now: datetime, *, spared: Collection[int] = ()) -> list[Invitation]:
    """The same for several events, in as many queries.

    Whom the partner's office has not released waits for that: see `releasing`. Who was released once for an event is
    asked at once for its new time. The line-up of those whom the actor may release is released too.
    """
    query = select(Invitation).where(Invitation.event_id.in_([event.id for event in events]))
    known = {(invitation.event_id, invitation.expert_id): invitation for invitation in db.session.scalars(query)}
    released = releasing.released_by_naming(_everybody(events), actor)
    release_line_ups(events, released, now)
    asked = []
    for event, expert in [(one, expert) for one in events for expert in one.experts]:
        invitation = known.get((event.id, expert.id))
        if invitation is None:
            invitation = new_invitation(event, expert, now)
        if expert.id in spared and invitation.state is not InvitationState.WITHDRAWN:
            continue
        put_question(invitation, now, is_released=expert.id in released or invitation.released_at is not None)
        asked.append(invitation)
    db.session.flush()
    stepping.plan(asked, now)
    return asked


def new_invitation(event: Event, expert: Expert, at: datetime) -> Invitation:
    """One of somebody who was never asked to the event."""
    invitation = Invitation(event=event, expert=expert, turn=-1, state=InvitationState.WITHDRAWN, asked_at=at)
    db.session.add(invitation)
    return invitation


def put_question(invitation: Invitation, at: datetime, *, is_released: bool) -> None:
    """Ask, for the event's present time: the person, or, where they are not released, the office that lends them."""
    invitation.state = InvitationState.NEEDS_ACTION if is_released else InvitationState.AWAITS_RELEASE
    invitation.turn += 1
    invitation.asked_at, invitation.stepped_at = at, None
    invitation.released_at = (invitation.released_at or at) if is_released else None


def stand_again(invitation: Invitation, turn: int, asked_at: datetime) -> None:
    """Take the newest question back, which nobody was sent: what was said to the one of that turn counts.

    `asked_at` is when that was asked; the event has the time again that it asked about.
    """
    start = invitation.event.starts_at
    said = [one for one in invitation.answers if one.at >= asked_at and one.given_for == start]
    invitation.turn = turn
    invitation.state = _STATE_OF[said[-1].word] if said else InvitationState.NEEDS_ACTION
    db.session.flush()


def _everybody(events: Sequence[Event]) -> set[Expert]:
    """Who is named, and who might be."""
    next_ones = {one.expert for event in events for seat in event.seats for one in seat.candidates}
    return next_ones.union(expert for event in events for expert in event.experts)


def release_line_ups(events: Sequence[Event], released: Collection[int], now: datetime) -> None:
    """Let those (ids) be asked when it is their turn."""
    for candidate in (one for event in events for seat in event.seats for one in seat.candidates):
        if candidate.released_at is None and candidate.expert_id in released:
            candidate.released_at = now


def wait_for_nothing(events: Collection[Event]) -> None:
    """Nobody is chased or passed over for events that are off, and no seat of them is open."""
    for invitations in of_events([event.id for event in events]).values():
        for invitation in invitations:
            invitation.next_step_at = None
    for seat in (seat for event in events for seat in event.seats):
        seat.open_since = None


def start_anew(event: Event) -> list[Invitation]:
    """Forget, for a new time, what those said who are not named now: they may be asked for it. Returns understudies."""
    named = {expert.id for expert in event.experts}
    others = [one for one in of_event(event.id) if one.expert_id not in named]
    understudies = [one for one in others if one.state is InvitationState.UNDERSTUDY]
    for one in others:
        one.state, one.next_step_at = InvitationState.WITHDRAWN, None
    gone = {one.expert_id for one in understudies}
    for candidate in (one for seat in event.seats for one in seat.candidates if one.expert_id in gone):
        candidate.is_understudy = False  # they agreed to another time
    for seat in event.seats:
        seat.open_since = seat.open_since if seat.expert is None else None
    db.session.flush()
    return understudies


def withdraw_absent(event: Event) -> list[Invitation]:
    """Withdraw the invitations of people who no longer belong to the event; returns those who were counted on.

    Who is in a line-up keeps what they have said, unless they were named and no longer are.
    """
    wanted = {expert.id for expert in event.experts}
    in_line = {one.expert_id for seat in event.seats for one in seat.candidates}
    absent = [invitation for invitation in of_event(event.id) if invitation.expert_id not in wanted]
    expecting = [invitation for invitation in absent if invitation.state in COUNTED_ON]
    for invitation in absent:
        if invitation.expert_id not in in_line or invitation.state in HOLDING:
            invitation.state, invitation.next_step_at = InvitationState.WITHDRAWN, None
    db.session.flush()
    return expecting


def answer(
    invitation: Invitation,
    word: AnswerWord,
    *,
    turn: int,
    reason: str,
    now: datetime,
    is_replaced: bool = False,
) -> bool:
    """Record what a person says about the time they are asked for; returns False when that was their answer already.

    Somebody else may have been asked in their place (`is_replaced`): then a yes makes an understudy of them.

    Who has declined without a word may still say why.

    `turn` says which asking they answer: a yes to an earlier time is no yes to this one.

    Refuses: WrongState for an invitation or event that is off or has no new time yet, for one that has ended, and, but
             for a decline, for another answer than before when it is too late to change it.
    """
    ensure_present(invitation, turn, now)
    changes.ensure_may_say(invitation, word, now)
    state = _STATE_OF[word]
    if is_replaced and word is AnswerWord.TENTATIVE:
        raise WrongState(say("Somebody else was asked meanwhile. Say yes if you would come in their place."))
    if is_replaced and word is AnswerWord.ACCEPT:
        state = InvitationState.UNDERSTUDY
    if invitation.state is state and not _adds_reason(invitation, reason):
        return False
    invitation.state = state
    invitation.next_step_at = None
    invitation.answers.append(Answer(word=word, reason=reason, given_for=invitation.event.starts_at, at=now))
    db.session.flush()
    return True


def ensure_present(invitation: Invitation, turn: int, now: datetime) -> None:
    """Refuses WrongState for who is not needed, an event that is off or over, and for an asking that is past."""
    if invitation.state is InvitationState.WITHDRAWN:
        raise WrongState(say("You are no longer needed for this event; nothing has to be done."))
    if invitation.state is InvitationState.AWAITS_RELEASE:
        raise WrongState(say("Your office decides first whether you can be asked; you will hear from us."))
    ensure_takes_answers(invitation.event, now)
    if turn != invitation.turn:
        words = say("The event has changed since you were asked. Look at it again, then answer.")
        raise WrongState(words, turn=invitation.turn)


def _adds_reason(invitation: Invitation, reason: str) -> bool:
    has_declined = invitation.state is InvitationState.DECLINED and bool(invitation.answers)
    return has_declined and bool(reason) and not invitation.answers[-1].reason


def claim_asks(event: Event, *, asked_anew: Collection[int] = (), beside: Collection[int] = ()) -> list[Wanted]:
    """What the event needs from the booking desk, without people who will not come and rooms that were declined.

    Experts (ids) who are asked anew may come after all.

    Locks: as `needs.claim_asks`.
    """
    given_up = [who.expert_id for who in of_event(event.id) if who.state in GIVEN_UP]
    given_up = [expert_id for expert_id in given_up if expert_id not in asked_anew]
    off = rooms.declined_room_ids(event.id)
    return needs.claim_asks(event, without_experts=given_up, without_rooms=off, beside=beside)


def of_experts(expert_ids: Collection[int], now: datetime) -> Sequence[Invitation]:
    """What experts are asked to, or come to, from now on, the next first."""
    query = select(Invitation).join(Invitation.event).options(contains_eager(Invitation.event))
    mine = Invitation.expert_id.in_(expert_ids), Invitation.state != InvitationState.WITHDRAWN, Event.ends_at > now
    return db.session.scalars(query.where(*mine).order_by(Event.starts_at, Invitation.id)).all()
