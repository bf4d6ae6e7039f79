"""What answers a public-records request: bookings, letters, the log, and which outside parties got what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from eventsvc.core import public_ids
from eventsvc.core.db import db
from eventsvc.core.errors import InvalidInput, say
from eventsvc.core.times import days_span, iso
from eventsvc.domain.audit import AuditEntry
from eventsvc.domain.conversations.models import Remark
from eventsvc.domain.directory import lookup
from eventsvc.domain.directory.models import Campus, Expert, Office, Organization
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event, EventCoHost, Series, Visibility
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.mail.models import ReceivedMail
from eventsvc.domain.outbox.letters import SEALED
from eventsvc.domain.outbox.models import Message
from eventsvc.domain.privacy.models import Access
from eventsvc.domain.privacy.record_kind import Sort
from eventsvc.workflows import event_cells, mail_sheets
from eventsvc.workflows.sheets import Column, Sheet, in_batches


class Request(NamedTuple):
    """What was asked for: instants (half-open), and perhaps one organization's or one person's records."""

    start: datetime
    end: datetime
    organization_id: int | None = None
    email: str = ""


def request_of(first: date, last: date, *, organization: str | None = None, email: str = "") -> Request:
    """From the first to the last day in UTC; refuses InvalidInput where they are swapped, and for an unknown slug."""
    if last < first:
        raise InvalidInput({"last": say("lies before the first day")})
    span = days_span(first, (last - first) // timedelta(days=1) + 1, "UTC")
    found = lookup.get_in_use(Organization, organization, field="organization") if organization else None
    return Request(span.start, span.end, found.id if found else None, email.strip().lower())


def _events(asked: Request) -> Select[Any]:
    query = select(Event).where(Event.starts_at < asked.end, Event.ends_at > asked.start, _is_asked(asked))
    return query.options(*WHOLE)


def _is_asked(asked: Request) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if asked.organization_id is not None:
        own = select(Office.id).where(Office.organization_id == asked.organization_id)
        there = select(Campus.id).where(Campus.organization_id == asked.organization_id)
        hosts = exists().where(EventCoHost.event_id == Event.id, EventCoHost.organization_id == asked.organization_id)
        conditions.append(or_(Event.owner_id.in_(own), Event.campus_id.in_(there), hosts))
    if asked.email:
        conditions.append(
            exists().where(
                Seat.event_id == Event.id, Seat.expert_id == Expert.id, func.lower(Expert.email) == asked.email
            )
        )
    return and_(*conditions)


def is_public(event: Event) -> bool:
    """True where its words are public already."""
    return event.published_at is not None and event.visibility is Visibility.PUBLIC


def _bookings(asked: Request) -> Iterator[Sequence[Any]]:
    for some in in_batches(_events(asked), Event.id):
        for event in some:
            yield ["yes" if is_public(event) else "no", *event_cells.cells_of(event)]


def _letters(asked: Request) -> Iterator[Sequence[Any]]:
    query = select(Message).where(Message.created_at >= asked.start, Message.created_at < asked.end)
    for some in in_batches(query.where(Message.letter.not_in(SEALED)), Message.id):
        about = _public_of({one.event for one in some}, asked)
        for one in some:
            if _is_about(asked, one.event in about, one.to_address):
                sent = iso(one.sent_at) if one.sent_at else None
                is_open = "yes" if about.get(one.event) else "no"
                yield [
                    *(is_open, one.letter, one.to_address, one.to_name, one.event, str(one.state)),
                    *(iso(one.created_at), sent, as_json(one.facts)),
                ]


def _remarks(asked: Request) -> Iterator[Sequence[Any]]:
    query = select(Remark).where(Remark.at >= asked.start, Remark.at < asked.end)
    whole = joinedload(Remark.office), joinedload(Remark.account), joinedload(Remark.expert)
    for some in in_batches(query.options(*whole), Remark.id):
        about = _public_of({str(one.subject) for one in some}, asked)
        for one in some:
            by = one.author
            if asked.email and (by is None or by.email.lower() != asked.email):
                continue
            if asked.organization_id is None or str(one.subject) in about:
                office = one.office.slug if one.office else None
                yield [str(one.subject), iso(one.at), office, by.name if by else None, one.words]


def _mail(asked: Request) -> Iterator[Sequence[Any]]:
    query = mail_sheets.QUERY.where(ReceivedMail.received_at >= asked.start, ReceivedMail.received_at < asked.end)
    for some in in_batches(query, ReceivedMail.id):
        about = _public_of({one.event for one in some}, asked)
        for one in some:
            address = one.thread.invitation.expert.email if one.thread else one.from_address
            if _is_about(asked, one.event in about, address):
                yield mail_sheets.cells_of(one)


def _is_about(asked: Request, is_of_college: bool, address: str) -> bool:
    """By person: letters to her; by college: letters about its events; else all."""
    if asked.email and address.lower() != asked.email:
        return False
    return asked.organization_id is None or is_of_college


def _public_of(words: set[str], asked: Request) -> dict[str, bool]:
    """The events and series of those public ids that were asked for, and whether each is public.

    A letter about several dates is withheld from a redacted copy: some of them may not be public.
    """
    keys = {key for word in words if (key := public_ids.read(word)) is not None}
    wide = asked._replace(email="")
    query = select(Event).where(Event.public_id.in_(keys), _is_asked(wide))
    own = select(Office.id).where(Office.organization_id == asked.organization_id)
    series = select(Series.public_id).where(Series.public_id.in_(keys), Series.owner_id.in_(own))
    about = {str(key): False for key in db.session.scalars(series)}
    return about | {str(event.public_id): is_public(event) for event in db.session.scalars(query)}


def _audit(asked: Request) -> Iterator[Sequence[Any]]:
    query = select(AuditEntry).where(AuditEntry.at >= asked.start, AuditEntry.at < asked.end)
    narrow = asked.organization_id is not None or bool(asked.email)
    for some in in_batches(query.options(selectinload(AuditEntry.values)), AuditEntry.id):
        about = _of_events({one.subject for one in some}, asked) if narrow else set()
        for one in some:
            if not narrow or one.subject in about:
                values = {value.field: [value.before, value.after] for value in one.values}
                yield [
                    *(iso(one.at), one.actor, one.verb, one.subject_kind, one.subject),
                    *(as_json(one.changes), as_json(values)),
                ]


def _of_events(subjects: set[str], asked: Request) -> set[str]:
    keys = {key for word in subjects if (key := public_ids.read(word)) is not None}
    query = select(Event.public_id).where(Event.public_id.in_(keys), _is_asked(asked))
    return {str(key) for key in db.session.scalars(query)}


def _parties(asked: Request) -> Iterator[Sequence[Any]]:
    """Who of other houses was told of bookings, then who took records out (Ed. Code 76222 asks for such a log)."""
    for some in in_batches(_events(asked), Event.id):
        for event in some:
            own = event.owner.organization
            told: dict[int, Organization] = {}
            for organization in [*event.co_hosts, *(expert.organization for expert in event.experts)]:
                told[organization.id] = organization
            if event.campus:
                told[event.campus.organization.id] = event.campus.organization
            for organization in told.values():
                if organization.id != own.id:
                    yield [iso(event.created_at), organization.name, "took part", str(event.public_id), None, None]
    query = select(Access).where(Access.at >= asked.start, Access.at < asked.end).options(joinedload(Access.office))
    if asked.organization_id is None and not asked.email:
        for some_accesses in in_batches(query, Access.id):
            for one in some_accesses:
                yield [iso(one.at), one.by, f"took out: {one.records}", None, one.purpose, one.number]


def as_json(value: Any) -> str:
    """A JSON value in one cell."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


_OPEN = Column("is_public", "yes where the event's words are public already; others are withheld from a redacted copy")
SHEETS: tuple[Sheet[Request], ...] = (
    Sheet(
        "bookings", "Events that took or take place in the time asked for.", (_OPEN, *event_cells.COLUMNS), _bookings
    ),
    Sheet(
        "letters",
        "Letters that were owed in that time; never those that sign somebody in.",
        (
            *(_OPEN, Column("letter", "which letter"), Column("to_address", "to whom", Sort.ADDRESS)),
            *(
                Column("to_name", "to whom", Sort.NAME),
                Column("event", "id of the event"),
                Column("state", "its state"),
            ),
            *(Column("created_at", "when it was owed, UTC"), Column("sent_at", "when it left, UTC")),
            Column("facts", "JSON: what it said", Sort.FACTS),
        ),
        _letters,
    ),
    Sheet(
        "remarks",
        "What offices wrote to one another in that time, and invited people to them.",
        (
            *(Column("subject", "id of the event or the request"), Column("at", "UTC")),
            *(Column("office", "slug, in whose name"), Column("name", "who wrote", Sort.NAME)),
            Column("words", "what was written", Sort.TEXT),
        ),
        _remarks,
    ),
    Sheet("mail", "Mail that came in in that time, without the mails themselves.", mail_sheets.COLUMNS, _mail),
    Sheet(
        "audit",
        "The log of who did what in that time.",
        (
            *(Column("at", "UTC"), Column("actor", "a role or an id"), Column("verb", "what was done")),
            *(Column("subject_kind", "to what"), Column("subject", "its id or slug", Sort.TEXT)),
            Column("changes", "JSON: field, before and after, or digests", Sort.FACTS),
            Column("values", "JSON: words and names behind the digests, while they are kept", Sort.NOTE),
        ),
        _audit,
    ),
    Sheet(
        "outside_parties",
        "Other houses that took part in bookings, and who took lists with names out.",
        (
            *(Column("at", "UTC"), Column("who", "an organization, a role or an id", Sort.TEXT)),
            *(Column("what", "what they got"), Column("event", "id of the event")),
            *(Column("purpose", "in their words", Sort.NOTE), Column("number", "how many records")),
        ),
        _parties,
    ),
)
