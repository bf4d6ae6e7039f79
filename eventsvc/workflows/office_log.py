"""What is an office's own, and the letters and log entries about it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import selectinload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.times import iso
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.directory.models import Campus, Expert, Office, Room
from eventsvc.domain.events.models import Event, Series
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox.letters import SEALED
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.offered import OfferedDate
from eventsvc.domain.requests.rounds import Round
from eventsvc.workflows.sheets import in_batches


class OfOffice(NamedTuple):
    """Whose records: ids, so that nothing of the session is kept."""

    office_id: int
    organization_id: int
    mailbox: str


def of_rooms(of: OfOffice) -> ColumnElement[bool]:
    """The rooms that it looks after, and those of its organization that no office looks after."""
    return or_(
        Room.office_id == of.office_id,
        and_(Room.office_id.is_(None), Campus.organization_id == of.organization_id),
    )


def of_experts(of: OfOffice) -> ColumnElement[bool]:
    """The experts that it lends, and those of its organization that no office lends."""
    own = and_(Expert.office_id.is_(None), Expert.organization_id == of.organization_id)
    return or_(Expert.office_id == of.office_id, own)


def letter_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    """Letters to its mailbox, and about its events and series."""
    for some in in_batches(select(Message).where(Message.letter.not_in(SEALED)), Message.id):
        about = _own_bookings({one.event for one in some}, of)
        for one in some:
            if one.event in about or (of.mailbox and one.to_address == of.mailbox):
                sent = iso(one.sent_at) if one.sent_at else None
                yield [
                    *(one.letter, one.to_address, one.to_name, one.event, str(one.state), iso(one.created_at), sent),
                    as_json(one.facts),
                ]


def _own_bookings(words: Collection[str], of: OfOffice) -> set[str]:
    """Those public ids that are of its events and series: one letter may be about several dates."""
    keys = {key for word in words if (key := public_ids.read(word)) is not None}
    events = select(Event.public_id).where(Event.public_id.in_(keys), Event.owner_id == of.office_id)
    series = select(Series.public_id).where(Series.public_id.in_(keys), Series.owner_id == of.office_id)
    return {str(key) for query in (events, series) for key in db.session.scalars(query)}


def audit_rows(of: OfOffice) -> Iterator[Sequence[Any]]:
    """The log about what is its own."""
    for some in in_batches(select(AuditEntry).options(selectinload(AuditEntry.values)), AuditEntry.id):
        about = _own_subjects({one.subject for one in some}, of)
        for one in some:
            if one.subject in about:
                values = {value.field: [value.before, value.after] for value in one.values}
                yield [
                    *(iso(one.at), one.actor, one.verb, one.subject_kind, one.subject),
                    *(as_json(one.changes), as_json(values)),
                ]


def _own_subjects(subjects: Collection[str], of: OfOffice) -> set[str]:
    keys = {key for word in subjects if (key := public_ids.read(word)) is not None}
    own = select(Event.id).where(Event.owner_id == of.office_id)
    found: set[str] = _own_bookings(subjects, of)
    for query in (
        select(Invitation.public_id).where(Invitation.public_id.in_(keys), Invitation.event_id.in_(own)),
        select(RoomApproval.public_id).where(RoomApproval.public_id.in_(keys), RoomApproval.event_id.in_(own)),
        select(Request.public_id).where(
            Request.public_id.in_(keys), or_(Request.asker_id == of.office_id, Request.partner_id == of.office_id)
        ),
        select(OfferedDate.public_id).where(OfferedDate.public_id.in_(keys), OfferedDate.office_id == of.office_id),
        select(Round.public_id).where(Round.public_id.in_(keys), Round.office_id == of.office_id),
    ):
        found |= {str(key) for key in db.session.scalars(query)}
    rooms = select(Room.slug).join(Campus, Campus.id == Room.campus_id).where(Room.slug.in_(subjects), of_rooms(of))
    experts = select(Expert.slug).where(Expert.slug.in_(subjects), of_experts(of))
    office = select(Office.slug).where(Office.slug.in_(subjects), Office.id == of.office_id)
    return found.union(*(db.session.scalars(query) for query in (rooms, experts, office)))


def as_json(value: Any) -> str:
    """A JSON value in one cell."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
