"""Everything that is held on one person, for herself or for whoever answers her: JSON, and her events as a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say
from eventsvc.core.links import Links
from eventsvc.core.times import iso
from eventsvc.domain.accounts import Actor, ensure_may_run, may_run
from eventsvc.domain.accounts.roles import Scope
from eventsvc.domain.audit import AuditValue
from eventsvc.domain.events.lookup import WHOLE
from eventsvc.domain.events.models import Event
from eventsvc.domain.events.seats import Seat
from eventsvc.domain.feeds.entries import entry_of
from eventsvc.domain.invitations.models import Invitation
from eventsvc.domain.privacy import people
from eventsvc.domain.privacy.people import Owned, Person
from eventsvc.ical import writer
from eventsvc.ical.entry import CalendarHead
from eventsvc.workflows.keep_access_log import accesses_to, note_access

# Digests of credentials: worth nothing to her, and nothing to be carried about.
_SECRETS = frozenset({"digest", "digest_before", "hash", "salt"})
_NOBODY = say("Nothing is known of this address.")


@dataclass(frozen=True, slots=True)
class Exported:
    """What is known, JSON-ready, and the calendar of what she takes part in."""

    document: dict[str, Any]
    calendar: bytes


def export_person(email: str, *, purpose: str, links: Links, actor: Actor, now: datetime) -> Exported:
    """All rows that are hers, letters to her, log entries about her, and every row in whose words she occurs.

    She herself is told in which tables that is; the rows are others' (letters, drafts, legal holds), and administrators
    look at them before they hand any out.

    Refuses: SignInNeeded and NotAllowed to everybody but administrators and herself, also by a token of hers that may
             manage; NotFound where nothing is known; InvalidInput without a purpose.
    """
    person = people.find_person(email)
    if not _is_herself(actor, person):
        ensure_may_run(actor)
    events = events_of(person)
    document = _document(person, events, now, with_others_rows=may_run(actor))
    if not document["records"] and not document["mentions"]:
        raise NotFound(_NOBODY)
    number = sum(map(len, document["records"].values())) + len(document["mentions"])
    note_access(
        "everything on a person",
        purpose=purpose,
        number=number,
        account_ids=person.account_ids,
        expert_ids=person.expert_ids,
        actor=actor,
        now=now,
    )
    head = CalendarHead(name="Events", url=links.to("/"))
    return Exported(document, writer.write(head, [entry_of(event, links) for event in events]))


def _is_herself(actor: Actor, person: Person) -> bool:
    is_wide = actor.scopes is None or Scope.MANAGE in actor.scopes
    return is_wide and actor.account_id is not None and actor.account_id in person.account_ids


def events_of(person: Person) -> list[Event]:
    """What she takes, took or was asked to take part in, by its start."""
    seated = select(Seat.event_id).where(Seat.expert_id.in_(person.expert_ids))
    asked = select(Invitation.event_id).where(Invitation.expert_id.in_(person.expert_ids))
    query = select(Event).where(Event.id.in_(seated.union(asked))).options(*WHOLE)
    return list(db.session.scalars(query.order_by(Event.starts_at, Event.id)))


def _document(person: Person, events: Iterable[Event], now: datetime, *, with_others_rows: bool) -> dict[str, Any]:
    own = people.own_rows(person)
    records = {table: [_plain(row) for row in rows] for table, rows in own.items()} | _beside(person, own)
    found = _mentions(person, records)
    return {
        "email": person.email,
        "exported_at": iso(now),
        "events": [{"id": str(one.public_id), "title": one.title, "starts_at": iso(one.starts_at)} for one in events],
        "names_taken_out": [
            {"at": iso(one.at), "by": one.by, "records": one.records, "purpose": one.purpose, "number": one.number}
            for one in accesses_to(person)
        ],
        "records": {table: rows for table, rows in records.items() if rows},
        "mentions": found if with_others_rows else _where(found),
    }


def _beside(person: Person, own: Owned) -> dict[str, list[dict[str, Any]]]:
    """What belongs to her without a foreign key that says so."""
    entries = people.audit_entries_about(person, own)
    ids = [entry.id for entry in entries]
    values = db.session.scalars(select(AuditValue).where(AuditValue.entry_id.in_(ids)).order_by(AuditValue.id))
    return {
        "messages": [_row(letter) for letter in people.letters_to(person)],
        "audit_entries": [_row(entry) for entry in entries],
        "audit_values": [_row(value) for value in values],
        "search_entries": [_row(entry) for entry in people.search_entries_of(person)],
    }


def _mentions(person: Person, records: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    hers = {(table, row["id"]) for table, rows in records.items() for row in rows if "id" in row}
    return [
        {"table": table.name, "columns": columns, "row": _plain(row._mapping)}
        for table, row, columns in people.mentions(person.traces)
        if (table.name, row.id) not in hers
    ]


def _where(mentions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"table": one["table"], "columns": one["columns"]} for one in mentions]


def _row(thing: Any) -> dict[str, Any]:
    return _plain({column.key: getattr(thing, column.key) for column in type(thing).__mapper__.column_attrs})


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): plain_value(value) for name, value in row.items() if str(name) not in _SECRETS}


def plain_value(value: Any) -> Any:
    """A column's value as JSON has it."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")  # a mail, as it came in
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat()
    return str(value) if isinstance(value, date | UUID) else value
