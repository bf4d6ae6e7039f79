"""Whom and what records concern, so that legal holds find them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.privacy.holds import Concern
from eventsvc.domain.requests.models import Request
from eventsvc.domain.requests.offered import OfferedDate

UNKNOWN = Concern()


def of_accounts(ids: Collection[int]) -> dict[int, Concern]:
    """Of accounts by their ids: where they have or had a role."""
    grants = selectinload(Account.grants).joinedload(Grant.office)
    found = db.session.scalars(select(Account).where(Account.id.in_(ids)).options(grants))
    return {account.id: _of_account(account) for account in found}


def _of_account(account: Account) -> Concern:
    offices = [grant.office for grant in account.grants if grant.office]
    organizations = {grant.organization_id for grant in account.grants if grant.organization_id}
    return Concern(
        emails=frozenset({account.email}),
        office_ids=frozenset(office.id for office in offices),
        organization_ids=frozenset(organizations | {office.organization_id for office in offices}),
    )


def of_expert(expert: Expert) -> Concern:
    """Of an entry among the experts."""
    return Concern(
        emails=frozenset({expert.email.lower()}),
        office_ids=frozenset({expert.office_id} if expert.office_id else ()),
        organization_ids=frozenset({expert.organization_id}),
    )


def of_events(ids: Collection[int]) -> dict[int, Concern]:
    """Of events by their ids: who is in charge, where it is, who comes."""
    found = db.session.scalars(select(Event).where(Event.id.in_(ids)).options(*WHOLE))
    return {event.id: of_event(event) for event in found}


def of_event(event: Event) -> Concern:
    """Of one event that was read whole."""
    rooms = {room.office_id for room in event.rooms if room.office_id}
    experts = {expert.office_id for expert in event.experts if expert.office_id}
    organizations = {event.owner.organization_id, *(one.id for one in event.co_hosts)}
    organizations |= {expert.organization_id for expert in event.experts}
    organizations |= {event.campus.organization_id} if event.campus else set()
    return Concern(
        emails=frozenset(expert.email.lower() for expert in event.experts),
        office_ids=frozenset({event.owner_id} | rooms | experts),
        organization_ids=frozenset(organizations),
        at=event.starts_at,
        ends_at=event.ends_at,
    )


def of_request(request: Request) -> Concern:
    """Of a request: the two offices."""
    both = (request.asker, request.partner)
    return Concern(
        office_ids=frozenset(office.id for office in both),
        organization_ids=frozenset(office.organization_id for office in both),
        at=request.asked_at,
        ends_at=request.answered_at,
    )


def of_offer(offer: OfferedDate) -> Concern:
    """Of an offered date: who offers it, and whom."""
    organizations = {offer.office.organization_id, *({offer.expert.organization_id} if offer.expert else ())}
    return Concern(
        emails=frozenset({offer.expert.email.lower()} if offer.expert else ()),
        office_ids=frozenset({offer.office_id}),
        organization_ids=frozenset(organizations),
        at=offer.starts_at,
        ends_at=offer.ends_at,
    )


def of_letters(letters: Sequence[Message]) -> list[Concern]:
    """Of letters: to whom, and what the event that each is about concerns."""
    about = _events_by_public_id(letter.event for letter in letters)
    events = of_events([event.id for event in about.values()])
    mailboxes = {letter.to_address for letter in letters}
    query = select(Office).where(Office.mailbox.in_(mailboxes))
    offices = {office.mailbox: office for office in db.session.scalars(query)}
    known = select(Account).where(Account.email.in_({address.lower() for address in mailboxes}))
    accounts = {account.email: _of_account(account) for account in db.session.scalars(known)}
    return [_of_letter(one, events, about, offices, accounts) for one in letters]


def _of_letter(
    letter: Message,
    events: dict[int, Concern],
    about: dict[str, Event],
    offices: dict[str, Office],
    accounts: dict[str, Concern],
) -> Concern:
    event, office = about.get(letter.event), offices.get(letter.to_address)
    concern = events[event.id] if event else accounts.get(letter.to_address.lower(), UNKNOWN)
    if office is not None:
        concern = joined([concern, _of_office(office)])
    emails = (concern.emails or frozenset()) | {letter.to_address.lower()}
    return replace(concern, emails=emails, at=letter.created_at, ends_at=None)


def _of_office(office: Office) -> Concern:
    return Concern(
        emails=frozenset({office.mailbox.lower()}),
        office_ids=frozenset({office.id}),
        organization_ids=frozenset({office.organization_id}),
    )


def of_audit(entries: Sequence[AuditEntry]) -> list[Concern]:
    """Of entries of the audit log, as far as what they are about can still be found; each at its own moment."""
    subjects = {(entry.subject_kind, entry.subject) for entry in entries}
    known = {subject: concern for subject in subjects if (concern := _of_subject(*subject)) is not None}
    found = (known.get((entry.subject_kind, entry.subject), UNKNOWN) for entry in entries)
    return [replace(one, at=entry.at, ends_at=None) for one, entry in zip(found, entries, strict=True)]


def _of_subject(kind: str, subject: str) -> Concern | None:
    if kind in ("expert", "expert_calendar"):
        expert = db.session.scalar(select(Expert).where(Expert.slug == subject))
        return of_expert(expert) if expert else None
    key = public_ids.read(subject)
    return _of_public_id(kind, key) if key is not None else None


def _of_public_id(kind: str, key: UUID) -> Concern | None:
    if kind == "account":
        account = db.session.scalar(select(Account).where(Account.public_id == key))
        return _of_account(account) if account else None
    if kind == "event":
        return _of_whole(select(Event.id).where(Event.public_id == key))
    if kind == "invitation":
        return _of_whole(select(Invitation.event_id).where(Invitation.public_id == key))
    if kind == "room approval":
        return _of_whole(select(RoomApproval.event_id).where(RoomApproval.public_id == key))
    return None


def _of_whole(query: object) -> Concern | None:
    event_id = db.session.scalar(query)  # type: ignore[call-overload]  # a select of one id
    return of_events([event_id]).get(event_id) if event_id else None


def _events_by_public_id(words: Iterable[str]) -> dict[str, Event]:
    keys = {key for word in set(words) if (key := public_ids.read(word)) is not None}
    found = db.session.scalars(select(Event).where(Event.public_id.in_(keys)).options(joinedload(Event.owner)))
    return {str(event.public_id): event for event in found}


def joined(concerns: Sequence[Concern], *, at: datetime | None = None) -> Concern:
    """What several concern, as one; what is known of none stays unknown."""

    def union(parts: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
        known = [part for part in parts if part is not None]
        return frozenset().union(*known) if known else None

    def union_of_ids(parts: Iterable[frozenset[int] | None]) -> frozenset[int] | None:
        known = [part for part in parts if part is not None]
        return frozenset().union(*known) if known else None

    return Concern(
        emails=union(one.emails for one in concerns),
        office_ids=union_of_ids(one.office_ids for one in concerns),
        organization_ids=union_of_ids(one.organization_ids for one in concerns),
        at=at,
    )
