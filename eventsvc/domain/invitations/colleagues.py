"""Who could come instead of an invited person: the others whom the same office lends."""

from __future__ import annotations

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.invitations import asking
from eventsvc.domain.invitations.models import Invitation


def of(invitation: Invitation) -> list[Expert]:
    """The experts of the same partner, by name, who are in use and have nothing to do with the event yet."""
    expert = invitation.expert
    asked = {one.expert_id for one in asking.of_event(invitation.event_id)} | {invitation.expert_id}
    asked |= {one.id for one in invitation.event.experts}
    query = select(Expert).where(
        Expert.organization_id == expert.organization_id,
        Expert.office_id == expert.office_id if expert.office_id is not None else Expert.office_id.is_(None),
        Expert.retired_on.is_(None),
        Expert.id.not_in(asked),
    )
    return list(db.session.scalars(query.order_by(Expert.name, Expert.id)))
