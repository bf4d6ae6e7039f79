"""What somebody who is in charge of events follows up: the questions at them that still wait for somebody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from eventsvc.core.db import db
from eventsvc.domain.accounts.places import Place
from eventsvc.domain.events.coordinators import EventCoordinator
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation


def count(account_id: int, place: Place, now: datetime) -> int:
    """How many questions are chased, told of and passed on at events of offices there that the account is in charge of.

    They stand at the event: whoever is in charge of it follows them up.
    """
    query = select(func.count(Invitation.id)).join(Event, Event.id == Invitation.event_id)
    query = query.join(EventCoordinator, EventCoordinator.event_id == Event.id)
    mine = EventCoordinator.account_id == account_id, place.offices(Event.owner_id)
    is_open = Invitation.next_step_at.is_not(None), Event.starts_at > now
    return db.session.scalar(query.where(*mine, *is_open)) or 0
