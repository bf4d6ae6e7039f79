"""What ends with time: for each kind of record which rows are due, whom they concern, and what is left of them.

How long each kind is kept stands in domain/privacy/kinds.py. What was ended does not match again, so a round that was
broken off goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, cast, delete, or_, select, true, update
from sqlalchemy.orm import joinedload

from eventsvc.core.db import Base, db
from eventsvc.domain.accounts.absences import Absence
from eventsvc.domain.accounts.elsewhere import OnTheWay
from eventsvc.domain.accounts.models import Account, ApiToken, Session, SignIn
from eventsvc.domain.approvals.models import RoomApproval
from eventsvc.domain.audit import AuditEntry, AuditValue
from eventsvc.domain.booking.blocks import Block, Override
from eventsvc.domain.booking.models import Hold, Resource
from eventsvc.domain.directory.models import Expert
from eventsvc.domain.events.models import Event, Series
from eventsvc.domain.feeds import polls
from eventsvc.domain.feeds.models import FeedPoll
from eventsvc.domain.feeds.private import PrivateFeed
from eventsvc.domain.idempotency.keys import IdempotencyKey
from eventsvc.domain.invitations.models import Answer, Invitation
from eventsvc.domain.outbox.letters import SEALED
from eventsvc.domain.outbox.models import Message, MessageState
from eventsvc.domain.privacy.holds import Concern
from eventsvc.domain.privacy.models import Access, AccessedAccount, AccessedExpert
from eventsvc.domain.privacy.people import GONE
from eventsvc.domain.webhooks.models import WebhookDelivery
from eventsvc.workflows import concerns, forget_contacts, retention_of_feedback, retention_of_mail
from eventsvc.workflows import retention_of_requests as ending
from eventsvc.workflows import retention_of_words as words
from eventsvc.workflows.forget_names import forget_account, forget_expert

Rows = Sequence[Any]


class Rule(NamedTuple):
    """`due` selects the rows whose time is over at an instant; `end` ends some of them.

    `is_due` looks again where the database could only look roughly.
    """

    kind: str
    due: Callable[[datetime], Select[Any]]
    concern: Callable[[Rows], Sequence[Concern]]
    end: Callable[[Rows, datetime], None]
    is_due: Callable[[Any], bool] = lambda row: True


def _of_account(rows: Rows) -> list[Concern]:
    known = concerns.of_accounts({row.account_id for row in rows})
    return [known[row.account_id] for row in rows]


def _of_itself(rows: Rows) -> list[Concern]:
    known = concerns.of_accounts({row.id for row in rows})
    return [known[row.id] for row in rows]


def _of_event(id_of: Callable[[Any], int]) -> Callable[[Rows], list[Concern]]:
    def concern(rows: Rows) -> list[Concern]:
        known = concerns.of_events({id_of(row) for row in rows})
        return [known[id_of(row)] for row in rows]

    return concern


def _of_block(rows: Rows) -> list[Concern]:
    query = select(Resource).where(Resource.id.in_({row.resource_id for row in rows}))
    experts = {one.id: one.expert for one in db.session.scalars(query.options(joinedload(Resource.expert)))}
    found = [experts[row.resource_id] for row in rows]
    return [concerns.of_expert(expert) if expert else concerns.UNKNOWN for expert in found]


def _of_value(rows: Rows) -> list[Concern]:
    query = select(AuditEntry).where(AuditEntry.id.in_({row.entry_id for row in rows}))
    entries = {entry.id: entry for entry in db.session.scalars(query)}
    return concerns.of_audit([entries[row.entry_id] for row in rows])


def _of_series(series: Series) -> Concern:
    return Concern(office_ids=frozenset({series.owner_id}))


def _ended(table: type[PrivateFeed | WebhookDelivery]) -> Callable[[datetime], Select[Any]]:
    return lambda before: select(table).where(table.ended_at < before)


def _at(column: str) -> Callable[[Rows], list[Concern]]:
    return lambda rows: [Concern(at=getattr(row, column)) for row in rows]


def _delete(rows: Rows, _: datetime) -> None:
    if rows:
        table = type(rows[0])
        db.session.execute(delete(table).where(table.id.in_([row.id for row in rows])))


def _delete_blocks(rows: Rows, now: datetime) -> None:
    """An expert's time away, and who covered it."""
    covers = Base.metadata.tables["leave_covers"]
    db.session.execute(delete(covers).where(covers.c.block_id.in_([row.id for row in rows])))
    _delete(rows, now)


def _set(**values: Any) -> Callable[[Rows, datetime], None]:
    def end(rows: Rows, _: datetime) -> None:
        if rows:
            table = type(rows[0])
            db.session.execute(update(table).where(table.id.in_([row.id for row in rows])).values(**values))

    return end


def _forget_accounts(rows: Rows, now: datetime) -> None:
    for account in rows:
        forget_account(account, now)


def _forget_experts(rows: Rows, now: datetime) -> None:
    for expert in rows:
        forget_expert(expert, now)


def _delete_accesses(rows: Rows, now: datetime) -> None:
    ids = [row.id for row in rows]
    for table in (AccessedAccount, AccessedExpert):
        db.session.execute(delete(table).where(table.access_id.in_(ids)))
    _delete(rows, now)


_ENDED_LETTERS = Message.state.not_in((MessageState.QUEUED, MessageState.LEASED))
_LETTERS_LEFT = or_(Message.to_address != "", cast(Message.facts, Text) != "{}")
_EMPTY_LETTER: Mapping[str, Any] = {"to_address": "", "to_name": "", "facts": {}, "error": ""}


def _letters(before: datetime, which: ColumnElement[bool]) -> Select[Any]:
    return select(Message).where(_ENDED_LETTERS, _LETTERS_LEFT, Message.created_at < before, which)


RULES: tuple[Rule, ...] = (
    Rule("sign_in_letters", lambda before: select(SignIn).where(SignIn.expires_at < before), _of_account, _delete),
    Rule(
        "sign_in_letters",
        lambda before: _letters(before, Message.letter.in_(SEALED)),
        concerns.of_letters,
        _set(**_EMPTY_LETTER),
    ),
    Rule(
        "ways_there",
        lambda before: select(OnTheWay).where(OnTheWay.expires_at < before),
        _at("expires_at"),
        _delete,
    ),
    Rule(
        "sessions",
        lambda before: select(Session).where(or_(Session.ended_at < before, Session.ends_at < before)),
        _of_account,
        _delete,
    ),
    Rule(
        "tokens",
        lambda before: select(ApiToken).where(or_(ApiToken.ended_at < before, ApiToken.expires_at < before)),
        _of_account,
        _delete,
    ),
    Rule("private_calendars", _ended(PrivateFeed), _at("ended_at"), _delete),
    Rule("webhook_deliveries", _ended(WebhookDelivery), _at("ended_at"), _delete),
    Rule(
        "accounts",
        lambda before: select(Account).where(Account.ended_at < before, Account.name != GONE),
        _of_itself,
        _forget_accounts,
    ),
    Rule(
        "experts",
        lambda before: select(Expert).where(Expert.retired_on < before.date(), Expert.name != GONE),
        lambda rows: [concerns.of_expert(row) for row in rows],
        _forget_experts,
    ),
    Rule(
        "absences",
        lambda before: (
            select(Block)
            .join(Resource, Resource.id == Block.resource_id)
            .where(Resource.expert_id.is_not(None), Block.ends_at < before)
        ),
        _of_block,
        _delete_blocks,
    ),
    Rule("absences", lambda before: select(Absence).where(Absence.ends_at < before), _of_account, _delete),
    Rule(
        "answers",
        lambda before: (
            select(Answer)
            .join(Invitation, Invitation.id == Answer.invitation_id)
            .join(Event, Event.id == Invitation.event_id)
            .where(Event.ends_at < before, Answer.reason != "")
        ),
        lambda rows: _of_event(_event_of_answer(rows))(rows),
        _set(reason=""),
    ),
    Rule(
        "answers",
        lambda before: (
            select(RoomApproval)
            .join(Event, Event.id == RoomApproval.event_id)
            .where(Event.ends_at < before, or_(RoomApproval.reason != "", RoomApproval.reference != ""))
        ),
        _of_event(lambda row: row.event_id),
        _set(reason="", reference=""),
    ),
    Rule(
        "answers",
        lambda before: (
            select(Override)
            .join(Event, Event.id == Override.event_id)
            .where(Event.ends_at < before, Override.reason != "")
        ),
        _of_event(lambda row: row.event_id),
        _set(reason=""),
    ),
    Rule("answers", words.proposals, lambda rows: _of_event(_event_of_answer(rows))(rows), _set(note="", reason="")),
    Rule("remarks", words.remarks_of_events, words.of_remarks, _set(words="")),
    Rule("remarks", words.remarks_of_requests, words.at_their_moment, _set(words="")),
    Rule("mail", retention_of_mail.mails, retention_of_mail.of_mails, _set(**retention_of_mail.EMPTY)),
    Rule("feedback", retention_of_feedback.feedback, retention_of_feedback.of_feedback, _set(comment="")),
    Rule(
        "bookings",
        forget_contacts.events_with_contacts,
        _of_event(lambda row: row.id),
        forget_contacts.forget_in_events,
        forget_contacts.has_contacts,
    ),
    Rule(
        "bookings",
        forget_contacts.series_with_contacts,
        lambda rows: [_of_series(row) for row in rows],
        forget_contacts.forget_in_series,
        forget_contacts.has_contacts_in_title,
    ),
    Rule(
        "bookings",
        forget_contacts.skipped_with_contacts,
        lambda rows: [_of_series(row.series) for row in rows],
        forget_contacts.forget_in_skipped,
        forget_contacts.has_contacts_in_plan,
    ),
    Rule(
        "holds",
        lambda before: select(Hold).where(
            Hold.hold_until < before, or_(Hold.note != "", cast(Hold.wish, Text) != "{}")
        ),
        _at("created_at"),
        _set(note="", wish={}),
    ),
    Rule("requests", ending.requests, ending.of_requests, _set(**ending.EMPTY_REQUEST)),
    Rule("requests", ending.offers, ending.of_offers, _set(**ending.EMPTY_OFFER)),
    Rule("requests", ending.approvals, ending.of_approvals, _set(**ending.EMPTY_APPROVAL)),
    Rule("letters", lambda before: _letters(before, true()), concerns.of_letters, _set(**_EMPTY_LETTER)),
    Rule(
        "audit_values",
        lambda before: select(AuditValue).join(AuditEntry).where(AuditEntry.at < before),
        _of_value,
        _delete,
    ),
    Rule("access_log", lambda before: select(Access).where(Access.at < before), _at("at"), _delete_accesses),
    Rule(
        "fetches_of_calendars",
        lambda before: select(FeedPoll).where(FeedPoll.last_at <= before),
        lambda rows: [Concern(at=row.last_at) for row in rows],
        lambda rows, now: polls.forget([(row.key, row.family) for row in rows]),
    ),
    Rule(
        "kept_answers",
        lambda before: select(IdempotencyKey).where(IdempotencyKey.claimed_at <= before),
        lambda rows: [Concern(at=row.claimed_at) for row in rows],
        _delete,
    ),
)


def _event_of_answer(rows: Rows) -> Callable[[Any], int]:
    query = select(Invitation.id, Invitation.event_id).where(Invitation.id.in_({row.invitation_id for row in rows}))
    events = {row.id: row.event_id for row in db.session.execute(query)}
    return lambda row: events[row.invitation_id]
