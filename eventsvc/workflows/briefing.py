"""The briefing sheet of an invited person: whom to call on the day, what was last time, until when one may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.attendance import counting
from eventsvc.domain.directory.models import Expert, Topic
from eventsvc.domain.events.contacts import Contact, contact_of
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.invitations import arrivals, behalf, changes, colleagues, proposals
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.invitations.reply_models import Arrival, OnBehalf, Proposal


@dataclass(frozen=True, slots=True)
class LastTime:
    """The last event of the same partner at that campus: how many came, and what was asked and said, in their words."""

    event: Event
    heads: int | None
    topics: Sequence[Topic]
    comments: Sequence[str]


@dataclass(frozen=True, slots=True)
class Briefing:
    """What stands on an invited person's page beside the event itself."""

    contact: Contact
    last_time: LastTime | None
    arrive_at: datetime | None
    free_until: datetime
    is_late: bool
    is_the_day: bool
    proposals: Sequence[Proposal]
    colleagues: Sequence[Expert]
    arrival: Arrival | None
    on_behalf: OnBehalf | None


def briefing_of(invitation: Invitation, now: datetime) -> Briefing:
    """The briefing of somebody who was asked, as it is now."""
    event = invitation.event
    return Briefing(
        contact=contact_of(event, now),
        last_time=last_time(invitation),
        arrive_at=arrival_time(invitation),
        free_until=changes.free_until(invitation),
        is_late=changes.is_late(invitation, now),
        is_the_day=arrivals.is_the_day(event, now),
        proposals=proposals.newest_of(invitation),
        colleagues=colleagues.of(invitation),
        arrival=arrivals.of_invitations([invitation]).get(invitation.id),
        on_behalf=behalf.of_answers(invitation.answers[-1:]).get(invitation.id),
    )


def arrival_time(invitation: Invitation) -> datetime | None:
    """When the person should be there, in time for what they need before the start; None where nobody need come."""
    event, lead_minutes = invitation.event, invitation.expert.lead_minutes
    if event.campus is None or event.all_day or not lead_minutes or event.joins_online(invitation.expert_id):
        return None
    return event.starts_at - timedelta(minutes=lead_minutes)


def last_time(invitation: Invitation) -> LastTime | None:
    """What the partner's people did at that campus before; None where they have not been there."""
    event = invitation.event
    if event.campus_id is None:
        return None
    partners = select(Seat.event_id).join(Expert, Expert.id == Seat.expert_id)
    partners = partners.where(Expert.organization_id == invitation.expert.organization_id)
    before = (
        select(Event)
        .where(Event.campus_id == event.campus_id, Event.ends_at <= event.starts_at, Event.id != event.id)
        .where(Event.status == Status.COMPLETED, Event.id.in_(partners))
        .order_by(Event.ends_at.desc(), Event.id.desc())
    )
    found = db.session.scalar(before.limit(1))
    if found is None:
        return None
    own = invitation.expert.organization_id
    told = [one for one in counting.feedback_on(found) if one.expert and one.expert.organization_id == own]
    counted = counting.told_of(found).row
    return LastTime(
        found, counted.heads if counted else None, found.topics, [one.comment for one in told if one.comment]
    )
