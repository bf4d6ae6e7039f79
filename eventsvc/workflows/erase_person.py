"""Erase one person: her rows say nothing of her any more, and words of others black her name and address out.

Bookings stay as they are, for they are public records; the audit log's entries hold digests and ids only, so its
chain stays valid. Calendars change where her name stood in their words, and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select, update

from eventsvc.core.db import db
from eventsvc.core.errors import NotFound, say, say_many
from eventsvc.domain import audit
from eventsvc.domain.accounts import Actor, Role, absences, ensure_may_run, giving
from eventsvc.domain.accounts.models import Account
from eventsvc.domain.audit import AuditEntry, AuditValue
from eventsvc.domain.directory.models import Expert, Office
from eventsvc.domain.events import lifecycle
from eventsvc.domain.feeds.entries import KEPT_AFTER_END
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.privacy import holds, people
from eventsvc.domain.privacy.columns import PERSON_ROWS, Rows
from eventsvc.domain.privacy.holds import Concern, Held
from eventsvc.domain.privacy.kinds import PERSONAL
from eventsvc.domain.privacy.people import Owned, Person, tables_below
from eventsvc.domain.privacy.record_kind import Sort
from eventsvc.workflows import concerns
from eventsvc.workflows.changing import changing_all
from eventsvc.workflows.export_person import events_of
from eventsvc.workflows.forget_names import forget_account, forget_expert
from eventsvc.workflows.keep_search import claim_events, index_events
from eventsvc.workflows.revise_shown import revise_events_showing

_BYTES = ("raw",)
Mention = tuple[Table, Any, list[str]]


@dataclass(slots=True)
class Erased:
    """How many rows of each table were changed or deleted, and in words what may not be erased."""

    rows: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)


def erase_person(email: str, *, actor: Actor, now: datetime) -> Erased:
    """Erase whoever that address belongs to, in accounts, experts, answers, letters, log values, calendars and words.

    Locks:   the events in whose words she occurs, then search entries and feeds' keys.
    Refuses: SignInNeeded, NotAllowed; NotFound where nothing is known; Held while a legal hold covers any of it;
             WrongState for the last administrator.
    """
    ensure_may_run(actor)
    person = people.find_person(email)
    letters = people.letters_to(person)
    _ensure_not_held(person, letters)
    _let_go(person)
    own = people.own_rows(person)
    person = replace(person, traces=_with_own_words(person, own))
    found = list(people.mentions(person.traces))
    if not (own or letters or found):
        raise NotFound(say("Nothing is known of this address."))
    erased = Erased(kept=_kept(person, own, now))
    about = people.audit_entries_about_records(own)
    hers = {(table, row["id"]) for table, rows in own.items() for row in rows if "id" in row}
    hers |= _empty_letters(letters, erased) | _forget_values(about, erased)
    _black_out(person, [one for one in found if (one[0].name, one[1].id) not in hers], erased, now)
    _forget_own_rows(own, erased)
    _forget_entries(person, erased, now)
    changes = {"rows": (None, dict(sorted(erased.rows.items())))}
    audit.record("erase", "person", _subject(own), actor=actor.name, now=now, changes=changes)
    return erased


def _ensure_not_held(person: Person, letters: Sequence[Message]) -> None:
    standing = holds.standing()
    if not standing:
        return
    hold = next(
        (one for concern in _concerns(person, letters) if (one := holds.first_covering(standing, concern))), None
    )
    if hold is not None:
        raise Held(
            say(
                "Records about this person must be kept for the law’s sake since %(day)s: %(reason)s. "
                "They can be erased once that hold is lifted.",
                day=hold.placed_at.date(),
                reason=hold.reason,
            ),
            hold=str(hold.public_id),
        )


def _concerns(person: Person, letters: Sequence[Message]) -> Iterable[Concern]:
    her = frozenset({person.email})
    yield from concerns.of_accounts(person.account_ids).values()
    for expert in db.session.scalars(select(Expert).where(Expert.id.in_(person.expert_ids))):
        yield concerns.of_expert(expert)
    for event in events_of(person):
        yield replace(concerns.of_event(event), emails=her)
    for concern in concerns.of_letters(letters):
        yield replace(concern, emails=her)


def _let_go(person: Person) -> None:
    """Whom she covers stays away all the same: that row is a colleague's."""
    for account in db.session.scalars(select(Account).where(Account.id.in_(person.account_ids))):
        if any(one.role is Role.ADMINISTRATOR and one.ended_at is None for one in account.grants):
            giving.ensure_another_administrator(account.id)
        absences.uncover(account.id)


def _with_own_words(person: Person, own: Owned) -> people.Traces:
    """Others' letters quote why she could not come and what she wrote: such sentences are hers too."""
    own_words = [row["reason"] for row in own.get("answers", [])] + [row["words"] for row in own.get("remarks", [])]
    sentences = tuple(dict.fromkeys(words for words in own_words if len(words.split()) > 1))
    return replace(person.traces, names=person.traces.names + sentences)


def _kept(person: Person, own: Owned, now: datetime) -> list[str]:
    events = events_of(person)
    said: list[str] = []
    if events:
        said.append(
            say_many(
                "%(num)d booking stays on record as a public record: that it was, when and where, without the name.",
                "%(num)d bookings stay on record as public records: that they were, when and where, without the name.",
                len(events),
            )
        )
    if ahead := [event for event in events if event.ends_at > now and event.holds_resources]:
        said.append(
            say(
                "They are still to come to these events, which need somebody else: %(titles)s.",
                titles="; ".join(f"{event.title} ({event.starts_on})" for event in ahead),
            )
        )
    mailboxes = select(Office.name).where(Office.mailbox.icontains(person.email, autoescape=True)).order_by(Office.id)
    if offices := list(db.session.scalars(mailboxes)):
        said.append(
            say(
                "These offices use the address as their mailbox, and need another one first: %(offices)s.",
                offices="; ".join(offices),
            )
        )
    if entries := people.audit_entries_about(person, own):
        said.append(
            say_many(
                "%(num)d entry of the audit log stays: it is sealed, and holds ids and digests, no names.",
                "%(num)d entries of the audit log stay: they are sealed, and hold ids and digests, no names.",
                len(entries),
            )
        )
    return said


def _empty_letters(letters: Sequence[Message], erased: Erased) -> set[tuple[str, int]]:
    for letter in letters:
        if letter.state in (MessageState.QUEUED, MessageState.LEASED):
            letter.state = MessageState.DROPPED
        letter.to_address, letter.to_name, letter.facts, letter.error = "", "", {}, ""
    _count(erased, "messages", len(letters))
    db.session.flush()
    return {("messages", letter.id) for letter in letters}


def _forget_values(entries: Sequence[AuditEntry], erased: Erased) -> set[tuple[str, int]]:
    ids = [entry.id for entry in entries]
    gone = db.session.execute(delete(AuditValue).where(AuditValue.entry_id.in_(ids)).returning(AuditValue.id)).all()
    _count(erased, "audit_values", len(gone))
    return {("audit_values", row.id) for row in gone}


def _black_out(person: Person, others: Sequence[Mention], erased: Erased, now: datetime) -> None:
    events = [one for one in others if one[0].name == "events"]
    _black_out_events(person, events, now)
    _count(erased, "events", len(events))
    for table, row, columns in others:
        if table.name != "events" and (values := _blacked_out(person, table, row, columns)):
            db.session.execute(update(table).where(table.c.id == row.id).values(**values))
            _count(erased, table.name, 1)
    db.session.expire_all()
    for table, row, columns in others:
        if table.name == "offices" and "name" in columns:
            revise_events_showing(db.session.get_one(Office, row.id), now)


def _blacked_out(person: Person, table: Table, row: Any, columns: Sequence[str]) -> dict[str, Any]:
    values = {}
    for name in columns:
        # An office cannot be without its mailbox: said in `kept`.
        if f"{table.name}.{name}" != "offices.mailbox":
            values[name] = fitting(table, name, people.without(person.traces.pattern, getattr(row, name)))
    # Whoever reads the words without her name must not read the mail itself.
    if table.name == "received_mails":
        return values | dict.fromkeys(_BYTES)
    # Without the salt nobody can try out what the digest in the entry was made of.
    return values | ({"salt": ""} if table.name == "audit_values" else {})


def fitting(table: Table, name: str, value: Any) -> Any:
    """The value, cut to what the column takes."""
    most = getattr(table.c[name].type, "length", None)
    return value[:most] if most and isinstance(value, str) else value


def _black_out_events(person: Person, found: Sequence[Mention], now: datetime) -> None:
    columns = {row.id: (table, names) for table, row, names in found}
    events = claim_events(sorted(columns))
    shown = [event for event in events if event.promised_ends_at > now - KEPT_AFTER_END]
    with changing_all(shown, now):
        for event in events:
            table, names = columns[event.id]
            for name, value in _blacked_out(person, table, event, names).items():
                setattr(event, name, value)
            lifecycle.revise(event, now)
        db.session.flush()
    index_events([event for event in events if event not in shown])


def _forget_own_rows(own: Owned, erased: Erased) -> None:
    """Delete what goes, and empty the words of what stays; accounts and experts themselves come afterwards."""
    for table in reversed(tables_below()):
        rows = own.get(table.name, [])
        if not rows or table.name not in PERSON_ROWS:
            continue
        _count(erased, table.name, len(rows))
        for row in rows:
            one = [column == row[column.name] for column in table.primary_key]
            if PERSON_ROWS[table.name] is Rows.DELETED:
                db.session.execute(delete(table).where(*one))
            elif values := _emptied(table, row):
                db.session.execute(update(table).where(*one).values(**values))
    db.session.expire_all()


def _emptied(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    mine = {name.split(".")[1]: sort for name, sort in PERSONAL.items() if name.split(".")[0] == table.name}
    # A reminder's recipient is a slug, which is exchanged together with the expert's.
    changed = {name: sort for name, sort in mine.items() if name != "recipient" and row[name]}
    return {name: None if name in _BYTES else {} if sort is Sort.FACTS else "" for name, sort in changed.items()}


def _forget_entries(person: Person, erased: Erased, now: datetime) -> None:
    for account in db.session.scalars(select(Account).where(Account.id.in_(person.account_ids))):
        forget_account(account, now)
        _count(erased, "accounts", 1)
    for expert in db.session.scalars(select(Expert).where(Expert.id.in_(person.expert_ids)).order_by(Expert.id)):
        forget_expert(expert, now)
        _count(erased, "experts", 1)


def _subject(own: Owned) -> str:
    return next((str(row["public_id"]) for row in own.get("accounts", [])), "without an account")


def _count(erased: Erased, table: str, number: int) -> None:
    if number:
        erased.rows[table] += number
