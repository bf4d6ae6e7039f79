"""What ends with time of conversations and of proposed times; the rounds are in `retention_rules`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from eventsvc.core.db import db
from eventsvc.domain.conversations.models import Remark, Subject
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.invitations.reply_models import Proposal
from eventsvc.domain.privacy.holds import Concern
from eventsvc.workflows import concerns


def remarks_of_events(before: datetime) -> Select[Any]:
    """What was written about events that ended before."""
    query = select(Remark).join(Event, Event.public_id == Remark.subject)
    return query.where(Event.ends_at < before, Remark.words != "")


def remarks_of_requests(before: datetime) -> Select[Any]:
    """What was written about requests before."""
    of_requests = Remark.subject_kind == Subject.REQUEST
    return select(Remark).where(of_requests, Remark.at < before, Remark.words != "")


def proposals(before: datetime) -> Select[Any]:
    """Times that were proposed for events that ended before, with words beside them."""
    query = select(Proposal).join(Invitation, Invitation.id == Proposal.invitation_id)
    query = query.join(Event, Event.id == Invitation.event_id)
    return query.where(Event.ends_at < before, or_(Proposal.note != "", Proposal.reason != ""))


def of_remarks(rows: Sequence[Any]) -> list[Concern]:
    """Whom remarks about events concern."""
    query = select(Event.public_id, Event.id).where(Event.public_id.in_({row.subject for row in rows}))
    events = {row.public_id: row.id for row in db.session.execute(query)}
    known = concerns.of_events(set(events.values()))
    return [known[events[row.subject]] for row in rows]


def at_their_moment(rows: Sequence[Any]) -> list[Concern]:
    """What is known of a row by its moment alone."""
    return [Concern(at=row.at) for row in rows]
