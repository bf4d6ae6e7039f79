"""Letters of the cascade: chases, silence, who is asked instead, open seats, understudies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from eventsvc.core.times import iso, local_day
from eventsvc.domain.directory.lending import partner_office
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.facts import facts_of
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations.models import Invitation, InvitationState
from eventsvc.domain.outbox import waiting
from eventsvc.workflows import tell
from eventsvc.workflows.joint_letters import key_of
from eventsvc.workflows.letters_to_people import Owed, owe


def chase(invitation: Invitation, others: Sequence[Invitation], now: datetime) -> None:
    """One more letter to somebody who has not answered; it names everything else that waits for them, too."""
    day = local_day(now, invitation.expert.zone)
    key = f"{key_of(invitation, 'chase')}{invitation.turn}:{day}"
    beside = [
        {
            "event": facts_of(one.event),
            "invitation": str(one.public_id),
            "turn": one.turn,
            "expires_at": iso(one.event.ends_at),
        }
        for one in others
        if one.id != invitation.id
    ]
    owe([Owed(invitation, "chase", key, {"others": beside})], now)


def tell_of_silence(invitation: Invitation, now: datetime) -> None:
    """The partner's office learns that somebody has not answered, while it can still help.

    Where it is that office which has not said whether it lends somebody, the host's office learns it.
    """
    office = partner_office(invitation.expert)
    if invitation.state is InvitationState.AWAITS_RELEASE:
        key = f"{key_of(invitation, 'release_silent')}{invitation.turn}"
        facts = {"person": invitation.expert.name, "lender": office.name if office else ""}
        tell.to_office(invitation.event.owner, invitation.event, "release_silent", key, now, **facts)
        return
    if office is not None:
        key = f"{key_of(invitation, 'silence')}{invitation.turn}"
        person, asked_at = invitation.expert.name, iso(invitation.asked_at)
        tell.to_office(office, invitation.event, "silence", key, now, person=person, asked_at=asked_at)


def what_then(comes: Invitation | None) -> dict[str, Any]:
    """What follows on a no or on silence: who is asked, whether their office is first, or that the seat is open."""
    if comes is None:
        return {"next": "", "is_open": True, "awaits_release": False}
    return {"next": comes.expert.name, "is_open": False, "awaits_release": comes.released_at is None}


def tell_passed_over(invitation: Invitation, comes: Invitation | None, now: datetime) -> None:
    """Both offices learn that somebody was silent for too long, and what then."""
    key, person = f"{key_of(invitation, 'passed_on')}{invitation.turn}", invitation.expert.name
    offices = {office.id: office for office in (invitation.event.owner, partner_office(invitation.expert)) if office}
    for office in offices.values():
        more = {"person": person, "because": "silent", "reason": "", **what_then(comes)}
        tell.to_office(office, invitation.event, "passed_on", f"{key}:{office.slug}", now, **more)


def tell_refused(invitation: Invitation, reason: str, comes: Invitation | None, now: datetime) -> None:
    """The host's office learns that the partner does not lend somebody, and what then; the partner as well if open."""
    key, person = f"{key_of(invitation, 'passed_on')}{invitation.turn}", invitation.expert.name
    more = {"person": person, "because": "refused", "reason": reason, **what_then(comes)}
    owner, partner = invitation.event.owner, partner_office(invitation.expert)
    offices = {office.id: office for office in (owner, partner if comes is None else None) if office}
    for office in offices.values():
        tell.to_office(office, invitation.event, "passed_on", f"{key}:{office.slug}", now, **more)


def tell_open(event: Event, seat: Seat, last: Expert | None, now: datetime) -> None:
    """A seat is open and no other letter says so: the host's office, and that of who was named last, learn it."""
    partner = partner_office(last) if last is not None else None
    offices = {office.id: office for office in (event.owner, partner) if office}
    for office in offices.values():
        key = f"seat-open:{seat.public_id}:{event.version}:{office.slug}"
        tell.to_office(office, event, "seat_open", key, now, role=str(seat.role))


def thank_understudy(invitation: Invitation, now: datetime, *, not_before: datetime) -> None:
    """A late yes is thanked for, and kept."""
    key = f"{key_of(invitation, 'understudy')}{invitation.turn}:{len(invitation.answers)}"
    owe([Owed(invitation, "understudy", key, not_before=not_before)], now)


def tell_understudy_lost(event: Event, invitation: Invitation, now: datetime) -> None:
    """The office that counted on an understudy learns that their time went to another booking; not to which."""
    key = f"{key_of(invitation, 'understudy_lost')}{invitation.turn}:{event.version}"
    tell.to_office(event.owner, event, "understudy_lost", key, now, person=invitation.expert.name)


def let_understudies_go(invitations: Sequence[Invitation], now: datetime) -> None:
    """The event has another time: what they said no longer counts, and their time is their own again."""
    owe(
        [
            Owed(
                one,
                "understudy_off",
                f"{key_of(one, 'understudy_off')}{one.turn}:{one.event.version}",
                not_before=waiting.leaves_at(now, one.event.starts_at),
            )
            for one in invitations
        ],
        now,
    )
