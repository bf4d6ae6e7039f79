"""Offices where somebody is missing: nobody who may act there, no mailbox, or one that takes no letters.

Nobody *left* is worse than nobody *yet*: somebody worked there, and what they began lies still. An office that never
had anybody is written to by mail and planned for by whoever runs the service; it is a gap, and no finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eventsvc.core.db import db
from eventsvc.domain.accounts import Actor, Owner, Permission, ensure_somebody, may, sight_of, signing_in
from eventsvc.domain.accounts.models import Account, Grant
from eventsvc.domain.accounts.roles import GRANTED, Role
from eventsvc.domain.directory.models import Expert, Office, Organization, Room
from eventsvc.domain.events.models import Event, Status
from eventsvc.domain.events.permits import is_seen
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.outbox.models import Message, MessageState


class Missing(StrEnum):
    """What is missing at an office."""

    NOBODY_LEFT = "nobody_left"
    NO_MAILBOX = "no_mailbox"
    UNDELIVERABLE = "undeliverable"
    NO_OFFICE = "no_office"
    NOBODY_YET = "nobody_yet"


@dataclass(frozen=True, slots=True)
class Gap:
    """An office, or an organization without any, where somebody is missing; and what lies still because of it."""

    kind: Missing
    organization: Organization
    office: Office | None = None
    events: Sequence[Event] = ()
    rooms: Sequence[Room] = ()
    # Events that lie still, too, and are not for the eyes of whoever asks.
    unseen: int = 0

    @property
    def is_finding(self) -> bool:
        """True for what somebody must act on."""
        return self.kind is not Missing.NOBODY_YET


_COMING = (Status.DRAFT, Status.REQUESTED, Status.CONFIRMED, Status.POSTPONED)
_ACTS = {Permission.PLAN, Permission.PLAN_FAIRS, Permission.PLAN_CONVENINGS}
_ACTS |= {Permission.GRANT_ROOMS, Permission.KEEP_PEOPLE, Permission.KEEP_PLACES}
_ACTING = [role for role in Role if role is not Role.ADMINISTRATOR and GRANTED[role] & _ACTS]


@dataclass(slots=True)
class _Known:
    """What is read once, in a number of queries that does not grow: ids of offices unless it says otherwise."""

    events: dict[int, list[Event]] = field(default_factory=dict)
    rooms: dict[int, list[Room]] = field(default_factory=dict)
    lends: set[int] = field(default_factory=set)
    with_people: set[int | None] = field(default_factory=set)
    with_people_before: set[int | None] = field(default_factory=set)
    organizations_with_people: set[int | None] = field(default_factory=set)
    refused_mailboxes: set[str] = field(default_factory=set)
    has_accounts: bool = False


def gaps_seen(*, actor: Actor, now: datetime) -> list[Gap]:
    """The gaps of the offices of which somebody reads reports: an office's own, a district's colleges', or all.

    Reports are counts: of events that one may not see only their number is there.
    Refuses: SignInNeeded.
    """
    ensure_somebody(actor)
    found = [gap for gap in examine_offices(now) if may(actor, Permission.READ_REPORTS, _owner(gap))]
    asked = {event.id for gap in found for event in gap.events}
    seen = set(db.session.scalars(select(Event.id).where(Event.id.in_(asked), is_seen(sight_of(actor)))))
    return [_as_seen(gap, seen) for gap in found]


def _as_seen(gap: Gap, seen: set[int]) -> Gap:
    events = [event for event in gap.events if event.id in seen]
    return replace(gap, events=events, unseen=len(gap.events) - len(events))


def examine_offices(now: datetime) -> list[Gap]:
    """Every gap, what must be acted on first, then by organization and office."""
    offices = db.session.scalars(
        select(Office).where(Office.retired_on.is_(None)).options(joinedload(Office.organization))
    ).all()
    known = _look([office.mailbox for office in offices if office.mailbox], now)
    found = [gap for office in offices for gap in _of_office(office, known)] + _without_office(now)
    return sorted(found, key=_order)


def _order(gap: Gap) -> tuple[int, str, str]:
    return list(Missing).index(gap.kind), gap.organization.slug, gap.office.slug if gap.office else ""


def _owner(gap: Gap) -> Owner:
    return Owner(gap.office.id if gap.office else None, gap.organization.id)


def _of_office(office: Office, known: _Known) -> list[Gap]:
    events, rooms = known.events.get(office.id, []), known.rooms.get(office.id, [])
    kinds = []
    acts = office.id in known.with_people or office.organization_id in known.organizations_with_people
    if not acts and office.id in known.with_people_before:
        kinds.append(Missing.NOBODY_LEFT)
    elif not acts and known.has_accounts and (events or rooms):
        kinds.append(Missing.NOBODY_YET)
    if not office.mailbox and (events or rooms or office.id in known.lends):
        kinds.append(Missing.NO_MAILBOX)
    if office.mailbox in known.refused_mailboxes:
        kinds.append(Missing.UNDELIVERABLE)
    return [Gap(kind, office.organization, office, events, rooms) for kind in kinds]


def _look(mailboxes: Sequence[str], now: datetime) -> _Known:
    known = _Known(has_accounts=signing_in.has_accounts(), refused_mailboxes=_refused(mailboxes))
    events, rooms = defaultdict(list), defaultdict(list)
    coming = select(Event).where(Event.ends_at > now, Event.status.in_(_COMING)).order_by(Event.starts_at, Event.id)
    for event in db.session.scalars(coming):
        events[event.owner_id].append(event)
    granted = select(Room).where(Room.office_id.is_not(None), Room.needs_approval, Room.retired_on.is_(None))
    for room in db.session.scalars(granted.order_by(Room.slug)):
        rooms[room.office_id or 0].append(room)
    lending = select(Expert.office_id).where(Expert.office_id.is_not(None), Expert.retired_on.is_(None)).distinct()
    known.events, known.rooms = dict(events), dict(rooms)
    known.lends = {one for one in db.session.scalars(lending) if one is not None}
    query = select(Grant.office_id, Grant.organization_id, Grant.ended_at, Account.ended_at.label("left_at"))
    for row in db.session.execute(query.join(Grant.account).where(Grant.role.in_(_ACTING)).distinct()):
        known.with_people_before.add(row.office_id)
        if row.ended_at is None and row.left_at is None:
            known.with_people.add(row.office_id)
            known.organizations_with_people.add(row.organization_id)
    known.with_people.discard(None)
    known.organizations_with_people.discard(None)
    return known


def _refused(mailboxes: Sequence[str]) -> set[str]:
    """Those whose newest letter, of those that were tried to the end, could not be delivered."""
    ended = Message.state.in_((MessageState.SENT, MessageState.FAILED)), Message.to_address.in_(mailboxes)
    newest = select(func.max(Message.id)).where(*ended).group_by(Message.to_address)
    query = select(Message.to_address).where(Message.id.in_(newest), Message.state == MessageState.FAILED)
    return set(db.session.scalars(query))


def _without_office(now: datetime) -> list[Gap]:
    """Partners whose experts are to come and have no address of their own, and who have no office to turn to."""
    has_office = select(Office.organization_id).where(Office.retired_on.is_(None))
    query = select(Organization, Event).join(Expert, Expert.organization_id == Organization.id)
    query = query.join(Seat, Seat.expert_id == Expert.id).join(Event, Event.id == Seat.event_id)
    query = query.where(Event.ends_at > now, Event.status.in_(_COMING), Organization.id.not_in(has_office))
    query = query.where(Expert.email == "")
    found: dict[int, tuple[Organization, dict[int, Event]]] = {}
    for organization, event in db.session.execute(query.order_by(Event.starts_at, Event.id)):
        found.setdefault(organization.id, (organization, {}))[1][event.id] = event
    return [Gap(Missing.NO_OFFICE, one, None, list(events.values())) for one, events in found.values()]
