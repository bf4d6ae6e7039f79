"""Other times that invited people propose: checked before they are sent, one of them taken, or answered in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, SlotTaken, WrongState, say
from eventsvc.core.times import Side, Span
from eventsvc.domain.approvals import asking as rooms
from eventsvc.domain.booking import availability
from eventsvc.domain.booking.conflicts import Clash
from eventsvc.domain.events import needs
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.schedule import When, when_of
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.invitations.reply_models import Proposal, ProposalState

MOST = 3
_MISSING = say("There is no such proposal.")


@dataclass(frozen=True, slots=True)
class ProposedTime:
    """A start in the words of the event's campus; of an all-day event only its day counts."""

    starts_local: datetime
    starts_side: Side | None = None


def propose(invitation: Invitation, times: Sequence[ProposedTime], *, note: str, now: datetime) -> list[Proposal]:
    """Write down up to three times; those proposed before are withdrawn.

    Refuses: InvalidInput naming each time that is past, the present one, or said twice; SlotTaken when something of the
             event is booked at one of them.
    """
    event = invitation.event
    spans = _spans(event, times, now)
    clashes = [clash for span in spans for clash in clashes_at(event, span, now)]
    if clashes:
        raise SlotTaken(clashes)
    withdraw_open(invitation, now)
    made = [
        Proposal(
            invitation=invitation,
            turn=invitation.turn,
            starts_local=time.starts_local,
            starts_side=time.starts_side,
            zone=event.zone,
            starts_at=span.start,
            ends_at=span.end,
            note=note,
            state=ProposalState.OPEN,
            made_at=now,
        )
        for time, span in zip(times, spans, strict=True)
    ]
    db.session.add_all(made)
    db.session.flush()
    return made


def _spans(event: Event, times: Sequence[ProposedTime], now: datetime) -> list[Span]:
    if not 1 <= len(times) <= MOST:
        raise InvalidInput({"times": say("must be between %(low)s and %(high)s", low=1, high=MOST)})
    spans: list[Span] = []
    errors: list[tuple[str, str]] = []
    for number, time in enumerate(times):
        field = f"times[{number}].starts_local"
        try:
            span = _at(event, time).span(event.zone)
        except InvalidInput as refusal:
            errors += [(f"times[{number}].{one['field']}", one["reason"]) for one in refusal.facts["errors"]]
            continue
        if span.start <= now:
            errors.append((field, say("is in the past")))
        elif span == event.span:
            errors.append((field, say("is the time you are asked for")))
        elif span in spans:
            errors.append((field, say("is named twice")))
        spans.append(span)
    if errors:
        raise InvalidInput(errors)
    return spans


def _at(event: Event, time: ProposedTime) -> When:
    return when_of(event).changed(told(event, time.starts_local, time.starts_side))


def told(event: Event, starts_local: datetime, starts_side: Side | None) -> dict[str, Any]:
    """The fields of `When` by which an event goes to such a time."""
    if event.all_day:
        return {"starts_on": starts_local.date()}
    return {"starts_local": starts_local, "starts_side": starts_side}


def clashes_at(event: Event, span: Span, now: datetime) -> list[Clash]:
    """What stands against having the whole event at another time; what it holds itself stands in nobody's way."""
    off = rooms.declined_room_ids(event.id)
    wish = replace(needs.wish_of(event, without_rooms=off), span=span)
    return availability.against_whole(wish, now=now, counts=lambda row: row.event_id != event.id)


def withdraw_open(invitation: Invitation, now: datetime) -> None:
    """What was proposed and not answered counts no more."""
    for proposal in _open_of([invitation.id]):
        proposal.state, proposal.answered_at = ProposalState.WITHDRAWN, now
    db.session.flush()


def _open_of(invitation_ids: Collection[int]) -> Sequence[Proposal]:
    mine = Proposal.invitation_id.in_(invitation_ids), Proposal.state == ProposalState.OPEN
    return db.session.scalars(select(Proposal).where(*mine).order_by(Proposal.id)).all()


def open_of_event(event_id: int, now: datetime) -> list[Proposal]:
    """What the office of an event may still take: proposed for its present time, by somebody who has not declined."""
    query = _takeable(now).where(Invitation.event_id == event_id)
    query = query.options(joinedload(Proposal.invitation).joinedload(Invitation.expert))
    return list(db.session.scalars(query.order_by(Proposal.id)))


def waiting_for_host(invitation_ids: Collection[int], now: datetime) -> set[int]:
    """Those who proposed other times and were not answered yet (ids of invitations): it is the host's turn."""
    query = _takeable(now).with_only_columns(Proposal.invitation_id, maintain_column_froms=True)
    return set(db.session.scalars(query.where(Proposal.invitation_id.in_(invitation_ids)))) if invitation_ids else set()


def open_of_offices(office_ids: Collection[int], now: datetime, *, limit: int) -> list[Proposal]:
    """The same for all events of some offices, one for each person, the oldest first; one query."""
    first = _takeable(now).with_only_columns(func.min(Proposal.id), maintain_column_froms=True)
    first = first.join(Event, Event.id == Invitation.event_id).where(Event.owner_id.in_(office_ids))
    query = select(Proposal).where(Proposal.id.in_(first.group_by(Proposal.invitation_id)))
    shown = joinedload(Proposal.invitation)
    query = query.options(shown.joinedload(Invitation.expert), shown.joinedload(Invitation.event))
    return list(db.session.scalars(query.order_by(Proposal.made_at, Proposal.id).limit(limit)))


def _takeable(now: datetime) -> Select[Any]:
    return (
        select(Proposal)
        .join(Invitation, Invitation.id == Proposal.invitation_id)
        .where(
            Invitation.turn == Proposal.turn,
            Invitation.state == InvitationState.TENTATIVE,
            Proposal.state == ProposalState.OPEN,
            Proposal.starts_at > now,
        )
    )


def newest_of(invitation: Invitation) -> list[Proposal]:
    """The times that a person proposed last for the present asking, whatever became of them; withdrawn ones are not."""
    query = select(Proposal).where(
        Proposal.invitation_id == invitation.id,
        Proposal.turn == invitation.turn,
        Proposal.state != ProposalState.WITHDRAWN,
    )
    found = db.session.scalars(query.order_by(Proposal.id)).all()
    return [one for one in found if one.made_at == found[-1].made_at]


def get_open(event: Event, proposal_id: str, now: datetime) -> Proposal:
    """One that the office may answer; refuses NotFound, WrongState for one that counts no more."""
    query = select(Proposal).join(Invitation, Invitation.id == Proposal.invitation_id)
    found = public_ids.get(query.where(Invitation.event_id == event.id), Proposal.public_id, proposal_id, _MISSING)
    if found not in open_of_event(event.id, now):
        raise WrongState(say("This proposal counts no more: the event or the answer has changed since, or it is past."))
    return found


def note_answer(proposal: Proposal, taken: bool, reason: str, now: datetime) -> None:
    """One proposal is taken and the others of its person are not; or all of them are declined."""
    for one in _open_of([proposal.invitation_id]):
        is_it = taken and one.id == proposal.id
        one.state = ProposalState.TAKEN if is_it else ProposalState.DECLINED
        one.answered_at, one.reason = now, "" if is_it else reason
    db.session.flush()
